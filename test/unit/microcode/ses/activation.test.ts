import * as assert from 'uvu/assert';
import { activateBySes } from '../../../../src/microcode/ses/activation.ts';
import type { SesActivationEnd, SesActivationOptions } from '../../../../src/microcode/ses/activation.ts';
import type { Behavior, SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE } from '../../simulator/device-under-test.ts';
import { sendAll } from '../../simulator/ses-device.ts';
import { openShelf, reading, sending } from '../ses-shelf.ts';
import type { SesCase } from '../ses-shelf.ts';

const test = suite('microcode/ses-activation');

interface Found {
  readonly end: SesActivationEnd;
  readonly wire: string;
  readonly device: SimulatedDevice;
}

/** A shelf on which a deferred image waits, unless `waits` is false; its final status was read. */
async function activate(
  given: Pick<SesCase, 'front' | 'ses'> & {
    readonly options?: Partial<SesActivationOptions>;
    readonly waits?: boolean;
    readonly moved?: number;
  } = {},
): Promise<Found> {
  const ses = { writeMs: 0, ...given.ses };
  let begun = false;
  const front = (given.front ?? []).map(
    (behavior): Behavior =>
      (command, shelf, nexus) =>
        begun ? behavior(command, shelf, nexus) : undefined,
  );
  const { device, simulated, wire } = openShelf({ persona: 'ses-shelf-deferred', ses, front });
  if (given.waits !== false) sendAll(simulated, { mode: 0x0e });
  simulated.enclosure!.settle();
  simulated.enclosure!.primary.wasRead();
  if (given.moved !== undefined) simulated.enclosure!.generationCode = given.moved;
  wire.length = 0;
  begun = true;
  const end = await activateBySes(device, {
    subenclosureId: 0,
    bufferId: 0,
    imageLengthBytes: IMAGE.bytes.length,
    generationCode: 1,
    readStatus: true,
    timeoutMs: 7_200_000,
    waitMs: 10_000,
    onWaiting: () => undefined,
    ...given.options,
  });
  return { end, wire: wire.join(' '), device: simulated };
}

test('the waiting image is activated with the code of the final status', async () => {
  const { end, wire, device } = await activate();
  assert.equal(end, { kind: 'complete', failure: null, waitsFor: [] });
  assert.is(wire, '0F@0 R');
  assert.is(device.shownRevision, 'NEW');
});

test('the page has the length of the image, and no data', async () => {
  let page: Uint8Array | undefined;
  await activate({
    front: [({ cdb, dataOut }) => ((page = cdb[0] === 0x1d ? dataOut : page), undefined)],
  });
  assert.is(Buffer.from(page!).toString('hex'), '0e000014000000010f000000000000000000271000000000');
});

test('without a final status the generation code is asked for', async () => {
  const { end, wire } = await activate({ options: { generationCode: null }, moved: 9 });
  assert.is(end.kind, 'complete');
  assert.is(wire, 'R 0F@0 R');
});

test('a unit that is away when the generation code is asked for is waited for', async () => {
  let here = true;
  const { end, wire, device } = await activate({
    options: { generationCode: null },
    front: [
      (_command, shelf) => {
        if (!here) return undefined;
        here = false;
        shelf.leave({ forMs: 3000 });
        return outcomeFor('host 1');
      },
    ],
  });
  assert.is(end.kind, 'complete');
  assert.match(wire, /^R R 0F@0/);
  assert.is(device.shownRevision, 'NEW');
});

test('where nothing is to be read, nothing is read afterwards', async () => {
  const { end, wire } = await activate({ options: { readStatus: false } });
  assert.is(end.kind, 'complete');
  assert.is(wire, '0F@0');
});

test('a generation code that moved since the download is followed once', async () => {
  const { end, wire, device } = await activate({ moved: 9, ses: { refusal: 'good' } });
  assert.is(end.kind, 'complete');
  assert.is(wire, '0F@0 R 0F@0 R');
  assert.is(device.shownRevision, 'NEW');
});

test('a generation code that moves again and again ends as failed', async () => {
  const { end, wire } = await activate({
    ses: { refusal: 'good' },
    front: [
      ({ cdb }, { enclosure }) => {
        if (cdb[0] === 0x1d) enclosure!.generationCode++;
        return undefined;
      },
    ],
  });
  assert.is(end.kind, 'failed');
  assert.is(wire, '0F@0 R 0F@0 R');
  assert.match(end.failure!.message, /EXPECTED GENERATION CODE, byte 4/);
});

test('without a waiting image it is 85h', async () => {
  const { end, wire } = await activate({ waits: false, ses: { refusal: 'good' } });
  assert.is(end.kind, 'nothing-waited');
  assert.is(wire, '0F@0 R');
  assert.match(end.failure!.message, /^activation: activation without deferred microcode \(85h\)/);
  assert.match(end.failure!.next, /Download the image again/);
});

test('a refused page is followed by one reading that names the reason', async () => {
  const { end, wire } = await activate({ waits: false });
  assert.is(end.kind, 'nothing-waited');
  assert.is(wire, '0F@0 R');
  assert.match(end.failure!.message, /5\/26\/00.*; activation: activation without deferred microcode/);
});

for (const [status, kind, waitsFor] of [
  [0x00, 'complete', []],
  [0x01, 'complete', []],
  [0x10, 'complete', []],
  [0x11, 'complete', ['hard-reset', 'power-cycle']],
  [0x12, 'complete', ['power-cycle']],
  [0x13, 'complete', ['activation', 'hard-reset', 'power-cycle']],
  [0x14, 'complete', []],
  [0x7f, 'complete', []],
  [0x80, 'failed', []],
  [0x81, 'failed', []],
  [0x83, 'frozen', []],
  [0x84, 'failed', []],
  [0x85, 'nothing-waited', []],
  [0xf0, 'failed', []],
] as const) {
  test(`status ${status.toString(16)}h after the activation: ${kind}`, async () => {
    const { end } = await activate({ front: [reading(1, { status })] });
    assert.is(end.kind, kind);
    assert.equal(end.waitsFor, waitsFor);
  });
}

test('02h and 03h are waited for', async () => {
  const { end, wire } = await activate({ front: [reading(1, { status: 0x03 }, 3)] });
  assert.is(end.kind, 'complete');
  assert.is(wire, '0F@0 R R R R');
});

for (const [answer, kind] of [
  ['6/29/04', 'complete'],
  ['6/3F/01', 'complete'],
  ['host 3', 'unclear'],
  ['host 1', 'unclear'],
  ['4/44/00', 'frozen'],
  ['5/24/00', 'unclear'],
] as const) {
  test(`${answer} instead of the status: ${kind}`, async () => {
    const { end } = await activate({ front: [reading(1, answer, 0)] });
    assert.is(end.kind, kind);
  });
}

for (const [answer, kind, wire] of [
  ['5/2C/00', 'nothing-waited', '0F@0 R'],
  ['host 3', 'unclear', '0F@0'],
  ['b/47/00', 'unclear', '0F@0'],
  ['6/29/00', 'unclear', '0F@0'],
  ['4/44/00', 'frozen', '0F@0 R'],
  ['errno 13', 'failed', '0F@0 R'],
] as const) {
  test(`${answer} for the page itself: ${kind}`, async () => {
    const found = await activate({ front: [sending(1, answer)] });
    assert.is(found.end.kind, kind);
    assert.is(found.wire, wire);
  });
}

test('83h behind a refusal freezes', async () => {
  const { end } = await activate({ front: [sending(1, '5/2C/00'), reading(1, { status: 0x83 })] });
  assert.is(end.kind, 'frozen');
});

test.run();
