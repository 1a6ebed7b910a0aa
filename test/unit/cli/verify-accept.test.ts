import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { acceptUnit } from '../../../src/cli/commands/verify-accept.ts';
import { openState } from '../../../src/cli/open-state.ts';
import type { OpenedState } from '../../../src/cli/open-state.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import type { LabDeviceWords } from '../../../src/generated/lab.ts';
import { runText } from '../../../src/report/history-text.ts';
import { noInk } from '../../../src/report/ink.ts';
import { openJournal } from '../../../src/run/records/journal.ts';
import { openUnits } from '../../../src/run/records/open-units.ts';
import { isWhole } from '../../../src/run/records/survey.ts';
import { nextRecord } from '../../../src/run/records/unit-record.ts';
import { UnitStore } from '../../../src/run/records/unit-store.ts';
import type { DeviceResult } from '../../../src/run/facts/outcome.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import { suite } from '../../support/suite.ts';
import { resultOf } from '../report/run-events.ts';
import { headerOf, journalDevice, scratch } from '../run/records/builders.ts';

const test = suite('cli: verify --accept');

const clock = new VirtualClock();
const SHELF = { persona: 'ses-shelf', revision: '2.08' } as const;

/** Two modules of one enclosure, and a card; what is remembered of them is empty. */
function host(
  devices: readonly Partial<LabDeviceWords>[] = [{ persona: 'hp-sas-expander', revision: '2.08' }],
) {
  const lab = createLabHost({ lab: 'v1', devices } as Parameters<typeof createLabHost>[0], {
    images: new Map(),
    clock,
  });
  const state = openState({ stateDir: scratch() } as Parameters<typeof openState>[0], {
    env: {},
  });
  const opened = {
    ...{ host: lab, clock, labImages: undefined, maximumConcurrent: undefined, ignoreSignal: null },
    close: () => Promise.resolve(),
  };
  const units = lab.devices.map(({ identity: { naa, serial } }, index) =>
    journalDevice(index + 1, {
      id: `naa.${naa}`,
      logicalUnit: `naa.${naa}`,
      serialNumber: serial,
      deviceType: 0x0d,
    }),
  );
  const keep = async (index: number, result: Partial<DeviceResult>): Promise<void> => {
    const device = units[index]!;
    const ending = {
      ...{ device, run: 'r1', at: '2026-01-01T00:00:00.000Z', bootId: null, recovering: false },
      result: resultOf(index + 1, { id: device.id, after: '2.08', ...result }),
    };
    await new UnitStore(state.directory.units).write(nextRecord(null, ending)!);
  };
  return { units, opened, state, keep, accept: (name: string) => acceptUnit(name, 'seen', opened, state) };
}

const openIn = async ({ memory }: OpenedState): Promise<string[]> =>
  openUnits((await memory()).memory).map(({ device }) => device.id);

async function refused(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

test('a unit on which a run died: the person closes it, and it stays as it is known', async () => {
  const { units, state, accept } = host();
  const [unit] = units;
  const journal = await openJournal(state.directory.runs, headerOf('r1', 1, { devices: [unit!] }));
  await journal.device(unit!.id).enter('first-chunk', { chunks: 256 });
  await journal.close();
  assert.equal(await openIn(state), [unit!.id]);
  const { record } = await accept(unit!.serialNumber!);
  assert.equal([record.run, record.outcome, record.accepted.outcome], ['r1', 'failed', 'failed']);
  assert.equal(await openIn(state), []);
  assert.match(await refused(accept(unit!.id)), /a person has settled it already/);
  const { memory, runs } = await state.memory();
  const died = runs.filter(isWhole).find(({ run }) => run === 'r1')!;
  assert.match(
    runText(died, memory, { ink: noInk, verbose: false }),
    /a person has settled it .*as it was failed: seen/,
  );
});

test('a unit on which a run died, and that says what waits on it: that stays known', async () => {
  const waits = { command: 'request-sense', times: 0, sense: '0/00/22' } as const;
  const { units, state, accept } = host([{ persona: 'hp-sas-expander', revision: '2.08', faults: [waits] }]);
  const [unit] = units;
  const journal = await openJournal(state.directory.runs, headerOf('r1', 1, { devices: [unit!] }));
  const device = journal.device(unit!.id);
  await device.enter('first-chunk', { chunks: 8, mode: 0x0e });
  await device.enter('last-chunk', { chunk: 7, chunks: 8, mode: 0x0e });
  await journal.close();
  const { record } = await accept(unit!.id);
  assert.equal([record.outcome, record.pending], ['pending', ['activation', 'hard-reset', 'power-cycle']]);
  assert.equal(await openIn(state), []);
});

const MODULES = [1, 2].map((process) => ({
  ...SHELF,
  enclosure: { id: '0x3000000e0200007f', process, of: 2 },
}));

test('a name of several units means the one on which something is open', async () => {
  const { units, state, keep, accept } = host(MODULES);
  await keep(0, { outcome: 'updated', after: '2.10' });
  await keep(1, { outcome: 'pending', pending: ['power-cycle'] });
  const { record } = await accept('0x3000000e0200007f');
  assert.is(record.unit, units[1]!.id);
  assert.equal(await openIn(state), []);
});

test('a name of several open units is none of them: nothing is settled', async () => {
  const { units, state, keep, accept } = host(MODULES);
  for (const index of [0, 1]) await keep(index, { outcome: 'pending', pending: ['power-cycle'] });
  const told = await refused(accept('3000000e0200007f'));
  assert.match(told, `several units on which something is open: ${units.map(({ id }) => id).join(', ')}`);
  assert.equal((await openIn(state)).sort(), units.map(({ id }) => id).sort());
});

test('a unit that is as it should be has nothing that a person could settle', async () => {
  const { units, state, keep, accept } = host();
  await keep(0, { outcome: 'updated', after: '2.10' });
  assert.match(await refused(accept(units[0]!.id)), /no earlier run left anything open/);
  const kept = await new UnitStore(state.directory.units).read(units[0]!.id);
  assert.is(kept!.accepted, undefined);
});

test.run();
