import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { KeptLab } from './kept-lab.ts';

const test = suite('second runs: what is remembered is told');

const lab = (first: string): string => `lab: v1
images:
  - { name: img.bin, bytes: 64KiB, rule: standard, revision: '2.10' }
devices:
  - { persona: hp-sas-expander, node: sg1, revision: '2.08', serial: S1, sas-address: '0x50014380abc00040'${first} }
  - { persona: hp-sas-expander, node: sg2, revision: '2.08', serial: S2, sas-address: '0x50014380abc00080' }
`;

const PLAYBOOK = `runbook: v1
name: cards
plays:
  - name: cards
    match: { type: enclosure, vendor: HP, product: HP SAS EXP Card, revision: ['2.08'] }
    firmware: { file: img.bin, sha256: a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97, revision: '2.10' }
    download: { via: write-buffer, mode: dmc_offs_defer, bpw: 4096 }
    activate: [activate_mc, wait-ready: 5s]
    verify: { within: 5s }
strategy: { max-failures: 2 }
`;

test('a unit that shows its old revision again has fallen back: refused until a person says --retry', async () => {
  const host = new KeptLab(lab(''));
  await host.told('devices', '--probe');
  const before = host.units();
  assert.ok(before);
  const first = await host.apply(PLAYBOOK);
  assert.equal(first.outcomes, ['updated', 'updated']);
  const seen = await host.apply(PLAYBOOK);
  assert.equal([seen.exit, seen.outcomes], ['OK', ['current', 'current']]);
  host.become(before);
  const again = await host.apply(PLAYBOOK);
  assert.equal([again.exit, again.codes], ['REFUSED', ['fell-back', 'fell-back']]);
  const run = ({ document }: typeof first): string => (document as unknown as { readonly run: string }).run;
  const { devices } = again.document as unknown as {
    readonly devices: readonly { readonly reason: string }[];
  };
  for (const { reason } of devices) {
    assert.match(reason, `run ${run(first)} brought it`);
    assert.match(reason, `and run ${run(seen)} saw it there last`);
  }
  const once = await host.apply(PLAYBOOK, '--retry');
  assert.equal([once.exit, once.outcomes], ['OK', ['updated', 'updated']]);
  host.remove();
});

test('a unit that was lost is told of until it is back, or a person closes it', async () => {
  const host = new KeptLab(lab(', restart: { leaves: { for: 1h } }'));
  const first = await host.apply(PLAYBOOK);
  assert.equal([first.exit, first.outcomes], ['LOST', ['lost', 'updated']]);
  // It is not there any more: the same host without it.
  await host.rebuild(
    lab('')
      .replace(/^.*node: sg1.*\n/m, '')
      .replace("'2.08', serial: S2", "'2.10', serial: S2"),
  );
  const plan = await host.told('plan', host.file('playbook.yml', PLAYBOOK));
  assert.equal([plan.exit, plan.codes], ['LOST', ['still-away']]);
  const second = await host.apply(PLAYBOOK);
  assert.equal([second.exit, second.outcomes, second.codes], ['LOST', ['current', 'lost'], ['still-away']]);
  const only = await host.apply(PLAYBOOK, '--only', 'sg2');
  assert.equal([only.exit, only.outcomes], ['OK', ['current']]);
  const verified = await host.told('verify');
  assert.equal([verified.exit, verified.outcomes], ['LOST', ['lost']]);
  const accepted = await host.run(
    'verify',
    '--accept',
    'naa.50014380abc00040',
    '--because',
    'taken out of service',
  );
  assert.is(accepted.exitCode, 0, accepted.stdout + accepted.stderr);
  const third = await host.apply(PLAYBOOK);
  assert.equal([third.exit, third.outcomes], ['OK', ['current']]);
  host.remove();
});

test('a second run does not get round a canary that waits; when it is proven, all others follow', async () => {
  const another =
    "  - { persona: hp-sas-expander, node: sg3, revision: '2.08', serial: S3, sas-address: '0x50014380abc000c0' }";
  const host = new KeptLab(`${lab('')}${another}\n`);
  const staged = PLAYBOOK.replace(/^    activate:.*\n/m, '').replace('max-failures: 2', 'canary: 1');
  const first = await host.apply(staged);
  assert.equal([first.exit, first.outcomes], ['HALTED', ['pending', 'skipped', 'skipped']]);
  for (const options of [[], ['--only', 'sg2']]) {
    const plan = await host.told('plan', host.file('playbook.yml', staged), ...options);
    const again = await host.apply(staged, ...options);
    assert.equal([plan.exit, again.exit], ['HALTED', 'HALTED']);
    assert.is(plan.outcomes[1], 'skipped');
    assert.ok(again.outcomes.includes('skipped') && !again.outcomes.includes('updated'));
    assert.ok(again.codes.includes('canary-failed'));
  }
  await host.powerCycle('sg1');
  const third = await host.apply(staged);
  assert.equal([third.exit, third.outcomes], ['PENDING', ['current', 'pending', 'pending']]);
  host.remove();
});

test.run();
