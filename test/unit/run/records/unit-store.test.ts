import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { DeviceResult, Outcome, PendingEvent } from '../../../../src/run/facts/outcome.ts';
import { ALL_ACCEPTED } from '../../../../src/run/facts/evidence.ts';
import { StateError } from '../../../../src/run/records/state-error.ts';
import { fileNameOf, UnitStore } from '../../../../src/run/records/unit-store.ts';
import { whyEndedBadly, whyFellBack, whyWaiting } from '../../../../src/run/guards/earlier-end.ts';
import type { Sending } from '../../../../src/run/guards/earlier-end.ts';
import { whyFrozen } from '../../../../src/run/guards/frozen.ts';
import type { Refusal } from '../../../../src/base/refusal.ts';
import { acceptedRecord, nextRecord } from '../../../../src/run/records/unit-record.ts';
import type { Ending, UnitRecord } from '../../../../src/run/records/unit-record.ts';
import type { InterruptedRun } from '../../../../src/run/records/interrupted-runs.ts';
import type { KnownState } from '../../../../src/run/records/knowledge.ts';
import { memoryFrom, memoryOf } from '../../../../src/run/records/memory.ts';
import type { UnitMemory } from '../../../../src/run/records/memory.ts';
import { openEnd } from '../../../../src/run/records/open-units.ts';
import { waitingImageOf } from '../../../../src/run/records/waiting-image.ts';
import { suite } from '../../../support/suite.ts';
import { idOf, resultOf } from '../../report/run-events.ts';
import { journalDevice, scratch, SHA, stateError } from './builders.ts';

const records = suite('run/store-record');

const OTHER = 'b'.repeat(64);

const ending = (result: Partial<DeviceResult>, rest: Partial<Ending> = {}): Ending => ({
  device: journalDevice(1),
  result: resultOf(1, result),
  run: 'r1',
  at: '2030-01-01T00:00:00.000Z',
  bootId: 'boot-1',
  recovering: false,
  ...rest,
});

const after = (...endings: readonly Ending[]): UnitRecord | null =>
  endings.reduce<UnitRecord | null>((record, next) => nextRecord(record, next) ?? record, null);

const PENDING = { outcome: 'pending', after: '2.08', pending: ['power-cycle'] } as const;

records('what was not begun leaves no trace', () => {
  assert.is(after(ending({ outcome: 'refused' }), ending({ outcome: 'skipped' })), null);
  const before = after(ending(PENDING));
  assert.is(nextRecord(before, ending({ outcome: 'refused' })), null);
});

records('a pending unit keeps its events, its image, its run and the boot of the host', () => {
  const record = after(ending(PENDING))!;
  assert.equal(
    [record.outcome, record.pending, record.imageSha256, record.run, record.bootId, record.after],
    ['pending', ['power-cycle'], SHA, 'r1', 'boot-1', '2.08'],
  );
});

records('a pending unit that is seen at its target is updated, without any work', () => {
  const record = after(
    ending(PENDING),
    ending({ outcome: 'current', after: '2.10' }, { run: 'r2', at: '2030-01-02T00:00:00.000Z' }),
  )!;
  assert.equal([record.outcome, record.pending, record.run, record.after], ['updated', null, 'r1', '2.10']);
  const other = { device: journalDevice(1, { imageSha256: OTHER, target: '3.00' }) };
  assert.is(after(ending(PENDING), ending({ outcome: 'current', after: '3.00' }, other))?.outcome, 'pending');
  assert.is(after(ending({ outcome: 'current' })), null);
});

records('a bad ending stays with its image, whatever is sent later, until that image ends well', () => {
  for (const outcome of ['failed', 'unverified', 'degraded', 'frozen'] as const) {
    const bad = ending({ outcome, reason: 'why' });
    const other = ending({ outcome: 'updated' }, { device: journalDevice(1, { imageSha256: OTHER }) });
    assert.equal(
      after(bad, other)!.endedBadly.map(({ imageSha256, outcome: how, run }) => [imageSha256, how, run]),
      [[SHA, outcome, 'r1']],
    );
    assert.equal(after(bad, other, ending({ outcome: 'updated' }))!.endedBadly, []);
    assert.is(after(bad, bad)!.endedBadly.length, 1);
  }
  assert.equal(after(ending({ outcome: 'lost' }))!.endedBadly, []);
});

