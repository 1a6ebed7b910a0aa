import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { KeptLab } from './kept-lab.ts';

const test = suite('images that are not saved');

const LAB = `lab: v1
images:
  - { name: t.bin, bytes: 64KiB, rule: standard, revision: '0107' }
devices:
  - { persona: ses-shelf-immediate, node: sg1, revision: '0100', serial: T1 }
`;

const playbook = (download: string): string => `runbook: v1
name: shelf
plays:
  - name: shelf
    match: { type: enclosure, vendor: LAB, product: '*', revision: ['0100'] }
    firmware: { file: t.bin, sha256: a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97, revision: '0107' }
    download: { via: ses, bpw: 4096, ${download} }
    activate: [wait-ready: 2m]
`;

const host = new KeptLab(LAB);
test.after(() => host.remove());

test('a playbook that does not accept it is not valid, and nothing is sent', async () => {
  const { document } = await host.apply(playbook('mode: dmc_offs'));
  assert.is(document.exit.name, 'INVALID');
  assert.equal(
    document.diagnostics.map(({ code }) => code),
    ['not-saved'],
  );
  assert.is(await host.shows('sg1'), '0100');
});

test('plan and report say that the unit loses it; the unit is updated', async () => {
  const accepted = host.file('accepted.yml', playbook('mode: dmc_offs, not-saved: accepted'));
  assert.match(
    (await host.run('plan', accepted)).stdout,
    /^ +NOT SAVED: the unit loses the image at its next power cycle/m,
  );
  const { exitCode, stdout } = await host.run('apply', accepted, '--yes');
  assert.is(exitCode, 0, stdout);
  assert.match(stdout, /^sg1 updated: runs 0107 until its next power cycle: the image is not saved$/m);
});

test('the old revision after the power cycle is not a bad end: the image is sent again without --retry', async () => {
  await host.powerCycle('sg1');
  assert.is(await host.shows('sg1'), '0100');
  const again = await host.apply(playbook('mode: dmc_offs, not-saved: accepted'));
  assert.equal([again.exit, again.outcomes], ['OK', ['updated']]);
});

test('a playbook that saves it sends it again, and the unit keeps it', async () => {
  const saving = host.file('saving.yml', playbook('mode: dmc_offs_save'));
  assert.match((await host.run('plan', saving)).stdout, /sent without saving it: it gets the image again/);
  assert.equal((await host.apply(playbook('mode: dmc_offs_save'))).outcomes, ['updated']);
  await host.powerCycle('sg1');
  assert.is(await host.shows('sg1'), '0107');
  assert.equal((await host.apply(playbook('mode: dmc_offs_save'))).outcomes, ['current']);
});

test.run();
