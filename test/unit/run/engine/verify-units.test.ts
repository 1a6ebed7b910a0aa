import path from 'node:path';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { refusal } from '../../../../src/base/refusal.ts';
import { ALL_ACCEPTED } from '../../../../src/run/facts/evidence.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { openJournal } from '../../../../src/run/records/journal.ts';
import { knowledgeOf } from '../../../../src/run/records/knowledge.ts';
import type { DeviceRecord } from '../../../../src/run/records/run-record.ts';
import type { JournalDevice } from '../../../../src/run/records/journal-entry.ts';
import type { DeviceResult } from '../../../../src/run/facts/outcome.ts';
import { sentByInterrupted } from '../../../../src/run/records/sent-before.ts';
import { nextRecord } from '../../../../src/run/records/unit-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import type { OpenUnit } from '../../../../src/run/records/open-units.ts';
import { eachOpenUnit, endingOf, isSaidOnce, verifyUnit } from '../../../../src/run/engine/verify-units.ts';
import { SesStatus } from '../../../../src/simulator/ses-subenclosure.ts';
import type { VerifiedUnit } from '../../../../src/run/engine/verify-units.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import { suite } from '../../../support/suite.ts';
import { resultOf } from '../../report/run-events.ts';
import { interruptedOn, headerOf, journalDevice, scratch } from '../records/builders.ts';

const verifying = suite('run/verify-units');
const clock = new VirtualClock();

/** A card that shows this revision now. */
function labAt(revision: string, faults: object[] = []): SimulatedHost {
  const device = { persona: 'hp-sas-expander', revision, ...(faults.length === 0 ? {} : { faults }) };
  return createLabHost({ lab: 'v1', devices: [device] } as Parameters<typeof createLabHost>[0], {
    images: new Map(),
    clock,
    keepLog: true,
  });
}

function deviceOf(host: SimulatedHost, fields: Partial<JournalDevice> = {}): JournalDevice {
  const { naa, serial: serialNumber } = host.devices[0]!.identity;
  const id = `naa.${naa}`;
  return journalDevice(1, { id, logicalUnit: id, serialNumber, ...fields });
}

function recordOf(device: JournalDevice, result: Partial<DeviceResult>): UnitRecord {
  return nextRecord(null, {
    device,
    result: resultOf(1, { id: device.id, after: '2.08', ...result }),
    run: 'r1',
    at: '2030-01-01T00:00:00.000Z',
    bootId: 'boot-1',
    recovering: false,
  })!;
}

const PENDING = { outcome: 'pending', pending: ['power-cycle'] } as const;

const openOf = (record: UnitRecord, bootId = 'boot-1'): OpenUnit =>
  openUnits(memoryFrom({ records: new Map([[record.unit, record]]), bootId }))[0]!;

async function verified(host: SimulatedHost, open: OpenUnit): Promise<VerifiedUnit> {
  const facts = await inspect(host, new Set([0x0d]), clock);
  const unit = await verifyUnit(
    open,
    facts.find(({ id }) => id === open.device.id),
    { host, clock },
  );
  const changing = host.devices.flatMap(({ log }) => log).filter(({ cdb }) => [0x3b, 0x1d].includes(cdb[0]!));
  assert.equal(changing, [], 'nothing that changes a device was sent');
  return unit;
}

const brief = ({ result, settles }: VerifiedUnit): unknown[] => [result.outcome, result.after, settles];

verifying('a boot of the host is its own event: a shelf that waits for its power waits on', async () => {
  const sent = { ...ALL_ACCEPTED, waitsFor: ['power-cycle'], steps: ['reboot'] } as const;
  const host = labAt('2.08');
  const record = recordOf(deviceOf(host), { outcome: 'pending', pending: ['reboot'], sent });
  const { result, settles } = await verified(host, openOf(record, 'boot-2'));
  assert.equal([result.outcome, result.pending, settles], ['pending', ['power-cycle'], true]);
  const byItself = recordOf(deviceOf(host), {
    outcome: 'pending',
    pending: ['reboot'],
    sent: { ...sent, waitsFor: [] },
  });
  assert.is((await verified(host, openOf(byItself, 'boot-2'))).result.outcome, 'unverified');
});