records('frozen stays frozen, from its first run on, until a recovery ends well', () => {
  const frozen = ending({ outcome: 'frozen', reason: '4/44/00' });
  const since = { run: 'r1', at: frozen.at, reason: '4/44/00', by: 'status' };
  assert.equal(after(frozen)!.frozen, since);
  assert.equal(after(frozen, ending({ outcome: 'frozen' }, { run: 'r2' }))!.frozen, since);
  assert.equal(after(frozen, ending({ outcome: 'updated' }))!.frozen, since);
  assert.equal(after(frozen, ending({ outcome: 'failed' }, { recovering: true }))!.frozen, since);
  assert.is(after(frozen, ending({ outcome: 'updated' }, { recovering: true }))!.frozen, null);
  assert.is(after(frozen, ending({ outcome: 'current' }, { recovering: true }))!.frozen, null);
});

records.run();

const questions = suite('run/store-questions');

interface Asked extends Sending {
  readonly recover: boolean;
}

const asked = (fields: Partial<Asked> = {}): Asked => ({
  revision: '2.08',
  imageSha256: SHA,
  retry: false,
  recover: false,
  ...fields,
});

/** What a plan is told of how earlier work on the unit ended. */
const against = (memory: UnitMemory, { recover, ...sending }: Asked): Refusal | null =>
  whyFrozen(memory, recover) ??
  (recover
    ? null
    : (whyWaiting(memory, sending) ?? whyFellBack(memory, sending) ?? whyEndedBadly(memory, sending)));

/** The memory of the unit of this record. */
const rememberedAs = (record: UnitRecord | null, bootId: string | null = 'boot-1'): UnitMemory =>
  memoryOf(memoryFrom({ records: new Map(record === null ? [] : [[record.unit, record]]), bootId }), idOf(1));

const kindFor = (
  record: UnitRecord | null,
  { bootId = 'boot-1', ...fields }: Partial<Asked> & { readonly bootId?: string | null } = {},
): string => against(rememberedAs(record, bootId), asked(fields))?.code ?? 'free';

questions('nothing known, or a good ending, is not an obstacle', () => {
  assert.is(kindFor(null), 'free');
  assert.is(kindFor(after(ending({ outcome: 'updated' })), { revision: '2.10' }), 'free');
  assert.is(kindFor(after(ending({ outcome: 'lost' }))), 'free');
});

questions('a unit that shows its old revision again has fallen back', () => {
  const record = after(ending({ outcome: 'updated' }));
  assert.is(kindFor(record), 'fell-back');
  assert.is(kindFor(record, { revision: '2.06' }), 'fell-back');
  assert.is(kindFor(record, { imageSha256: OTHER }), 'free', 'another image is another matter');
  assert.is(kindFor(record, { retry: true }), 'free');
  assert.match(
    against(rememberedAs(record), asked({ revision: '2.06' }))!.message,
    /; it shows 2\.06 now$/,
    'never shown before',
  );
  const seen = { ...record!, seen: { run: 'r2', at: '2026-01-02T03:04:05.000Z' } };
  const heard = [{ asc: 0x29, ascq: 0x01 }];
  assert.match(
    against(rememberedAs(seen), asked({ heard }))!.message,
    /^run r1 brought it from 2\.08 to 2\.10 .*, and run r2 saw it there last \(2026-01-02T03:04:05\.000Z\); it shows 2\.08 again; since then it reported .*29\/01/,
  );
  assert.match(
    against(rememberedAs(record), asked())!.message,
    / with this image \(20.*\); it shows 2\.08 again$/,
  );
  const volatile = after(ending({ outcome: 'updated', sent: { ...ALL_ACCEPTED, isVolatile: true } }));
  assert.is(kindFor(volatile), 'free', 'as the playbook has accepted');
  assert.is(
    kindFor(acceptedRecord(record!, 'downgraded by hand', record!.at)),
    'free',
    'a person has settled it',
  );
});

