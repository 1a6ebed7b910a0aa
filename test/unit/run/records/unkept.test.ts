import * as assert from 'uvu/assert';
import type { JournalDevice } from '../../../../src/run/records/journal-entry.ts';
import { openJournal } from '../../../../src/run/records/journal.ts';
import { surveyRuns } from '../../../../src/run/records/survey.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import { nextRecord } from '../../../../src/run/records/unit-record.ts';
import type { UnitRecord } from '../../../../src/run/records/unit-record.ts';
import { withUnkept } from '../../../../src/run/records/unkept.ts';
import { suite } from '../../../support/suite.ts';
import { idOf, resultOf } from '../../report/run-events.ts';
import { headerOf, journalDevice, scratch } from './builders.ts';

const test = suite('run/store-unkept');
const UNIT = idOf(1);
const DEAD = { pid: 4_194_300, startTicks: '1' };

const record = (outcome: Outcome): UnitRecord =>
  nextRecord(null, {
    device: journalDevice(1),
    result: resultOf(1, { outcome, reason: '4/44' }),
    run: 'r0',
    at: '2020-01-01T00:00:00.000Z',
    bootId: null,
    recovering: false,
  })!;

/** A run that died when its verdict was in the journal, and not in the store. */
async function afterDeath(
  before: UnitRecord | null,
  outcome: Outcome,
  device: JournalDevice = journalDevice(1),
): Promise<UnitRecord | undefined> {
  const directory = scratch();
  const journal = await openJournal(directory, headerOf('r1', 1, { process: DEAD, devices: [device] }));
  await journal.device(UNIT).enter('first-chunk');
  await journal.device(UNIT).verdict(resultOf(1, { outcome, play: device.play }));
  await journal.close();
  const { runs } = await surveyRuns(directory);
  return withUnkept(new Map(before === null ? [] : [[UNIT, before]]), runs).get(UNIT);
}

test('a verdict that did not reach the store is taken from the journal', async () => {
  assert.is((await afterDeath(null, 'unverified'))!.outcome, 'unverified');
  assert.is((await afterDeath(record('pending'), 'updated'))!.outcome, 'updated');
});

test('a recovery that died between verdict and record has recovered the unit', async () => {
  const frozen = record('frozen');
  assert.is.not(frozen.frozen, null);
  const recovering = journalDevice(1, { recovering: true });
  assert.is((await afterDeath(frozen, 'updated', recovering))!.frozen, null);
  assert.is.not((await afterDeath(frozen, 'failed', recovering))!.frozen, null);
});

test('any other work that ended well leaves it frozen', async () => {
  assert.is.not((await afterDeath(record('frozen'), 'updated'))!.frozen, null);
});

test('what the store has of a later time stands', async () => {
  const later = { ...record('failed'), at: '2100-01-01T00:00:00.000Z' };
  assert.is((await afterDeath(later, 'updated'))!.outcome, 'failed');
});

test.run();
