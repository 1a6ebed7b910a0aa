import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import {
  IMAGE,
  NEXUS,
  OTHER_NEXUS,
  activateMc,
  chunk,
  deviceOf,
  download,
  said,
  tur,
} from './device-under-test.ts';
import type { PersonaName } from '../../../src/simulator/personas.ts';

const activation = suite('simulator: when new microcode runs');

/** After each step, what INQUIRY shows: download, mode 0Fh, hard reset, power cycle. */
const SHOWN: readonly (readonly [PersonaName, mode: number, activated: string, shown: string])[] = [
  ['hp-sas-expander', 0x07, '5/2C/00', 'NEW NEW NEW NEW'],
  ['hp-sas-expander', 0x0e, 'good', 'OLD NEW NEW NEW'],
  ['hp-sas-expander-old', 0x07, '5/24/00 byte 1', 'NEW NEW NEW NEW'],
  ['hp-sas-expander-mute', 0x0e, 'good', 'OLD OLD OLD OLD'],
  ['disk', 0x04, '5/2C/00', 'NEW NEW NEW OLD'],
  ['disk', 0x05, '5/2C/00', 'NEW NEW NEW NEW'],
  ['disk', 0x06, '5/2C/00', 'NEW NEW NEW OLD'],
  ['disk', 0x07, '5/2C/00', 'NEW NEW NEW NEW'],
  ['disk', 0x0d, 'good', 'OLD NEW NEW NEW'],
  ['disk', 0x0e, 'good', 'OLD NEW NEW NEW'],
  ['disk-after-activate', 0x07, 'good', 'OLD NEW NEW NEW'],
  ['disk-hard-reset', 0x05, '5/2C/00', 'OLD OLD NEW NEW'],
  ['disk-hard-reset', 0x07, '5/2C/00', 'OLD OLD NEW NEW'],
  ['disk-hard-reset', 0x0e, 'good', 'OLD OLD NEW NEW'],
  ['disk-power-cycle', 0x07, '5/2C/00', 'OLD OLD OLD NEW'],
  ['disk-power-cycle', 0x0e, 'good', 'OLD OLD OLD NEW'],
];

for (const [name, mode, activated, shown] of SHOWN) {
  activation(
    `${name} shows ${shown} after mode ${mode.toString(16)}h, activation, hard reset, power cycle`,
    async () => {
      const device = deviceOf(name);
      const seen: string[] = [];
      const settled = async (): Promise<void> => {
        seen.push(device.shownRevision);
        await device.clock.sleep(10_000);
        while (tur(device) !== 'good');
      };
      const answers = download(device, mode, { bpw: mode < 6 ? 10_000 : 4096 });
      assert.equal(new Set(answers), new Set(['good']));
      await settled();
      assert.is(said(device.execute(activateMc, NEXUS)), activated);
      await settled();
      device.hardReset();
      await settled();
      device.powerCycle();
      await settled();
      assert.is(seen.join(' '), shown);
    },
  );
}

activation('runs the new code of a mute card although it never shows it', () => {
  const device = deviceOf('hp-sas-expander-mute');
  download(device, 0x0e);
  device.execute(activateMc, NEXUS);
  assert.equal([device.microcode.running.revision, device.shownRevision], ['NEW', 'OLD']);
});

for (const [modeSpecific, afterReset, afterPower] of [
  [0, 'OLD', 'OLD'],
  [2, 'NEW', 'NEW'],
  [4, 'OLD', 'NEW'],
  [6, 'NEW', 'NEW'],
] as const) {
  activation(`mode 0Dh with MODE SPECIFIC ${modeSpecific} waits for the chosen events`, () => {
    const device = deviceOf('disk');
    download(device, 0x0d, { modeSpecific });
    device.hardReset();
    assert.is(device.shownRevision, afterReset);
    device.powerCycle();
    assert.is(device.shownRevision, afterPower);
  });
}

activation('refuses an event that page 86h does not list', () => {
  const device = deviceOf('disk');
  assert.is(said(device.execute(chunk(0x0d, 0, IMAGE.bytes, 0, 1), NEXUS)), '5/24/00 byte 1');
});

activation('activates once: the second mode 0Fh finds nothing', () => {
  const device = deviceOf('disk');
  download(device, 0x0e);
  assert.equal(
    [1, 2].map(() => said(device.execute(activateMc, NEXUS))),
    ['good', '5/2C/00'],
  );
});

activation('tells a reset that changed the code to every nexus', async () => {
  const device = deviceOf('disk-hard-reset');
  download(device, 0x0e);
  device.hardReset();
  await device.clock.sleep(5000);
  for (const nexus of [NEXUS, OTHER_NEXUS]) {
    assert.equal(
      [1, 2, 3].map(() => tur(device, nexus)),
      ['6/29/02', '6/3F/01', 'good'],
    );
  }
});

activation('tells a power cycle that changed nothing as 29/00 alone', () => {
  const device = deviceOf('disk');
  device.powerCycle();
  assert.equal([tur(device), tur(device)], ['6/29/00', 'good']);
});

activation(
  'tells the other nexus of code that took over without a reset, and not the one that sent it',
  () => {
    const device = deviceOf('disk');
    download(device, 0x07);
    assert.is(tur(device), 'good');
    assert.is(tur(device, OTHER_NEXUS), '6/3F/01');
  },
);

activation('drops the image that waited when the next download into its buffer begins', () => {
  const device = deviceOf('disk');
  download(device, 0x0e);
  device.execute(chunk(0x0e, 0, IMAGE.bytes.subarray(0, 4096)), NEXUS);
  assert.is(said(device.execute(activateMc, NEXUS)), '5/2C/00');
});

activation('keeps what waits in other buffers, and activates all of them at once', () => {
  const persona = { download: { ...deviceOf('disk').persona.download, bufferIds: [0, 1] } };
  const second = { name: 'boot.bin', revision: null, product: null, bytes: new Uint8Array(512) };
  const device = deviceOf('disk', { persona, images: [IMAGE, second] });
  download(device, 0x0e);
  assert.is(said(device.execute(chunk(0x0e, 0, second.bytes, 1), NEXUS)), 'good');
  assert.is(said(device.execute(activateMc, NEXUS)), 'good');
  assert.equal(
    [...device.microcode.flash],
    [
      [0, IMAGE],
      [1, second],
    ],
  );
  assert.is(device.shownRevision, 'NEW');
});

activation('shows the product that the new code brings', () => {
  const renamed = { ...IMAGE, product: 'DISK B' };
  const device = deviceOf('disk', { images: [renamed] });
  download(device, 0x07);
  assert.is(device.identity.product, 'DISK B');
});

activation.run();