questions(
  'a word makes a unit `updated` only where it shows its target, or where nothing can show it',
  () => {
    const said = (record: UnitRecord | null): UnitRecord => acceptedRecord(record!, 'seen', record!.at);
    const waits = said(after(ending(PENDING)));
    assert.equal(
      [waits.outcome, waits.pending, waits.accepted?.because],
      ['pending', PENDING.pending, 'seen'],
    );
    assert.is(openEnd(rememberedAs(waits)), null, 'closed');
    assert.ok(waitingImageOf(rememberedAs(waits)), 'its image waits as before');
    const why = against(rememberedAs(waits), asked())!;
    assert.match(why.message, 'settled by a person: seen');
    assert.match(why.next, 'run apply again');
    assert.is(kindFor(waits, { retry: true }), 'free');
    const doubtful = said(after(ending({ outcome: 'unverified', after: '2.08' })));
    assert.equal([doubtful.outcome, kindFor(doubtful)], ['unverified', 'ended-badly']);
    for (const outcome of ['failed', 'frozen'] as const) {
      const bad = said(after(ending({ outcome, after: '2.08' })));
      assert.equal([bad.outcome, kindFor(bad)], [outcome, 'ended-badly'], 'not sent again by itself');
      assert.is(kindFor(bad, { retry: true }), 'free');
    }
    for (const outcome of ['pending', 'unverified', 'degraded'] as const)
      assert.is(said(after(ending({ ...PENDING, outcome, after: '2.10' }))).outcome, 'updated');
    const record = after(ending({ outcome: 'unverified', after: '2.08' }))!;
    assert.is(said({ ...record, proof: { ...record.proof, unchanged: true } }).outcome, 'updated');
  },
);

questions('a pending unit is not written again, with any image, while it shows the old revision', () => {
  const record = after(ending(PENDING));
  assert.is(kindFor(record), 'waits-for-event');
  assert.is(kindFor(record, { imageSha256: OTHER }), 'waits-for-event');
  assert.is(kindFor(record, { imageSha256: null }), 'free', 'an activation is what it may wait for');
  assert.is(kindFor(record, { revision: '2.10' }), 'free');
  assert.is(kindFor(record, { bootId: 'boot-2' }), 'waits-for-event', 'the host rebooted, the shelf did not');
  assert.is(kindFor(record, { retry: true }), 'free');
  const why = against(rememberedAs(record), asked())!;
  assert.is(why.code, 'waits-for-event');
  assert.match(why.next, 'runbook verify r1');
});

questions('a unit that waits for a reboot alone stops waiting when the host has booted', () => {
  const record = after(ending({ ...PENDING, pending: ['reboot'] satisfies PendingEvent[] }));
  assert.is(kindFor(record), 'waits-for-event');
  assert.is(kindFor(record, { bootId: 'boot-2' }), 'free');
  assert.is(kindFor(record, { bootId: null }), 'waits-for-event');
});

questions('an image that ended badly here is not sent again without --retry; another one is', () => {
  for (const outcome of ['failed', 'unverified', 'degraded'] satisfies Outcome[]) {
    const record = after(ending({ outcome, reason: 'why' }));
    assert.is(kindFor(record), 'ended-badly');
    assert.is(kindFor(record, { imageSha256: OTHER }), 'free');
    assert.is(kindFor(record, { retry: true }), 'free');
    assert.is(against(rememberedAs(record), asked())!.code, 'ended-badly');
  }
});

questions('what a run with --retry began before it was interrupted goes on without another word', () => {
  const bad = after(ending({ outcome: 'failed', reason: 'why' }))!;
  const asks = (imageSha256: string, known: KnownState): string => {
    const died = {
      run: 'r2',
      lastAt: '2030-01-02T00:00:00.000Z',
      device: { ...journalDevice(1), imageSha256 },
    };
    const interrupted = new Map([[bad.unit, { ...died, knowledge: { known } } as unknown as InterruptedRun]]);
    const memory = memoryFrom({ records: new Map([[bad.unit, bad]]), interrupted, bootId: 'boot-1' });
    return against(memoryOf(memory, bad.unit), asked())?.code ?? 'free';
  };
  assert.is(asks(SHA, 'partly-sent'), 'free');
  assert.is(asks(SHA, 'nothing-sent'), 'ended-badly');
  assert.is(asks(OTHER, 'partly-sent'), 'ended-badly');
});

