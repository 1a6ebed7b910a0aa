import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import type { PersonaName } from '../../../src/simulator/personas.ts';
import { LabError } from '../../../src/simulator/lab-images.ts';
import {
  labStateWriter,
  parseLabState,
  readLabState,
  serialiseLabState,
  writeLabState,
} from '../../../src/simulator/lab-state-file.ts';
import type { LabFile } from '../../../src/generated/lab.ts';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import type { LabState } from '../../../src/simulator/lab-state.ts';
import { fingerprint, labState, restoreDevices } from '../../../src/simulator/lab-state.ts';
import { suite } from '../../support/suite.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import {
  IMAGE,
  NEXUS,
  OTHER_NEXUS,
  activateMc,
  chunk,
  deviceOf,
  download,
  freshDeviceOf,
  said,
  tur,
} from './device-under-test.ts';

const states = suite('simulator: the state of a lab between two commands');

/** As the next command sees it: written, read, and put into a device made from the lab file. */
function nextCommand(name: PersonaName, device: SimulatedDevice): SimulatedDevice {
  const next = freshDeviceOf(name, { clock: new VirtualClock() });
  restoreDevices([next], parseLabState('lab.state', serialiseLabState(labState([device]))));
  return next;
}

states('keeps what is in flash and what runs', () => {
  const device = deviceOf('disk');
  download(device, 0x07);
  const next = nextCommand('disk', device);
  assert.is(next.shownRevision, 'NEW');
  assert.is(next.microcode.flash.get(0), IMAGE);
  next.powerCycle();
  assert.is(next.shownRevision, 'NEW');
});

states('keeps whom a device has become', () => {
  const device = deviceOf('disk');
  const becomes = { serial: 'SX', naa: '3000000e02000fc0' };
  device.leave({ forMs: 0, removed: true, becomes });
  const { serial, naa } = nextCommand('disk', device).identity;
  assert.equal({ serial, naa }, becomes);
});

states('keeps that running code was not saved', () => {
  const device = deviceOf('disk');
  device.execute(chunk(0x04, 0, IMAGE.bytes), NEXUS);
  const next = nextCommand('disk', device);
  assert.is(next.shownRevision, 'NEW');
  next.powerCycle();
  assert.is(next.shownRevision, 'OLD');
});

states('keeps an image that waits, with its events', () => {
  const device = deviceOf('disk-power-cycle');
  download(device, 0x0e);
  const next = nextCommand('disk-power-cycle', device);
  assert.is(said(next.execute(activateMc, NEXUS)), 'good');
  const later = nextCommand('disk-power-cycle', next);
  later.hardReset();
  assert.is(later.shownRevision, 'OLD');
  later.powerCycle();
  assert.is(later.shownRevision, 'NEW');
});

states('keeps a partial download, so that nothing but a reset drops it', () => {
  const device = deviceOf('hp-sas-expander');
  device.execute(chunk(0x07, 0, IMAGE.bytes.subarray(0, 4096)), NEXUS);
  const next = nextCommand('hp-sas-expander', device);
  assert.is(said(next.execute(chunk(0x07, 4096, IMAGE.bytes.subarray(4096)), NEXUS)), 'good');
  assert.is(next.shownRevision, 'NEW');
});

states('keeps a complete image of a tape drive that was not committed', () => {
  const device = deviceOf('tape');
  device.execute(chunk(0x04, 0, IMAGE.bytes), NEXUS);
  const next = nextCommand('tape', device);
  assert.is(said(next.execute(chunk(0x05, 0, new Uint8Array(0)), NEXUS)), 'good');
  assert.is(next.shownRevision, 'NEW');
});

states('keeps pending unit attentions and the rest of the time until it is ready', async () => {
  const clock = new VirtualClock();
  const device = deviceOf('hp-sas-expander', { clock });
  download(device, 0x07);
  await clock.sleep(500);
  const next = nextCommand('hp-sas-expander', device);
  assert.equal([tur(next, OTHER_NEXUS), tur(next, OTHER_NEXUS)], ['6/29/04', '6/3F/01']);
  assert.is(tur(next), '6/29/04');
  assert.is(tur(next), '2/04/01');
  await next.clock.sleep(1500);
  assert.is(tur(next), 'good');
});

states('keeps how often a fault was met: a second command does not meet it again', async () => {
  const lab: LabFile = {
    lab: 'v1',
    devices: [
      {
        persona: 'disk',
        revision: '0001',
        faults: [
          { command: 'test-unit-ready', status: 8 },
          { command: 'inquiry', nth: 2, status: 8 },
        ],
      },
    ],
  };
  let state: LabState | undefined;
  const save = (next: LabState): void => {
    state = parseLabState('lab.state', serialiseLabState(next));
  };
  const statuses = async (savedState?: LabState): Promise<number[]> => {
    const given = savedState === undefined ? {} : { savedState };
    const host = createLabHost(lab, { images: new Map(), clock: new VirtualClock(), save, ...given });
    const transport = await host.open((await host.discover())[0]!, 'change');
    await transport.execute(standardInquiry());
    const told = [];
    for (const command of [testUnitReady(), standardInquiry()])
      told.push((await transport.execute(command)).status);
    return told;
  };
  const busy = 8;
  const attention = 2; // the unit attention of power on, which was not told before
  assert.equal(await statuses(), [busy, busy]);
  assert.equal(await statuses(state), [attention, 0]);
  assert.equal(await statuses(), [busy, busy], 'without a state the lab is as its file says');
});

