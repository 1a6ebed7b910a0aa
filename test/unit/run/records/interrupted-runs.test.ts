import * as assert from 'uvu/assert';
import { openJournal } from '../../../../src/run/records/journal.ts';
import { refusal } from '../../../../src/base/refusal.ts';
import type { Refusal } from '../../../../src/base/refusal.ts';
import type { SentEvidence } from '../../../../src/run/facts/evidence.ts';
import { interruptedRuns, isOurs } from '../../../../src/run/records/interrupted-runs.ts';
import { foldMemory, memoryOf } from '../../../../src/run/records/memory.ts';
import { openEnd } from '../../../../src/run/records/open-units.ts';
import { readRuns } from '../../../../src/run/records/journal-reader.ts';
import { sentByInterrupted } from '../../../../src/run/records/sent-before.ts';
import type { InterruptedRun } from '../../../../src/run/records/interrupted-runs.ts';
import type { KeptAnswer, RunStarted } from '../../../../src/run/records/journal-entry.ts';
import type { DeviceJournal } from '../../../../src/run/records/journal.ts';
import { exitOf } from '../../../../src/run/facts/outcome.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import { suite } from '../../../support/suite.ts';
import { idOf, resultOf } from '../../report/run-events.ts';
import { interruptedOn, headerOf, journalDevice, scratch, SHA } from './builders.ts';

const dead = suite('run/journal-dead-runs');
const UNIT = idOf(1);

/** A run that died after `work`. */
async function died(
  directory: string,
  run: string,
  work: (device: DeviceJournal) => Promise<void>,
  fields: Partial<RunStarted> = {},
): Promise<void> {
  const journal = await openJournal(directory, headerOf(run, 1, fields));
  await work(journal.device(UNIT));
  await journal.close();
}

async function ended(directory: string, run: string, outcome: Outcome): Promise<void> {
  const journal = await openJournal(directory, headerOf(run, 1));
  await journal.device(UNIT).verdict(resultOf(1, { outcome }));
  await journal.finish(exitOf('OK'));
}

const leftOn = async (directory: string): Promise<InterruptedRun | undefined> =>
  (await interruptedOn(directory, new Set([UNIT]))).byUnit.get(UNIT);

const DIED_AT: readonly [string, (device: DeviceJournal) => Promise<void>, string, boolean, RegExp][] = [
  ['before its turn', async () => undefined, 'nothing-sent', false, /^nothing was sent$/],
  ['after the check', (d) => d.enter('checked'), 'nothing-sent', false, /^nothing was sent$/],
  [
    'with the first chunk in flight',
    (d) => d.enter('first-chunk', { chunks: 256 }),
    'partly-sent',
    false,
    /at least 0 of 256 commands \(0 of 1048576 bytes\)/,
  ],
  [
    'in the middle',
    async (d) => {
      await d.enter('first-chunk', { chunks: 256 });
      await d.enter('progress', { doneBytes: 524_288, totalBytes: 1 << 20, chunk: 128, chunks: 256 });
    },
    'partly-sent',
    false,
    /at least 128 of 256 commands \(524288 of 1048576 bytes\)/,
  ],
  [
    'with the last chunk in flight',
    async (d) => {
      await d.enter('first-chunk');
      await d.enter('last-chunk');
    },
    'last-chunk-in-flight',
    true,
    /may be complete, and may run already/,
  ],
  [
    'with the last chunk accepted',
    async (d) => {
      await d.enter('first-chunk');
      await d.enter('last-chunk');
      await d.enter('progress', { doneBytes: 1 << 20, totalBytes: 1 << 20, chunk: 256, chunks: 256 });
    },
    'last-chunk-in-flight',
    true,
    /may be complete, and may run already/,
  ],
  [
    'in a second pass, after a last chunk whose answer was lost',
    async (d) => {
      await d.enter('first-chunk', { pass: 1 });
      await d.enter('last-chunk', { pass: 1 });
      await d.enter('first-chunk', { pass: 2 });
    },
    'partly-sent',
    true,
    /an earlier pass had sent its last chunk/,
  ],
  [
    'sent and not activated',
    async (d) => {
      await d.enter('last-chunk');
      await d.enter('sent', { deferred: true });
    },
    'sent-not-activated',
    true,
    /sent and not activated; a reset or power cycle starts it, and may have done so since/,
  ],
  [
    'sent, and active by itself',
    (d) => d.enter('sent', { deferred: false }),
    'sent-not-activated',
    true,
    /the revision was not read again/,
  ],
  ['with the activation in flight', (d) => d.enter('activation'), 'activation-in-flight', true, /in flight/],
  ['activated', (d) => d.enter('activated'), 'activated-not-verified', true, /was not read again/],
  [
    'in a step of the host after the activation',
    async (d) => {
      await d.enter('activated');
      await d.enter('step', { step: 'rescan' });
    },
    'activated-not-verified',
    true,
    /; rescan was under way$/,
  ],
];