questions('a frozen unit is left alone, --retry or not; --recover may send to it', () => {
  const record = after(ending({ outcome: 'frozen' }));
  for (const fields of [{}, { retry: true }, { imageSha256: null }, { imageSha256: OTHER }]) {
    assert.is(kindFor(record, fields), 'frozen');
  }
  assert.is(kindFor(record, { recover: true }), 'free');
  assert.match(against(rememberedAs(record), asked())!.next, `--recover ${idOf(1)}`);
});

questions.run();

const stores = suite('run/store');

const newStore = (movesDamaged = true): UnitStore =>
  new UnitStore(path.join(scratch(), 'units'), movesDamaged);

stores('what was remembered is read back, by another process as well', async () => {
  const store = newStore();
  assert.is(await store.read(idOf(1)), null);
  await store.remember(ending(PENDING));
  const read = await new UnitStore(store.directory).read(idOf(1));
  assert.is(read?.outcome, 'pending');
  assert.equal([...(await store.readAll()).byUnit.keys()], [idOf(1)]);
  assert.equal(readdirSync(store.directory), [`${idOf(1)}.json`], 'no temporary file is left');
  assert.is(statSync(path.join(store.directory, `${idOf(1)}.json`)).mode & 0o777, 0o600);
});

stores('a unit without an identity is not remembered: its node may be another unit’s tomorrow', async () => {
  const store = newStore();
  await store.remember(ending(PENDING, { device: journalDevice(1, { id: '/dev/sg1' }) }));
  assert.is((await store.readAll()).byUnit.size, 0);
});

stores('a unit seen at its target settles what was open, and only that', async () => {
  const store = newStore();
  await store.remember(ending(PENDING));
  await store.rememberSeen({ id: idOf(1), revision: '2.08', settles: true }, 'r2');
  assert.is((await store.read(idOf(1)))?.outcome, 'pending');
  await store.rememberSeen({ id: idOf(1), revision: '2.10', settles: false }, 'r2');
  assert.is((await store.read(idOf(1)))?.outcome, 'pending');
  for (const run of ['r3', 'r4']) {
    await store.rememberSeen({ id: idOf(1), revision: '2.10', settles: true }, run);
    const kept = await store.read(idOf(1));
    assert.equal([kept?.outcome, kept?.run, kept?.seen?.run], ['updated', 'r1', run]);
  }
  await store.rememberSeen({ id: idOf(1), revision: '2.08', settles: true }, 'r5');
  assert.is((await store.read(idOf(1)))?.seen?.run, 'r4', 'it was not seen at its target');
  await store.rememberSeen({ id: idOf(2), revision: '2.10', settles: true }, 'r5');
  assert.is((await store.readAll()).byUnit.size, 1);
});

stores('a damaged record is an error, moved aside and named, and hides no other unit', async () => {
  const store = newStore();
  await store.remember(ending(PENDING));
  await store.remember(ending(PENDING, { device: journalDevice(2) }));
  const file = path.join(store.directory, `${idOf(1)}.json`);
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 90));
  const error = await stateError(store.read(idOf(1)));
  assert.is(error.code, 'unit-record-damaged');
  assert.match(error.message, /: is not JSON \(.*\); moved to .*\.damaged-/);
  assert.is(readFileSync(String(error.context['file']), 'utf8').length, 90);
  const { byUnit, damaged } = await store.readAll();
  assert.equal([[...byUnit.keys()], damaged.length], [[idOf(2)], 0]);
});

stores('who only looks moves nothing', async () => {
  const store = newStore(false);
  mkdirSync(store.directory);
  writeFileSync(path.join(store.directory, `${idOf(1)}.json`), '{}');
  const { damaged } = await store.readAll();
  assert.match(damaged[0]!.message, 'is not a record of a unit');
  assert.match(damaged[0]!.next, 'move the file away');
  assert.equal(readdirSync(store.directory), [`${idOf(1)}.json`]);
});

