import * as assert from 'uvu/assert';
import { withoutText } from '../../../../src/base/facts.ts';
import { refusal } from '../../../../src/base/refusal.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { goesOnWithoutPartners, whyPartners } from '../../../../src/run/guards/partners.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { suite } from '../../../support/suite.ts';
import { factsOf, playOf } from '../builders.ts';
import type { PlayFields } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import { ENCLOSURE, isModule } from '../modules.ts';

const test = suite('run/partners');

const moduleOf = (n: number, process: number, fields: Partial<DeviceFacts> = {}): DeviceFacts => {
  const module = { logicalIdentifier: ENCLOSURE, relativeProcessId: process, processCount: 2 };
  return factsOf(n, { enclosures: [module] as unknown as NonNullable<DeviceFacts['enclosures']>, ...fields });
};

type Strategy = Parameters<typeof whyPartners>[3]['strategy'];
const REQUIRED: Strategy = { redundancy: 'required', proceedWithout: [] };
const problem = (
  partner: DeviceFacts | null,
  strategy: Strategy = REQUIRED,
  play: PlayFields = {},
): string | null => {
  const unit = moduleOf(1, 1);
  const resolved = playOf(play);
  const all = partner === null ? [unit] : [unit, partner];
  return whyPartners(unit, all, resolved, { strategy, plays: [resolved] })?.code ?? null;
};

test('a partner that answers and runs a listed revision, or the target, is not an obstacle', () => {
  assert.is(problem(moduleOf(2, 2)), null);
  assert.is(problem(moduleOf(2, 2, { revision: '2.10' })), null);
});

test('a partner of a revision that nobody listed is an obstacle, unless every revision is taken', () => {
  const partner = moduleOf(2, 2, { revision: '1.52' });
  assert.is(problem(partner), 'partner-revision-unknown');
  assert.is(problem(partner, REQUIRED, { match: { revision: ['*'] } }), null);
});

test('an alias of a listed revision is known', () => {
  const { verify } = playOf();
  const aliases = { '0152': '2.08' };
  assert.is(
    problem(moduleOf(2, 2, { revision: '0152' }), REQUIRED, { verify: { ...verify, aliases } }),
    null,
  );
});

test('a partner that cannot be identified is an obstacle', () => {
  const partner = moduleOf(2, 2, { problem: refusal('answer-lost', { what: 'two serial numbers' }) });
  assert.is(problem(partner), 'partner-unwell');
});

test('a partner that is not seen is an obstacle, unless the outage is accepted', () => {
  assert.is(problem(null), 'partner-away');
  assert.is(problem(null, { ...REQUIRED, redundancy: 'outage-accepted' }), null);
  assert.is(problem(moduleOf(2, 1)), 'partner-away');
});

test('a unit that is there and cannot be asked which module it is: not one that is away', () => {
  const why = refusal('answer-lost', { what: 'a lost answer' });
  const silent = factsOf(2, { deviceType: 0x0d, enclosures: null, unreadable: [{ fact: 'ses-01h', why }] });
  const unit = moduleOf(1, 1);
  const play = playOf();
  const asked = (other: DeviceFacts, strategy = REQUIRED) =>
    whyPartners(unit, [unit, other], play, { strategy, plays: [play] });
  const refused = asked(silent)!;
  assert.is(refused.code, 'partner-unasked');
  assert.match(refused.message, /diagnostic page 01h .* a lost answer/);
  assert.match(refused.next, /proceed-without: \[ses-01h\]/);
  assert.not.match(refused.next, /outage-accepted/);
  const without: Strategy = { ...REQUIRED, proceedWithout: ['ses-01h'] };
  assert.is(asked(silent, without), null);
  const goesOn = (all: readonly DeviceFacts[], strategy = without): string[] =>
    goesOnWithoutPartners(unit, all, strategy).map(withoutText);
  assert.match(
    goesOn([unit, silent])[0]!,
    /^goes on without diagnostic page 01h .*\(of .*sg2: a lost answer\)/,
  );
  assert.equal(goesOn([unit, silent], REQUIRED), [], 'it is refused');
  assert.equal(goesOn([unit, silent], { ...without, redundancy: 'outage-accepted' }), [], 'nobody asks');
  assert.equal(goesOn([unit, moduleOf(3, 2), silent]), [], 'both modules are known');
  const busy = factsOf(2, { deviceType: 0x0d, enclosures: null, problem: why });
  assert.is(asked(busy)!.code, 'partner-unasked');
  assert.is(asked(factsOf(2, { deviceType: 0x0d, enclosures: null }))!.code, 'partner-away');
});

test('a partner of another product, and a unit without page 01h, are left to others', () => {
  assert.is(problem(moduleOf(2, 2, { product: 'OTHER', revision: '9.99' })), null);
  const rules = { strategy: REQUIRED, plays: [playOf()] };
  assert.is(whyPartners(factsOf(1), [factsOf(1)], playOf(), rules), null);
});

test('a shelf with a module of an unknown revision is left alone as a whole', async () => {
  const { outcomes, devices } = await runLab({
    devices: [{}, { revision: '1.52' }, {}],
    strategy: { onRefusal: 'skip' },
    arrange: (all) => [1, 2].forEach((process, n) => isModule(all[n]!, { process })),
  });
  assert.is(outcomes, 'refused refused updated');
  assert.equal(devices.slice(0, 2).flatMap(sentTo), []);
});

const shelf = (all: readonly SimulatedDevice[]): void =>
  all.forEach((device, n) => isModule(device, { process: n + 1 }));

test('partner-sync: the first module is finished when the partner has followed, and the partner is current then', async () => {
  const { outcomes, devices } = await runLab({
    devices: [{ latency: '1ms' }, { latency: '1ms' }],
    strategy: { partnerSync: 'up' },
    arrange: shelf,
    onEvent: (event, _stop, [, partner]) => {
      if (event.type === 'waiting' && event.what.startsWith('revision')) partner!.shownRevision = '2.10';
    },
  });
  assert.is(outcomes, 'updated current');
  assert.equal(sentTo(devices[1]!), []);
});

test('partner-sync: a partner that does not follow leaves the first module degraded', async () => {
  const { outcomes, results, devices } = await runLab({
    devices: [{}, {}],
    strategy: { partnerSync: 'both' },
    arrange: shelf,
  });
  assert.is(outcomes, 'degraded skipped');
  assert.match(
    results[0]!.reason!,
    /its partner naa\.\w+ in enclosure \w+ runs 2\.08, and `partner-sync: both` expects 2\.10/,
  );
  assert.equal(sentTo(devices[1]!), []);
});

test('partner-sync: a partner that is away is waited for', async () => {
  const { outcomes } = await runLab({
    devices: [{ latency: '1ms' }, { latency: '1ms' }],
    strategy: { partnerSync: 'both' },
    arrange: shelf,
    onEvent: (event, _stop, [, partner]) => {
      if (event.type !== 'waiting' || !event.what.startsWith('revision')) return;
      partner!.shownRevision = '2.10';
      partner!.leave({ forMs: 5000 });
    },
  });
  assert.is(outcomes, 'updated current');
});

test.run();