verifying('where nothing is new, cause and next step are those that the run itself knew', async () => {
  const error = refusal('image-reported-bad', { shows: '', what: '84h' }, { next: 'A reset is safe.' });
  const host = labAt('2.08');
  const sent = { ...ALL_ACCEPTED, image: 'not-accepted' } as const;
  const record = recordOf(deviceOf(host), { outcome: 'failed', error, sent });
  const { result } = await verified(host, openOf(record));
  assert.equal([result.outcome, result.error!.code, result.error!.next], ['failed', error.code, error.next]);
  host.devices[0]!.shownRevision = '1.00';
  const { result: other } = await verified(host, openOf(record));
  assert.equal([other.outcome, other.error!.code], ['failed', 'other-revision'], 'a third revision is news');
});

verifying('a unit that is stopped waits for a command, and not for time', async () => {
  const host = labAt('2.10', [{ command: 'test-unit-ready', sense: '2/04/02', times: 0 }]);
  const { result } = await verified(host, openOf(recordOf(deviceOf(host), PENDING)));
  assert.is(result.error!.code, 'not-ready-yet');
  assert.match(result.error!.next, /sg_start --start/);
});

verifying('a partner that was out of step is not forgotten', async () => {
  const values = {
    unit: 'naa.1',
    partner: 'sg2',
    enclosure: 'e',
    what: 'runs 2.08',
    sync: 'both',
    revision: '2.10',
  };
  const error = refusal('partner-out-of-step', values);
  const host = labAt('2.10');
  const { result } = await verified(
    host,
    openOf(recordOf(deviceOf(host), { outcome: 'degraded', after: '2.10', error })),
  );
  assert.equal([result.outcome, result.error!.code], ['degraded', error.code]);
});

verifying('a restart that the run itself has heard is not forgotten', async () => {
  const restarts = [{ asc: 0x29, ascq: 0x04 }];
  const host = labAt('2.08');
  const record = recordOf(deviceOf(host), { outcome: 'unverified', sent: { ...ALL_ACCEPTED, restarts } });
  const { result } = await verified(host, openOf(record));
  assert.is(result.error!.code, 'restart-without-effect');
});

verifying('a pending unit is updated, stays, or has failed, by the revision that it shows now', async () => {
  for (const [revision, wanted] of [
    ['2.10', ['updated', '2.10', true]],
    ['2.08', ['pending', '2.08', false]],
    ['2.11', ['failed', '2.11', true]],
  ] as const) {
    const host = labAt(revision);
    const unit = await verified(host, openOf(recordOf(deviceOf(host), PENDING)));
    assert.equal(brief(unit), wanted);
    assert.is(unit.run, 'r1');
    assert.equal(unit.result.pending, revision === '2.08' ? ['power-cycle'] : null);
  }
});

verifying('a disk that was stopped before the work may be stopped when it is looked at again', async () => {
  for (const [wasStopped, outcome] of [
    [true, 'updated'],
    [false, 'pending'],
  ] as const) {
    const faults = [{ command: 'test-unit-ready', sense: '2/04/02', times: 0 }];
    const device = { persona: 'disk', revision: '2.10', vendor: 'HP', product: 'HP SAS EXP Card', faults };
    const host = createLabHost({ lab: 'v1', devices: [device] } as Parameters<typeof createLabHost>[0], {
      images: new Map(),
      clock,
    });
    const waitsFor = ['power-cycle'] as const;
    const sent = { ...ALL_ACCEPTED, waitsFor, ...(wasStopped && { wasStopped }) };
    const facts = await inspect(host, new Set([0x00]), clock);
    const open = openOf(recordOf(deviceOf(host, { deviceType: 0x00 }), { ...PENDING, sent }));
    const unit = await verifyUnit(open, facts[0], { host, clock });
    assert.is(unit.result.outcome, outcome, unit.result.reason ?? '');
  }
});

verifying('units that are not ready are waited for at the same time', async () => {
  const MINUTES_MS = 60_000;
  const own = new VirtualClock();
  const faults = [{ command: 'test-unit-ready', sense: '2/04/01', times: 0 }];
  const devices = Array.from({ length: 12 }, () => ({
    persona: 'hp-sas-expander',
    revision: '2.10',
    faults,
  }));
  const host = createLabHost({ lab: 'v1', devices } as Parameters<typeof createLabHost>[0], {
    images: new Map(),
    clock: own,
  });
  const facts = await inspect(host, new Set([0x0d]), own);
  const records = host.devices.map(({ identity: { naa, serial: serialNumber } }) => {
    const id = `naa.${naa}`;
    const device = journalDevice(1, { id, logicalUnit: id, serialNumber });
    return recordOf({ ...device, proof: { ...device.proof, withinMs: 10 * MINUTES_MS } }, PENDING);
  });
  const open = openUnits(
    memoryFrom({ records: new Map(records.map((record) => [record.unit, record])), bootId: 'boot-1' }),
  );
  assert.is(open.length, 12);
  const waiting: string[] = [];
  const startedMs = own.nowMs();
  const units = await eachOpenUnit(open, facts, (unit, found) =>
    verifyUnit(unit, found, { host, clock: own, onWaiting: (_what, _ms, id) => waiting.push(id) }),
  );
  const tookMs = own.nowMs() - startedMs;
  assert.ok(tookMs >= 10 * MINUTES_MS && tookMs < 11 * MINUTES_MS, String(tookMs));
  assert.is(new Set(waiting).size, 12);
  assert.equal(
    units.map(({ result }) => result.id),
    open.map(({ device }) => device.id),
  );
  assert.ok(units.every(({ result }) => result.outcome === 'pending'));
});