stores(
  'what lies in the place of a record and is not a file is told, not opened, and not taken away',
  async () => {
    const store = newStore();
    mkdirSync(path.join(store.directory, `${idOf(1)}.json`), { recursive: true });
    const { message } = await stateError(store.read(idOf(1)));
    assert.match(message, 'is not a regular file');
    assert.is((await stateError(store.remember(ending(PENDING)))).code, 'state-not-readable');
    const error = await stateError(store.forgetAll());
    assert.is(error.code, 'state-not-writable');
    assert.match(error.message, `${idOf(1)}.json cannot be removed: `);
  },
);

stores('a file that is far too large is not read into memory', async () => {
  const store = newStore();
  mkdirSync(store.directory);
  const file = path.join(store.directory, `${idOf(1)}.json`);
  writeFileSync(file, '');
  truncateSync(file, 2 ** 40);
  const error = await stateError(store.read(idOf(1)));
  assert.is(error.code, 'state-not-readable');
  assert.match(error.message, 'is 1099511627776 bytes long');
});

stores('a new ending is kept even where the old record is damaged', async () => {
  const store = newStore();
  mkdirSync(store.directory);
  writeFileSync(path.join(store.directory, `${idOf(1)}.json`), 'x');
  await store.remember(ending(PENDING));
  assert.is((await store.read(idOf(1)))?.outcome, 'pending');
  assert.is(readdirSync(store.directory).length, 2);
});

stores('a record of a newer version is not damage, and stays where it is', async () => {
  const store = newStore();
  mkdirSync(store.directory);
  writeFileSync(path.join(store.directory, `${idOf(1)}.json`), '{"format":"runbook.unit/2"}');
  const error = await stateError(store.read(idOf(1)));
  assert.is(error.code, 'unit-record-newer');
  assert.is((await stateError(store.remember(ending(PENDING)))).code, 'unit-record-newer');
  assert.equal(readdirSync(store.directory), [`${idOf(1)}.json`]);
});

stores('a record under the name of another unit is not believed', async () => {
  const store = newStore();
  await store.remember(ending(PENDING));
  renameSync(path.join(store.directory, `${idOf(1)}.json`), path.join(store.directory, `${idOf(2)}.json`));
  assert.match((await stateError(store.read(idOf(2)))).message, `it speaks of unit ${idOf(1)}`);
});

stores('arbitrary content is read or refused with a StateError', async () => {
  const store = newStore(false);
  await store.remember(ending(PENDING));
  const file = path.join(store.directory, `${idOf(1)}.json`);
  const good = readFileSync(file, 'utf8');
  const garbled = fc
    .tuple(fc.nat(good.length), fc.nat(20), fc.string({ maxLength: 10 }))
    .map(([at, cut, piece]) => good.slice(0, at) + piece + good.slice(at + cut));
  await fc.assert(
    fc.asyncProperty(fc.oneof(garbled, fc.json(), fc.string()), async (content) => {
      writeFileSync(file, content);
      try {
        const record = await store.read(idOf(1));
        assert.is(record?.unit, idOf(1));
        against(rememberedAs(record), asked());
      } catch (error) {
        assert.instance(error, StateError);
      }
    }),
    { numRuns: 200 },
  );
});

stores('every id has a file name of its own that stays in the directory', () => {
  const names = new Map<string, string>();
  const tricky = ['.', '..', '../../etc/passwd', 'a/b', 'a%2Fb', 'a b', '\0', 'ü', 'x'.repeat(500)];
  tricky.push(`${'x'.repeat(500)}y`, 'sn.A*', 'sn.a*', '\ud800');
  for (const id of tricky) {
    const name = fileNameOf(id);
    assert.is(path.basename(name), name);
    assert.match(name, /^[^.].*\.json$/);
    assert.ok(Buffer.byteLength(name) < 200);
    assert.not.ok(names.has(name), `${id} and ${names.get(name)}`);
    names.set(name, id);
  }
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => a === b || fileNameOf(a) !== fileNameOf(b)));
});

stores('a directory that cannot be written to is told with the unit and the place', async () => {
  const store = new UnitStore('/dev/null/units');
  const error = await stateError(store.write(after(ending(PENDING))!));
  assert.is(error.code, 'state-not-writable');
  assert.match(error.message, `the record of unit ${idOf(1)} cannot be written to /dev/null/units/`);
});

stores.run();
