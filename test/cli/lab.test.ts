import * as assert from 'uvu/assert';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { runJson } from './document.ts';

// What needs a kernel with TCMU is tested in test/kernel: nothing here may attach a device to the machine of the test.
const test = suite('lab commands');

test('without a word the group names its commands', async () => {
  const { exitCode, stderr } = await runbook(['lab']);
  assert.is(exitCode, 2);
  assert.match(stderr, /next: Give one of up, down, status, power-cycle; see runbook lab --help\./);
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

test.run();