verifying('an unproven unit is updated when it shows the target, and stays unproven until then', async () => {
  for (const [revision, outcome, settles] of [
    ['2.10', 'updated', true],
    ['2.08', 'unverified', false],
  ] as const) {
    const host = labAt(revision);
    const unit = await verified(host, openOf(recordOf(deviceOf(host), { outcome: 'unverified' })));
    assert.equal(brief(unit), [outcome, revision, settles]);
  }
});

verifying(
  'a unit that waited for a reboot alone is unproven when the host has booted without effect',
  async () => {
    const host = labAt('2.08');
    const record = recordOf(deviceOf(host), { outcome: 'pending', pending: ['reboot'] });
    assert.is((await verified(host, openOf(record, 'boot-1'))).result.outcome, 'pending');
    assert.equal(brief(await verified(host, openOf(record, 'boot-2'))), ['unverified', '2.08', true]);
  },
);

verifying('the words of the playbook count: an alias of the target is the target', async () => {
  const host = labAt('0430');
  const proof = { ...journalDevice(1).proof, aliases: { '0430': '4.3.0.5' } };
  const record = recordOf(deviceOf(host, { target: '4.3.0.5', proof }), PENDING);
  assert.equal(brief(await verified(host, openOf(record))), ['updated', '0430', true]);
});

verifying('another unit in the place, by its serial number, is not a success', async () => {
  const host = labAt('2.10');
  const record = recordOf(deviceOf(host, { serialNumber: 'another' }), PENDING);
  assert.is((await verified(host, openOf(record))).result.outcome, 'degraded');
});

verifying('a unit that is not there, or not ready yet, stays what it was', async () => {
  const host = labAt('2.10', [{ command: 'test-unit-ready', sense: '2/04/01', times: 1000 }]);
  const record = recordOf(deviceOf(host), PENDING);
  const starting = await verified(host, openOf(record));
  assert.equal([starting.result.outcome, starting.settles], ['pending', false]);
  const gone = await verifyUnit(openOf(record), undefined, { host, clock });
  assert.equal([gone.result.outcome, gone.settles], ['pending', false]);
  assert.match(gone.result.reason!, 'is not there now');
});

verifying('a unit that another run holds is not looked at', async () => {
  const host = labAt('2.10');
  const device = deviceOf(host);
  const lock = await host.lock(device.id);
  const facts = await inspect(host, new Set([0x0d]), clock);
  const before = host.devices[0]!.log.length;
  const unit = await verifyUnit(openOf(recordOf(device, PENDING)), facts[0], { host, clock });
  assert.equal([unit.lockedBy !== null, unit.result.error?.code], [true, 'locked']);
  assert.is(unit.settles, false);
  assert.is(host.devices[0]!.log.length, before);
  await lock.release();
  await (await host.lock(device.id)).release();
});

verifying('what a run that died has left is settled by the target, and by nothing less', async () => {
  for (const [revision, wanted] of [
    ['2.10', ['updated', '2.10', true]],
    ['2.08', ['unverified', '2.08', false]],
    ['2.11', ['failed', '2.11', true]],
  ] as const) {
    const host = labAt(revision);
    const device = deviceOf(host);
    const runs = path.join(scratch(), 'runs');
    const journal = await openJournal(runs, headerOf('r9', 0, { devices: [device] }));
    await journal.device(device.id).enter('last-chunk');
    await journal.close();
    const { byUnit } = await interruptedOn(runs);
    const [open] = openUnits(memoryFrom({ records: new Map(), interrupted: byUnit, bootId: 'boot-1' }));
    const unit = await verified(host, open!);
    assert.equal(brief(unit), wanted);
    assert.is(unit.run, 'r9');
  }
});

