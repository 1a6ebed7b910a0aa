import * as assert from 'uvu/assert';
import { runbook } from '../support/child.ts';
import { Fleet, fleetSuite } from './rig.ts';

const { test, it, fleet } = fleetSuite('upgrades of a fleet', () => new Fleet(6));

it('check mode shows the work and writes nothing; a second run changes nothing', async () => {
  fleet().lab('h1', 'good');
  const check = await fleet().upgrade('h1', {}, '--check', '--diff').end;
  assert.equal([check.exitCode, check.host('h1').changed], [0, true], check.out);
  assert.match(check.out, /-naa\.50014380abc01040 .* 2\.08\n/);
  assert.match(check.out, /\+naa\.50014380abc01040 .* 2\.10\n/);
  assert.equal(fleet().jobs('h1'), []);

  const first = await fleet().upgrade('h1').end;
  assert.equal([first.exitCode, first.recap('h1').changed], [0, 1], first.out);
  assert.equal(first.host('h1').outcomes, { updated: ['naa.50014380abc01040', 'naa.50014380abc01080'] });
  const second = await fleet().upgrade('h1').end;
  assert.equal([second.exitCode, second.recap('h1').changed], [0, 0], second.out);
  // Taken, so forgotten.
  assert.equal(fleet().jobs('h1'), []);
});

it('exit codes: what a host cannot do is its own, and is told with the next step', async () => {
  const kinds = { h1: 'refused', h2: 'none', h3: 'frozen', h4: 'mute', h5: 'lost', h6: 'good' } as const;
  for (const [name, kind] of Object.entries(kinds)) fleet().lab(name, kind);
  const played = await fleet().upgrade('storage').end;
  const seen = Object.keys(kinds).map((name) => {
    const { exit, failed = false, changed } = played.host(name);
    return [kinds[name as keyof typeof kinds], exit?.code, failed, changed];
  });
  assert.equal(
    seen,
    [
      ['refused', 4, true, false],
      ['none', 10, false, false],
      ['frozen', 9, true, true],
      ['mute', 12, true, true],
      ['lost', 8, true, true],
      ['good', 0, false, true],
    ],
    played.out,
  );
  const { msg, frozen } = played.host('h3');
  assert.match(msg, /DO NOT RESET OR POWER OFF/);
  assert.equal(frozen, ['naa.50014380abc03040']);

  // Who lost the answer learns it from the next one.
  const again = await fleet().upgrade('h3', {}, '--check').end;
  assert.equal(
    [again.host('h3').exit?.code, again.host('h3').frozen],
    [9, ['naa.50014380abc03040']],
    again.out,
  );
});

it('a unit that waits for a power cycle is not a failure, and the facts say what to do', async () => {
  fleet().lab('h1', 'shelf');
  const played = await fleet().upgrade('h1', { playbook: fleet().at('shelf.yml') }).end;
  const { exit, pending, ansible_facts: facts } = played.host('h1');
  assert.equal([played.exitCode, exit?.code, pending?.length], [0, 6, 1], played.out);
  assert.match(facts!.runbook_firmware.advice, /wait for an event/);
});

it('a host that falls silent beside a frozen one: both fail, and no other batch is written', async () => {
  for (const name of ['h1', 'h4', 'h5', 'h6']) fleet().lab(name, 'good');
  fleet().lab('h2', 'frozen');
  fleet().lab('h3', 'slow');
  const playing = fleet().collectionPlay('rolling_upgrade', {
    firmware_hosts: 'storage',
    firmware_batch_sizes: [1, 2, 3],
    firmware_silence: 15,
  });
  await fleet().untilWriting('h3', playing);
  fleet().link('h3', 'down');
  const played = await playing.end;
  fleet().link('h3', 'up');
  assert.not.equal(played.exitCode, 0);
  assert.equal(
    [played.recap('h2').failed, played.recap('h3').failed, played.recap('h3').unreachable],
    [1, 1, 0],
    played.out,
  );
  for (const name of ['h4', 'h5', 'h6']) assert.equal(fleet().jobs(name), [], name);
  assert.not.match(played.out, /changed: \[h[456]\].*\n.*PLAY RECAP/);
  for (const name of ['h4', 'h5', 'h6']) assert.equal(played.recap(name).failed, 0);
});

it('two heads of one shelf are never in one batch, and a host without work is not the canary', async () => {
  fleet().lab('h1', 'none');
  fleet().sharedLab(['h2', 'h3'], 'good');
  fleet().lab('h4', 'good');
  const played = await fleet().collectionPlay('rolling_upgrade', {
    // As the page about many hosts has it: from the folder in which Ansible is started.
    firmware_playbook: 'cards.yml',
    firmware_bundle: 'dist',
    firmware_hosts: 'h1,h2,h3,h4',
    firmware_batch_sizes: [3],
    firmware_report_dir: 'reports',
  }).end;
  assert.is(played.exitCode, 0, played.out);
  const batches = played.out.split('PLAY [Upgrade]').slice(1);
  const hosts = batches.map((batch) =>
    [...new Set([...batch.matchAll(/^(?:ok|changed): \[(h\d)\]/gm)].map(([, name]) => name))].sort(),
  );
  assert.equal(hosts, [['h2', 'h4'], ['h3']]);

  const files = ['h1', 'h2', 'h3', 'h4'].map((name) => fleet().at(`reports/${name}.json`));
  const joined = await runbook(['report', ...files]);
  assert.match(joined.stdout, /^4 hosts: /);
  assert.match(joined.stdout, /^h2 +0 \(OK\) +2 updated/m);
});

it('one plan of all hosts, reviewed on the controller, is what each of them obeys', async () => {
  for (const name of ['h1', 'h2']) fleet().lab(name, 'good');
  const inventory = fleet().at('inventory');
  const recorded = await fleet().collectionPlay('record', {
    firmware_hosts: 'h1,h2',
    firmware_inventory: inventory,
  }).end;
  assert.is(recorded.exitCode, 0, recorded.out);
  const planFile = fleet().at('fleet.plan.json');
  const reviewed = await runbook([
    ...['plan', fleet().at('cards.yml'), '--lab', fleet().at('hosts/h1/lab/lab.yml'), '--format', 'json'],
    ...['--out', planFile, '--inventory', `${inventory}/h1.json`, `${inventory}/h2.json`],
  ]);
  const { digest } = JSON.parse(reviewed.stdout) as { digest: string };
  // It has become another one since.
  fleet().lab('h2', 'refused');
  const wrong = await fleet().upgrade('h1', { playbook: planFile, digest: '0'.repeat(64) }).end;
  assert.equal([wrong.host('h1').failed, wrong.host('h1').changed], [true, false], wrong.out);
  const played = await fleet().upgrade('h1,h2', { playbook: planFile, digest }).end;
  const { exit, outcomes } = played.host('h1');
  assert.equal([exit?.code, outcomes?.['updated']?.length], [0, 2], played.out);
  const { failed, changed } = played.host('h2');
  assert.equal([failed, changed], [true, false], played.out);
});

test.run();