for (const [title, work, known, verifyFirst, text] of DIED_AT) {
  dead(`a run that died ${title}: ${known}`, async () => {
    const directory = scratch();
    await died(directory, 'r1', work);
    const left = await leftOn(directory);
    assert.ok(left !== undefined);
    assert.is(left.run, 'r1');
    assert.is(left.knowledge.known, known);
    assert.is(left.knowledge.verifyFirst, verifyFirst);
    assert.match(left.knowledge.text, text);
    assert.match(left.knowledge.next ?? '', verifyFirst ? 'runbook verify r1' : 'apply again');
    assert.is(isOurs(left, SHA), known !== 'nothing-sent');
    assert.is(isOurs(left, 'b'.repeat(64)), false);
  });
}

dead('a later verdict settles an interrupted run; a refusal does not', async () => {
  const directory = scratch();
  await died(directory, 'r1', (d) => d.enter('last-chunk'));
  await ended(directory, 'r2', 'refused');
  await ended(directory, 'r3', 'skipped');
  assert.is((await leftOn(directory))?.run, 'r1');
  await ended(directory, 'r4', 'updated');
  assert.is(await leftOn(directory), undefined);
});

dead('a later interrupted run that sent nothing does not hide an earlier one that did', async () => {
  const directory = scratch();
  await died(directory, 'r1', (d) => d.enter('activation'));
  await died(directory, 'r2', (d) => d.enter('checked'));
  assert.is((await leftOn(directory))?.run, 'r1');
  await died(directory, 'r3', (d) => d.enter('first-chunk'));
  assert.is((await leftOn(directory))?.run, 'r3');
});

dead('only the units that are asked for are told, and a run that lives is none of them', async () => {
  const directory = scratch();
  const journal = await openJournal(directory, headerOf('r1', 2));
  await journal.device(UNIT).enter('first-chunk');
  assert.is((await interruptedOn(directory)).byUnit.size, 0);
  await journal.close();
  assert.equal([...(await interruptedOn(directory)).byUnit.keys()], [UNIT, idOf(2)]);
  assert.equal([...(await interruptedOn(directory, new Set([idOf(2)]))).byUnit.keys()], [idOf(2)]);
});

dead('what was before a lab that started from its file does not count', async () => {
  const directory = scratch();
  await died(directory, 'r1', (d) => d.enter('last-chunk'));
  const host = { name: 'x', kind: 'lab', bootId: null, fresh: true } as const;
  await died(directory, 'r2', async () => undefined, { host, devices: [journalDevice(2)] });
  assert.is(await leftOn(directory), undefined);
});

dead(
  'a later run that died in the middle does not hide that an earlier one had sent its last chunk',
  async () => {
    const directory = scratch();
    await died(directory, 'r1', async (device) => {
      await device.enter('first-chunk');
      await device.enter('last-chunk');
    });
    await died(directory, 'r2', (device) => device.enter('first-chunk'));
    const left = await leftOn(directory);
    assert.is(left?.run, 'r2');
    assert.is(left?.knowledge.known, 'partly-sent');
    assert.is(left?.knowledge.verifyFirst, true);
    assert.match(left!.knowledge.text, /an earlier pass had sent its last chunk/);
    // A run that died before it sent anything hides nothing either, and a verdict ends it.
    await died(directory, 'r3', (device) => device.enter('checked'));
    assert.is((await leftOn(directory))?.run, 'r2');
    await ended(directory, 'r4', 'updated');
    assert.is(await leftOn(directory), undefined);
  },
);