/** What a run that died behind the last page of a shelf has left, on a unit that was frozen before, or was not. */
async function leftOpen(host: SimulatedHost, before: UnitRecord | null = null): Promise<OpenUnit> {
  const proof = { ...journalDevice(1).proof, subenclosure: 0 };
  const device = deviceOf(host, { proof });
  const runs = path.join(scratch(), 'runs');
  const journal = await openJournal(runs, headerOf('r9', 0, { devices: [device] }));
  await journal.device(device.id).enter('last-chunk', { chunks: 8, mode: 0x07 });
  await journal.close();
  const { byUnit } = await interruptedOn(runs);
  const records = new Map(before === null ? [] : [[device.id, before]]);
  return openUnits(memoryFrom({ records, interrupted: byUnit, bootId: 'boot-1' }))[0]!;
}

function shelfAt(revision: string): SimulatedHost {
  const words = { lab: 'v1', devices: [{ persona: 'ses-shelf', revision }] };
  return createLabHost(words as Parameters<typeof createLabHost>[0], {
    images: new Map(),
    clock,
    keepLog: true,
  });
}

for (const shown of ['2.08', '2.10'])
  verifying(
    `page 0Eh says once that the image failed, and ${shown} is shown: that is the end, for every later look`,
    async () => {
      const host = shelfAt(shown);
      host.devices[0]!.enclosure!.primary.fail(SesStatus.wrongImage, 0);
      const open = await leftOpen(host);
      const first = await verified(host, open);
      assert.equal(
        [...brief(first), first.result.error?.code],
        ['failed', shown, true, 'image-reported-bad'],
      );
      assert.ok(isSaidOnce(open, first));
      const again = await verified(host, openOf(nextRecord(null, endingOf(open, first))!));
      assert.is(again.result.outcome, 'failed');
      assert.is(again.settles, false);
    },
  );

verifying('a unit that was frozen before a run died on it is frozen still', async () => {
  const host = shelfAt('2.08');
  const frozen = recordOf(deviceOf(host), { outcome: 'frozen' });
  const { result } = await verified(host, await leftOpen(host, frozen));
  assert.equal([result.outcome, result.error?.code], ['frozen', 'unit-frozen']);
});

const ONE = ['a'.repeat(64)];
/** Killed in the middle, and the target is shown: a staged revision, or a backup image. */
const STAGED = { chunk: 26, chunks: 74 };
const TWO = ['a'.repeat(64), 'b'.repeat(64)];

for (const [title, sentSha256, state, facts, expected] of [
  ['one section, the middle of it', ONE, 'progress', STAGED, 'failed'],
  ['the middle of the last section', TWO, 'progress', { section: 2, sections: 2 }, 'failed'],
  ['the end of the first section', TWO, 'last-chunk', { section: 1, sections: 2 }, 'failed'],
  ['the end of the last', TWO, 'last-chunk', { section: 2, sections: 2, revision: '2.08' }, 'updated'],
  [
    'the end, and the target before',
    TWO,
    'last-chunk',
    { section: 2, sections: 2, revision: '2.10' },
    'failed',
  ],
  ['the one activation of all', TWO, 'activated', {}, 'updated'],
  ['one of two activations', TWO, 'activated', { activation: 1, activations: 2 }, 'failed'],
  ['both activations', TWO, 'activated', { activation: 2, activations: 2 }, 'updated'],
] as const) {
  verifying(`the target of a unit on which a run died: ${title}`, async () => {
    const lab = labAt('2.10');
    const device = deviceOf(lab, { sentSha256 });
    const record: DeviceRecord = {
      ...device,
      state,
      facts,
      lastChunkSent: false,
      beforeStep: null,
      answer: null,
      errors: [],
      result: null,
    };
    const open = openOf(recordOf(device, { outcome: 'unverified' }));
    const interrupted = { ...knowledgeOf(record, 'r1'), device: record };
    const sent = sentByInterrupted(record, interrupted.known);
    const { result } = await verified(lab, { ...open, device, interrupted, sent });
    assert.is(result.outcome, expected, result.reason ?? '');
    if (facts === STAGED) assert.match(result.reason!, 'shows 2.10 although 26 of 74 chunks were accepted');
  });
}

