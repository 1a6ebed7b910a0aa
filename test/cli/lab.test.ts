import * as assert from 'uvu/assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { runJson } from './document.ts';

// What needs a kernel with TCMU is tested in test/kernel: nothing here may attach a device to the machine of the test.
const test = suite('lab commands');

test('without a word the group shows its commands', async () => {
  const { exitCode, stderr } = await runbook(['lab']);
  assert.is(exitCode, 2);
  for (const name of ['up', 'down', 'status', 'power-cycle']) assert.match(stderr, `\n  ${name} `);
});

for (const option of ['--lab', '--lab-state', '--trace']) {
  test(`refuses ${option}, which speaks of the host that a command works on`, async () => {
    const { document } = await runJson(['lab', 'up', 'x.yml', option, '/does/not/exist/x']);
    assert.is(document.exit.name, 'USAGE');
    assert.match(document.error!.message, new RegExp(`does not take ${option}$`));
  });
}

test('reads the lab file before it asks for anything of the machine', async () => {
  const { exitCode, stderr } = await runbook(['lab', 'up', 'no-such-lab.yml']);
  assert.is(exitCode, 3);
  assert.match(stderr, /no-such-lab\.yml: error: there is no such file/);
});

test('lab down takes one lab or all of them', async () => {
  if (process.getuid?.() !== 0) return; // refused before: only root can see labs
  const { exitCode, stderr } = await runbook(['lab', 'down', 'x.yml', '--all']);
  assert.is(exitCode, 2);
  assert.match(stderr, /lab down takes a lab or --all/);
});

test('a device that no lab has is refused with a next step', async () => {
  const { document } = await runJson(['lab', 'power-cycle', 'no-such-device']);
  assert.equal(document.exit, { code: 4, name: 'REFUSED' });
  assert.ok(document.error!.next !== '');
});

test('power-cycle takes the power from a device of a lab file, whose state is kept', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-lab-'));
  try {
    const lab = [
      '--lab',
      inProject('playbooks/ses-shelf.lab.yml'),
      '--lab-state',
      path.join(folder, 'state'),
    ];
    const revisions = async (): Promise<string[]> => {
      const { document } = await runJson(['devices', '--probe', ...lab]);
      return document.devices!.map((device) => (device as unknown as { revision: string }).revision);
    };
    const playbook = inProject('playbooks/ses-shelf.yml');
    assert.is(
      (await runJson(['apply', playbook, '--yes', '--only', 'sg1', ...lab])).document.exit.name,
      'PENDING',
    );
    assert.equal(await revisions(), ['0100', '0100', '0107']);
    assert.is((await runJson(['lab', 'power-cycle', 'sg2', ...lab])).document.exit.name, 'OK');
    assert.equal(await revisions(), ['0100', '0100', '0107'], 'another one');
    const { stdout } = await runbook(['lab', 'power-cycle', 'SHELF0001', ...lab]);
    assert.match(stdout, /^\/dev\/sg1 .* 0107 /);
    assert.equal(await revisions(), ['0107', '0100', '0107']);
    // Neither an apply that sent nothing nor a verify that settled nothing is the run to look at.
    const again = await runbook(['apply', playbook, '--yes', '--only', 'sg3', ...lab]);
    assert.is(again.exitCode, 0, again.stderr);
    assert.match((await runbook(['verify', 'last', ...lab])).stdout, /0107 +updated/);
    assert.match((await runbook(['verify', 'last', ...lab])).stdout, 'nothing to verify: no unit waits');
    const { document } = await runJson(['lab', 'power-cycle', 'sg9', ...lab]);
    assert.is(document.exit.name, 'REFUSED');
    assert.match(document.error!.message, 'has no device sg9');
    assert.is((await runJson(['lab', 'power-cycle', 'sg1', ...lab.slice(0, 2)])).document.exit.name, 'USAGE');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