states('changes with the state and not with time', async () => {
  const device = deviceOf('disk');
  const before = fingerprint(device);
  await device.clock.sleep(1000);
  assert.is(fingerprint(device), before);
  device.execute(chunk(0x07, 0, IMAGE.bytes.subarray(0, 16)), NEXUS);
  assert.is.not(fingerprint(device), before);
});

function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof LabError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'not refused';
}

states('refuses the state of another lab', () => {
  const device = deviceOf('disk');
  download(device, 0x07);
  const state = labState([device]);
  const other = deviceOf('disk', { images: [] });
  assert.match(
    refused(() => restoreDevices([other], state)),
    /^bad-lab-state: .*the image with SHA-256 3eb5b344/,
  );
  assert.match(
    refused(() => restoreDevices([], state)),
    /^bad-lab-state: .*device 50014380ab000000/,
  );
});

const GOOD = serialiseLabState(labState([deviceOf('disk')]));
for (const [title, text, message] of [
  ['no JSON', '{', /is not JSON \(/],
  ['another document', '{"format":"runbook.report/1"}', /format is not runbook.lab-state\/1/],
  ['a list', '[]', /format is not/],
  ['no devices', '{"format":"runbook.lab-state/1"}', /is damaged at \/devices/],
  ['a map of devices', '{"format":"runbook.lab-state/1","devices":{}}', /is damaged at \/devices/],
  [
    'a revision that does not fit',
    GOOD.replace('"OLD"', '"OLDER"'),
    /is damaged at \/devices\/0\/shownRevision/,
  ],
  [
    'a time that is not a number',
    GOOD.replace('"readyInMs": 0', '"readyInMs": "0"'),
    /is damaged at \/devices\/0\/readyInMs/,
  ],
] as const) {
  states(`refuses a file with ${title}, and says which`, () => {
    assert.match(
      refused(() => parseLabState('my.state', text)),
      /^bad-lab-state: my.state: /,
    );
    assert.match(
      refused(() => parseLabState('my.state', text)),
      message,
    );
  });
}

states('never throws anything else, whatever the file holds', () => {
  const value = JSON.parse(GOOD) as { devices: Record<string, unknown>[] };
  const keys = Object.keys(value.devices[0]!);
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, wrong) => {
      const changed = { ...value, devices: [{ ...value.devices[0], [key]: wrong }] };
      const outcome = refused(() =>
        restoreDevices([freshDeviceOf('disk')], parseLabState('x', JSON.stringify(changed))),
      );
      assert.match(outcome, /^(not refused|bad-lab-state)/);
    }),
    { numRuns: 200 },
  );
});

states('is written whole or not at all, and read back', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-lab-'));
  const file = path.join(directory, 'lab.state');
  try {
    assert.is(await readLabState(file), undefined);
    const device = deviceOf('disk');
    await writeLabState(file, labState([device]));
    download(device, 0x07);
    const save = labStateWriter(file);
    await Promise.all([save(labState([deviceOf('disk')])), save(labState([device]))]);
    assert.equal(await readLabState(file), labState([device]));
    assert.equal(await readdir(directory), ['lab.state'], 'nothing is left beside it');
    assert.is(await readFile(file, 'utf8'), serialiseLabState(labState([device])));
  } finally {
    await rm(directory, { recursive: true });
  }
});

states('lets a device become ready while no command runs', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-lab-'));
  const file = path.join(directory, 'lab.state');
  try {
    const device = deviceOf('hp-sas-expander');
    download(device, 0x07);
    const state = labState([device]);
    assert.is(state.devices[0]?.readyInMs, 2000);
    await writeLabState(file, state);
    const anHourAgo = Date.now() / 1000 - 3600;
    await utimes(file, anHourAgo, anHourAgo);
    assert.is((await readLabState(file))?.devices[0]?.readyInMs, 0);
  } finally {
    await rm(directory, { recursive: true });
  }
});

states('says which file cannot be written or read', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-lab-'));
  try {
    await writeFile(path.join(directory, 'plain'), '');
    for (const work of [
      () => writeLabState(path.join(directory, 'missing', 'lab.state'), labState([])),
      () => readLabState(path.join(directory, 'plain', 'lab.state')),
    ]) {
      const error: unknown = await work().then(
        () => null,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof LabError);
      assert.match(
        error.message,
        /lab\.state: (is a directory|cannot be (read|written): .*); check --lab-state/,
      );
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

states.run();