verifying(
  'a unit that showed its target before its event stays pending: only a person can say that it came',
  async () => {
    for (const [waits, expected] of [
      [true, ['pending', '2.10', false]],
      [false, ['pending', '2.10', false]],
    ] as const) {
      const lab = labAt('2.10');
      const image = { name: 'boot', revision: null, product: null, bytes: new Uint8Array(4) };
      if (waits) {
        const events = new Set(['activate'] as const);
        lab.devices[0]!.microcode.waiting.set(0, { image, events, deferred: true });
      }
      const record = recordOf(deviceOf(lab), { ...PENDING, after: '2.10' });
      assert.equal(brief(await verified(lab, openOf(record))), expected);
    }
  },
);

verifying('whatever is still open has a code and a next step, also where nothing was seen', async () => {
  for (const outcome of ['pending', 'unverified', 'failed', 'degraded', 'lost', 'frozen'] as const) {
    const lab = labAt('2.08');
    const open = openOf(
      recordOf(deviceOf(lab), { outcome, pending: outcome === 'pending' ? ['power-cycle'] : null }),
    );
    const away = await verifyUnit(open, undefined, { host: lab, clock });
    assert.equal([away.result.outcome, away.result.error?.code], [outcome, 'not-there']);
    const { result } = await verified(lab, open);
    assert.ok(result.error !== null && result.error.next !== '', `${outcome}: ${result.outcome}`);
  }
});

verifying('a unit that is missed is not called away where another one does not say who it is', async () => {
  const host = labAt('2.08');
  const open = openOf(recordOf(deviceOf(host), PENDING));
  const [there] = await inspect(host, new Set([0x0d]), clock);
  const why = refusal('answer-lost', { what: 'a lost answer' });
  const nameless = { logicalUnit: null, designators: [], serialNumber: null };
  for (const [unit, code] of [
    [{ problem: why }, 'not-identified'],
    [{ unreadable: [{ fact: 'vpd-83h', why }] }, 'not-identified'],
    [{ identity: nameless }, 'not-identified'],
    [{ identity: nameless, deviceType: 0 }, 'not-there'],
    [{}, 'not-there'],
  ] as const) {
    const all = [{ ...there!, ...unit }];
    const { result } = await verifyUnit(open, undefined, { host, clock, all });
    assert.equal([result.outcome, result.error?.code], ['pending', code]);
  }
});

verifying('a unit that was replaced stays replaced for verify, with both names', async () => {
  const host = labAt('2.08');
  const error = refusal('identity-changed', {
    ...{ place: 'here', before: 'naa.1', beforeSerial: 'A', now: 'naa.2', nowSerial: 'B' },
  });
  const open = openOf(recordOf(deviceOf(host), { outcome: 'degraded', error }));
  const { result } = await verifyUnit(open, undefined, { host, clock });
  assert.equal([result.outcome, result.error?.code], ['degraded', 'identity-changed']);
});

verifying('4/44 in answer to a page after the first byte is an internal failure', async () => {
  const answer = { command: 'receive-diagnostic-results', nth: 2, times: 0, sense: '4/44/00' };
  const host = createLabHost(
    { lab: 'v1', devices: [{ persona: 'ses-shelf', revision: '2.08', faults: [answer] }] } as Parameters<
      typeof createLabHost
    >[0],
    { images: new Map(), clock, keepLog: true },
  );
  const proof = { ...journalDevice(1).proof, subenclosure: 0 };
  const open = openOf(recordOf(deviceOf(host, { proof }), PENDING));
  assert.is((await verified(host, open)).result.outcome, 'frozen');
});

verifying('a unit that is frozen and shows its target is frozen still', () => {
  const record = recordOf(deviceOf(labAt('2.10')), { outcome: 'frozen' });
  const updated: UnitRecord = { ...record, outcome: 'updated' };
  assert.is(openOf(updated).outcome, 'frozen');
});

verifying('open are all endings but the good ones, of one run or of all, and nothing twice', async () => {
  const host = labAt('2.08');
  const records = (['updated', 'pending', 'unverified', 'failed', 'degraded', 'lost', 'frozen'] as const).map(
    (outcome, i) =>
      recordOf(deviceOf(host, { id: `naa.${i}` }), {
        outcome,
        pending: outcome === 'pending' ? ['reboot'] : null,
      }),
  );
  const byUnit = new Map(records.map((record) => [record.unit, record]));
  const idsOf = (run: string | null): string[] =>
    openUnits(memoryFrom({ records: byUnit, bootId: null }), run).map(({ device }) => device.id);
  const open = ['naa.1', 'naa.2', 'naa.3', 'naa.4', 'naa.5', 'naa.6'];
  assert.equal(idsOf(null), open);
  assert.equal(idsOf('r1'), open);
  assert.equal(idsOf('r2'), []);
});

verifying.run();
