import * as assert from 'uvu/assert';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { suite } from '../../../support/suite.ts';
import { playOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import type { LabRunEnd } from '../lab-run.ts';

/** Another unit is where one was: that is told, with both names, and not that nobody answers. */
const test = suite('run: another unit in the place of one');

const OTHER = '5000000000000099';
const OURS = /identity changed: naa\.\w+ \(serial \w+\) was at \/dev\/sg0, now naa\.5000000000000099/;

/** The device goes, and another one comes in its place. */
const replaced = (device: SimulatedDevice, product?: string): void => {
  device.leave({ forMs: 0, removed: true, becomes: { naa: OTHER, serial: 'OTHER' } });
  if (product !== undefined) Object.assign(device.identity, { product });
};

/** When the device has answered `count` of these commands. */
const after =
  (operationCode: number, count: number, then: (device: SimulatedDevice) => void) =>
  ([device]: readonly SimulatedDevice[]): void => {
    let left = count;
    device!.putInFront(({ cdb }) => {
      if (cdb[0] !== operationCode || left-- !== 0) return undefined;
      then(device!);
      return outcomeOf({ errno: 19 });
    });
  };

const play = (): ReturnType<typeof playOf> => playOf({ verify: { ...playOf().verify, withinMs: 5_000 } });

function toldOf({ results, devices }: LabRunEnd): readonly [outcome: string, code: string | undefined] {
  const [{ outcome, error }] = results as [LabRunEnd['results'][number]];
  assert.match(error!.message, /naa\.\w+/, JSON.stringify(error));
  if (outcome === 'refused') assert.equal(sentTo(devices[0]!), []);
  return [outcome, error?.code];
}

for (const [title, prepare] of [
  ['since the plan was made', ([device]: readonly SimulatedDevice[]) => replaced(device!)],
  ['at the first question on the open node', after(OperationCode.testUnitReady, 0, replaced)],
  ['between two questions of the last check', after(OperationCode.inquiry, 2, replaced)],
  [
    'that is not ready, under the same scan of the kernel',
    ([device]: readonly SimulatedDevice[]) => {
      Object.assign(device!.identity, { naa: OTHER, serial: 'OTHER' });
      device!.putInFront(({ cdb }) =>
        cdb[0] === OperationCode.testUnitReady
          ? device!.refuse({ key: 2, asc: 0x04, ascq: 0x03 })
          : undefined,
      );
    },
  ],
] as const) {
  test(`before the first byte, ${title}: refused, identity-changed`, async () => {
    const end = await runLab({ plays: [play()], prepare });
    assert.equal(toldOf(end), ['refused', 'identity-changed'], end.results[0]!.reason ?? '');
    assert.match(
      end.results[0]!.reason!,
      /naa\.\w+ \(serial \w+\) was (here|at \/dev\/sg0), now naa\.5000000000000099/,
    );
  });
}

for (const page of [0x80, 0x83]) {
  test(`a unit that is not ready, and refuses page ${page.toString(16)}h then, is not another one: it is not ready`, async () => {
    const { results } = await runLab({
      plays: [play()],
      prepare: ([device]) =>
        device!.putInFront(({ cdb }) => {
          if (cdb[0] === OperationCode.testUnitReady)
            return device!.refuse({ key: 2, asc: 0x04, ascq: 0x03 });
          return cdb[0] === OperationCode.inquiry && cdb[2] === page
            ? device!.refuse({ key: 5, asc: 0x24, ascq: 0x00 })
            : undefined;
        }),
    });
    const [{ outcome, error }] = results as [LabRunEnd['results'][number]];
    assert.equal([outcome, error?.code], ['refused', 'not-ready'], error?.message);
  });
}

for (const [title, product, outcome] of [
  ['of its kind', undefined, 'degraded'],
  ['of another product', 'SOMETHING ELSE', 'lost'],
] as const) {
  test(`when it should come back, one ${title}: ${outcome}, identity-changed`, async () => {
    const end = await runLab({
      plays: [play()],
      prepare: after(OperationCode.writeBuffer, 3, (device) => replaced(device, product)),
    });
    assert.equal(toldOf(end), [outcome, 'identity-changed'], end.results[0]!.reason ?? '');
    assert.match(end.results[0]!.error!.message, OURS);
    assert.match(end.results[0]!.error!.next, 'Find out which unit is connected here');
  });
}

test('a place in which nobody is stays one in which nobody answers', async () => {
  const end = await runLab({
    plays: [play()],
    prepare: after(OperationCode.writeBuffer, 3, (device) => device.leave({ forMs: 1e9, removed: true })),
  });
  assert.is(end.results[0]!.outcome, 'lost');
  assert.is.not(end.results[0]!.error!.code, 'identity-changed');
});

test('a play that comes after another one finds another unit in the place of the one that was updated', async () => {
  const second = playOf({
    name: 'second',
    after: 'cards',
    match: { revision: ['2.10'] },
    firmware: { ...playOf().firmware, revision: '2.12' },
    verify: { ...play().verify, revision: '2.12' },
  });
  const end = await runLab({
    plays: [play(), second],
    onEvent: (event, _stop, devices) => {
      if (event.type === 'phase-finished' && event.phase === 'verify') replaced(devices[0]!);
    },
  });
  assert.equal(
    end.results.map(({ outcome, error }) => [outcome, error?.code]),
    [
      ['updated', undefined],
      ['refused', 'identity-changed'],
    ],
  );
});

test.run();