const SAID: Refusal = refusal('not-there');
const says = (kind: KeptAnswer['says']): KeptAnswer => ({ says: kind, error: SAID });
/** 4/44; without a sense it is 83h of page 0Eh. */
const INTERNAL: Refusal = { ...SAID, sense: { key: 4, asc: 0x44, ascq: 0, text: 'internal target failure' } };

for (const [title, work, known, sent] of [
  [
    'the last chunk was refused',
    async (d) => {
      await d.enter('first-chunk', { chunks: 8 });
      await d.enter('last-chunk', { mode: 7 });
      await d.answer(says('refused'));
    },
    'partly-sent',
    { image: 'not-accepted', activation: 'not-sent', failedStep: null },
  ],
  [
    'the last chunk was answered like one that was not executed',
    async (d) => {
      await d.enter('last-chunk', { mode: 7 });
      await d.answer(says('denied'));
    },
    'last-chunk-in-flight',
    { image: 'last-denied', activation: 'not-sent', failedStep: null },
  ],
  [
    'it was sent again since',
    async (d) => {
      await d.enter('last-chunk', { mode: 7 });
      await d.answer(says('denied'));
      await d.enter('last-chunk', { mode: 7 });
    },
    'last-chunk-in-flight',
    { image: 'last-answer-lost', activation: 'not-sent', failedStep: null },
  ],
  [
    'the image was dropped behind its end',
    async (d) => {
      await d.enter('last-chunk', { mode: 7 });
      await d.enter('sent', { deferred: false, waitsFor: [] });
      await d.answer(says('refused'));
    },
    'partly-sent',
    { image: 'not-accepted', activation: 'not-sent', failedStep: null },
  ],
  [
    'the activation was refused',
    async (d) => {
      await d.enter('sent', { deferred: true, waitsFor: ['activation', 'power-cycle'] });
      await d.enter('activation', { mode: 15 });
      await d.answer(says('refused'));
    },
    'sent-not-activated',
    { image: 'accepted', activation: 'refused', failedStep: 'activate_mc' },
  ],
  [
    'nothing waited for the activation',
    async (d) => {
      await d.enter('sent', { deferred: true, waitsFor: ['activation', 'power-cycle'] });
      await d.enter('activation', { mode: 15 });
      await d.answer(says('nothing-waited'));
    },
    'activation-in-flight',
    { image: 'accepted', activation: 'nothing-waited', failedStep: null },
  ],
] as [string, (device: DeviceJournal) => Promise<void>, string, Partial<SentEvidence>][]) {
  dead(`an answer of the unit that was kept counts: ${title}`, async () => {
    const directory = scratch();
    await died(directory, 'r1', work);
    const { device, knowledge } = (await leftOn(directory))!;
    const { image, activation, failedStep } = sentByInterrupted(device, knowledge.known);
    assert.equal([knowledge.known, { image, activation, failedStep }], [known, sent]);
    const isOpen = knowledge.known === 'partly-sent';
    assert.is(knowledge.verifyFirst, !isOpen);
  });
}

for (const [error, by] of [
  [INTERNAL, 'sense'],
  [SAID, 'status'],
] as const) {
  dead(`a run that died behind an internal failure leaves a frozen unit, by its ${by}`, async () => {
    const directory = scratch();
    await died(directory, 'r1', async (d) => {
      await d.enter('first-chunk', { chunks: 8 });
      await d.answer({ says: 'frozen', error });
      // Whatever is said afterwards takes nothing of it away.
      await d.answer(says('refused'));
    });
    assert.is(await leftOn(directory), undefined, 'its end is known');
    const { runs } = await readRuns(directory);
    const memory = memoryOf(foldMemory(new Map(), runs, null), UNIT);
    const open = openEnd(memory)!;
    assert.equal(
      [open.outcome, open.frozen, open.sent.image, open.run],
      ['frozen', by, 'not-accepted', 'r1'],
    );
    await ended(directory, 'r2', 'updated');
    const later = await readRuns(directory);
    assert.is(interruptedRuns(later.runs).size, 0);
  });
}

dead.run();
