import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { KeptLab } from './kept-lab.ts';

/* What was seen before the first byte is kept: a look after the event compares with it, as the run itself would have. */

const test = suite('as before: a later look at a unit that waited');

const SENSORS = (more = ''): string =>
  `health: { elements: [{ type: temperature, status: [ok, ok]${more} }] }`;

const lab = (revision: string, words: string, drives = ''): string => `lab: v1
images:
  - { name: t.bin, bytes: 64KiB, rule: standard, revision: '0107' }
devices:
  - persona: ses-shelf
    revision: '${revision}'
    serial: T1
    paths: [{ node: sg1, adapter: 6, behind: [shelf] }]
    ${words}
${drives}`;

const PLAYBOOK = `runbook: v1
name: shelf
plays:
  - name: shelf
    match: { type: enclosure, vendor: LAB, product: '*', revision: ['0100'] }
    firmware: { file: t.bin, sha256: a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97, revision: '0107' }
    download: { via: ses, mode: dmc_offs_save, bpw: 4096 }
    activate: [power-cycle]
    verify: { within: 20s }
strategy: { redundancy: outage-accepted }
`;

/** A shelf that waits for its power cycle, and has got it. */
async function cycled(words: string, drives?: string): Promise<KeptLab> {
  const host = new KeptLab(lab('0100', words, drives));
  const first = await host.apply(PLAYBOOK);
  assert.equal([first.exit, first.outcomes], ['PENDING', ['pending']]);
  await host.powerCycle('sg1');
  return host;
}

test('a part of its enclosure that is worse with the new code makes it degraded, until the part is well', async () => {
  const host = await cycled(SENSORS(', afterwards: [ok, critical]'));
  const first = await host.told('verify');
  assert.equal([first.exit, first.outcomes, first.codes], ['FAILED', ['degraded'], ['health-worse']]);
  const again = await host.told('verify');
  assert.equal([again.exit, again.outcomes, again.codes], ['FAILED', ['degraded'], ['health-worse']]);
  const run = await host.apply(PLAYBOOK);
  assert.equal([run.exit, run.outcomes, run.codes], ['FAILED', ['degraded'], ['health-worse']]);
  await host.rebuild(lab('0107', SENSORS()));
  const well = await host.told('verify');
  assert.equal([well.exit, well.outcomes], ['OK', ['updated']]);
  host.remove();
});

test('parts that need their time after the power cycle are waited for', async () => {
  const host = await cycled(SENSORS(', meanwhile: [critical, critical], settles: 15s'));
  assert.equal((await host.told('verify')).outcomes, ['updated']);
  host.remove();
});

test('what was bad before may be bad afterwards, where the playbook did not ask', async () => {
  const host = new KeptLab(lab('0100', SENSORS(', afterwards: [ok, critical]')));
  const ignoring = PLAYBOOK.replace('outage-accepted', 'outage-accepted, health: ignore');
  assert.equal((await host.apply(ignoring)).outcomes, ['pending']);
  await host.powerCycle('sg1');
  assert.equal((await host.told('verify')).outcomes, ['updated']);
  host.remove();
});

const DRIVES = `  - { persona: disk, revision: '0001', count: 2, paths: [{ adapter: 6, behind: [shelf] }] }
`;

test('a drive behind it that does not come back makes it degraded', async () => {
  const host = await cycled(`${SENSORS()}\n    restart: { lost-paths: 1 }`, DRIVES);
  const first = await host.told('verify');
  assert.equal([first.exit, first.outcomes, first.codes], ['FAILED', ['degraded'], ['paths-missing']]);
  await host.rebuild(lab('0107', SENSORS(), DRIVES));
  assert.equal((await host.told('verify')).outcomes, ['updated']);
  host.remove();
});

test.run();
