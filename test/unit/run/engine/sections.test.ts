import * as assert from 'uvu/assert';
import type { ResolvedPlay, ResolvedSection } from '../../../../src/playbook/resolved.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import {
  decodeDownloadMicrocodeControl,
  SES_MICROCODE_MODES,
} from '../../../../src/ses/download-microcode-control.ts';
import { standardImage } from '../../../../src/simulator/lab-images.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playOf, sectionOf } from '../builders.ts';
import type { PlayFields } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';
import { sesPlayOf, sesSectionOf } from '../ses-plays.ts';

const test = suite('run/sections');

/** 5000 bytes that change no revision: a boot block. */
const BOOT = standardImage(5000).map((byte) => byte ^ 0x55);
/** 6000 bytes of an image that shows 2.09. */
const OLDER = standardImage(6000).map((byte) => byte ^ 0xaa);
const IMAGES: LabRun['images'] = new Map([
  ['2.08', BOOT],
  ['2.09', OLDER],
  ['2.10', IMAGE],
]);
const DISKS = { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK' } as const;

/** Boot block to buffer 1, firmware to buffer 0. */
const boot = (fields: Parameters<typeof sectionOf>[0] = {}): ResolvedSection =>
  sectionOf({ image: BOOT, bufferId: 1, ...fields });
const disks = (download: readonly ResolvedSection[], fields: PlayFields = {}): ResolvedPlay =>
  playOf({ name: 'disks', match: DISKS, download, ...fields });

const runDisk = async (
  play: ResolvedPlay,
  rest: Partial<LabRun> = {},
): Promise<LabRunEnd & { readonly disk: SimulatedDevice }> => {
  const end = await runLab({
    devices: [{ persona: 'disk-two-buffers' }],
    images: IMAGES,
    plays: [play],
    ...rest,
  });
  return { ...end, disk: end.devices[0]! };
};

/** `MODE@offset/buffer` of each WRITE BUFFER. */
const wire = ({ log }: SimulatedDevice): string =>
  log
    .filter(({ cdb }) => cdb[0] === OperationCode.writeBuffer)
    .map(
      ({ cdb }) =>
        `${(cdb[1]! & 0x1f).toString(16)}@${(cdb[3]! << 16) | (cdb[4]! << 8) | cdb[5]!}/${cdb[2]!}`,
    )
    .join(' ');

test('two files go to two buffers in order, with one activation for both', async () => {
  const { outcomes, results, disk, events } = await runDisk(disks([boot(), sectionOf()]));
  assert.is(outcomes, 'updated');
  assert.is(wire(disk), 'e@0/1 e@4096/1 e@0/0 e@4096/0 e@8192/0 f@0/0');
  assert.equal([...disk.microcode.flash.keys()].sort(), [0, 1]);
  assert.is(results[0]!.bytes, 15_000);
  assert.is(results[0]!.chunks, 5);
  const progress = events.flatMap((event) =>
    event.type === 'progress'
      ? [`${event.chunk}/${event.chunks} ${event.doneBytes}/${event.totalBytes}`]
      : [],
  );
  assert.equal(progress, [
    '1/5 4096/15000',
    '2/5 5000/15000',
    '3/5 9096/15000',
    '4/5 13192/15000',
    '5/5 15000/15000',
  ]);
});

test('when section 2 fails nothing is activated, and the reason says which section', async () => {
  const { results, disk } = await runDisk(disks([boot(), sectionOf()]), {
    prepare: ([device]) => refuseChunk(device!, 4),
  });
  const [result] = results;
  assert.is(result!.outcome, 'failed');
  assert.match(result!.reason!, /^runs 2.08 still: section 2 of 2: WRITE BUFFER/);
  assert.match(result!.reason!, 'an image waits on it for: activation');
  assert.not.ok(wire(disk).includes('f@'));
  assert.is(result!.bytes, 9096);
});

/** Sense 4/3E/03, which says nothing about modes. */
const BROKEN = { key: 4, asc: 0x3e, ascq: 0x03 };

for (const [title, sections, expected] of [
  [
    'a section that activates by itself may stand before one that waits',
    [boot({ mode: 'dmc_offs_save' }), sectionOf()],
    '7@0/1 7@4096/1 e@0/0 e@4096/0 e@8192/0 f@0/0',
  ],
  [
    'each section has its own mode, size and buffer',
    [boot({ mode: 'dmc_save', bpw: 'whole' }), sectionOf({ bpw: 'whole' })],
    '5@0/1 e@0/0 f@0/0',
  ],
  [
    'three sections are sent in their order',
    [sectionOf({ image: OLDER, bufferId: 1 }), boot(), sectionOf({ bpw: 'auto' })],
    'e@0/1 e@4096/1 e@0/1 e@4096/1 e@0/0 f@0/0',
  ],
] as const) {
  test(title, async () => {
    const { outcomes, results, disk } = await runDisk(disks(sections));
    assert.is(outcomes, 'updated', results[0]!.reason ?? '');
    assert.is(wire(disk), expected);
  });
}

for (const [persona, section, expected] of [
  [
    'disk-last-mode',
    { mode: 'dmc_offs', lastMode: 'dmc_offs_save' },
    '6@0/0 7@4096/0 6@0/0 6@4096/0 7@8192/0',
  ],
  [
    'disk-buffer-id-step',
    { mode: 'dmc_offs_save', bufferIdStep: 1 },
    '7@0/0 7@4096/1 7@0/0 7@4096/1 7@8192/2',
  ],
] as const) {
  test(`${Object.keys(section).at(-1)!} counts from the start in each section`, async () => {
    const play = disks([sectionOf({ image: BOOT, ...section }), sectionOf(section)], { activate: [] });
    const { outcomes, results, disk } = await runDisk(play, { devices: [{ persona }] });
    assert.is(outcomes, 'updated', results[0]!.reason ?? '');
    assert.is(wire(disk), expected);
  });
}

test('the empty command at the end belongs to its section', async () => {
  const section = { mode: 'dmc', endWith: 'dmc_save' } as const;
  const tapes = { type: 'tape', deviceType: 1, vendor: 'LAB', product: 'TAPE' } as const;
  const download = [sectionOf({ image: BOOT, ...section }), sectionOf(section)];
  const { outcomes, disk } = await runDisk(disks(download, { match: tapes, activate: [] }), {
    devices: [{ persona: 'tape' }],
  });
  assert.is(outcomes, 'updated');
  assert.is(wire(disk), '4@0/0 4@4096/0 5@0/0 4@0/0 4@4096/0 4@8192/0 5@0/0');
});

test('a revision that section 1 brought does not prove section 2', async () => {
  const first = sectionOf({ mode: 'dmc_offs_save' });
  const play = disks([first, boot({ mode: 'dmc_offs_save' })], { activate: [] });
  const { results, disk } = await runDisk(play, { prepare: ([device]) => refuseChunk(device!, 5) });
  assert.is(disk.shownRevision, '2.10');
  assert.is(results[0]!.outcome, 'failed');
  assert.is(results[0]!.after, '2.10');
  assert.match(
    results[0]!.reason!,
    'runs 2.10, but section 2 of 2 is not proven to be in the device: section 2 of 2:',
  );
});

test('a lost answer to the last chunk of section 1 ends the download: nobody knows what runs', async () => {
  const sections = [boot({ mode: 'dmc_offs_save' }), sectionOf({ mode: 'dmc_offs_save' })];
  const { results, disk } = await runDisk(disks(sections, { activate: [] }), {
    prepare: ([device]) => loseAnswer(device!, 2),
  });
  assert.is(wire(disk), '7@0/1 7@4096/1');
  assert.is(results[0]!.outcome, 'failed');
  assert.match(results[0]!.reason!, 'section 1 of 2');
});

test('the new code of the last section proves it, although its last answer was lost', async () => {
  const sections = [boot({ mode: 'dmc_offs_save' }), sectionOf({ mode: 'dmc_offs_save' })];
  const { results } = await runDisk(disks(sections, { activate: [] }), {
    prepare: ([device]) => loseAnswer(device!, 5),
  });
  assert.is(results[0]!.outcome, 'updated', results[0]!.reason ?? '');
});

const OTHERWISE = { mode: 'dmc_offs_save', bpw: 4096 } as const;

/** Cards say nothing of the modes that they know. */
const cards = (fields: Parameters<typeof sectionOf>[0]): ResolvedPlay =>
  playOf({ download: [sectionOf({ image: BOOT, ...fields }), sectionOf(fields)] });
const noticesIn = ({ events }: LabRunEnd): string[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

test('each section falls back after its own first chunk', async () => {
  const end = await runDisk(cards({ otherwise: OTHERWISE }), {
    devices: [{ persona: 'hp-sas-expander-old' }],
  });
  assert.is(end.outcomes, 'updated', end.results[0]!.reason ?? '');
  assert.is(wire(end.disk), 'e@0/0 7@0/0 7@4096/0 e@0/0 7@0/0 7@4096/0 7@8192/0');
  const [first, second] = noticesIn(end).filter((notice) => notice.includes('fallback'));
  assert.match(first!, /^section 1 of 2: dmc_offs_defer is not supported/);
  assert.match(second!, /^section 2 of 2: dmc_offs_defer is not supported/);
});

test('no fallback starts new code by itself while an earlier section waits', async () => {
  const end = await runDisk(cards({ otherwise: OTHERWISE }), {
    devices: [{}],
    prepare: ([device]) => refuseMode(device!, 0x0e, 3),
  });
  assert.is(wire(end.disk), 'e@0/0 e@4096/0 e@0/0');
  assert.is(end.results[0]!.outcome, 'failed');
  assert.match(end.results[0]!.reason!, 'section 2 of 2');
  assert.ok(noticesIn(end).some((notice) => notice.includes('the fallback dmc_offs_save is not used')));
});

test('an image that waits behind a section that runs keeps the unit pending', async () => {
  const sections = [boot(), sectionOf({ mode: 'dmc_offs_save' })];
  const { results, disk } = await runDisk(disks(sections, { activate: [{ step: 'power-cycle' }] }));
  assert.is(disk.shownRevision, '2.10');
  assert.is(results[0]!.outcome, 'pending');
  assert.match(results[0]!.reason!, /^written and accepted; shows 2\.10, but .* starts at: .*power-cycle/);
  assert.ok(results[0]!.pending!.includes('power-cycle'));
});

test('another unit in its place between two sections gets nothing', async () => {
  const sections = [boot({ mode: 'dmc_offs_save' }), sectionOf()];
  const { results, disk } = await runDisk(disks(sections), {
    prepare: ([device]) => {
      let count = 0;
      device!.putInFront((command, self, nexus) => {
        if (command.cdb[0] !== OperationCode.writeBuffer || ++count !== 2) return undefined;
        const told = self.perform(command, nexus);
        self.leave({ forMs: 2000, becomes: { serial: 'OTHER', naa: '3000000d1c0000ff' } });
        return told;
      });
    },
  });
  assert.is(wire(disk), '7@0/1 7@4096/1');
  assert.ok(['failed', 'degraded', 'lost'].includes(results[0]!.outcome), results[0]!.outcome);
});

/** Sent to the power supplies first: the unit is judged by its last section. */
const SHELF_IMAGES = new Map([
  ['0031', BOOT],
  ['2.10', IMAGE],
]);

test('each subenclosure gets its page 0Eh, and its activation, the primary last', async () => {
  const deferred = { mode: 'dmc_offs_defer' } as const;
  const download = [
    sesSectionOf(deferred),
    sesSectionOf({ ...deferred, image: BOOT, subenclosureId: 2 }),
    sesSectionOf(deferred),
  ];
  const play = sesPlayOf({}, { download, activate: [{ step: 'activate_mc' }] });
  const activated: number[] = [];
  const { outcomes, results, devices } = await runLab({
    devices: [{ persona: 'ses-shelf-triple' }],
    images: SHELF_IMAGES,
    plays: [play],
    prepare: ([device]) =>
      device!.putInFront(({ cdb, dataOut }) => {
        if (cdb[0] !== OperationCode.sendDiagnostic) return undefined;
        const { mode, subenclosureId } = decodeDownloadMicrocodeControl(dataOut!);
        if (mode === SES_MICROCODE_MODES.activate_mc) activated.push(subenclosureId);
        return undefined;
      }),
  });
  const [shelf] = devices;
  assert.is(outcomes, 'updated', results[0]!.reason ?? '');
  assert.equal(activated, [2, 0]);
  assert.is(shelf!.enclosure!.withId(2)!.microcode.running.revision, '0031');
  assert.is(shelf!.shownRevision, '2.10');
});

test('the final status of a section is asked for before the next section would use it up', async () => {
  const unread = { statusReads: 'none' } as const;
  const download = [sesSectionOf({ ...unread, image: BOOT, subenclosureId: 2 }), sesSectionOf(unread)];
  const { outcomes, results, devices } = await runLab({
    devices: [{ persona: 'ses-shelf-triple' }],
    images: SHELF_IMAGES,
    plays: [sesPlayOf({}, { download })],
  });
  assert.is(outcomes, 'updated', results[0]!.reason ?? '');
  assert.is(devices[0]!.enclosure!.withId(2)!.microcode.running.revision, '0031');
});

test('an image that its subenclosure refuses ends the download, also where its status is not read', async () => {
  const unread = { statusReads: 'none' } as const;
  const download = [sesSectionOf({ ...unread, image: OLDER, subenclosureId: 2 }), sesSectionOf(unread)];
  const { results, devices } = await runLab({
    devices: [{ persona: 'ses-shelf-triple' }],
    images: SHELF_IMAGES,
    plays: [sesPlayOf({}, { download })],
  });
  assert.is(results[0]!.outcome, 'failed');
  assert.match(results[0]!.reason!, /^runs 2\.08 still: section 1 of 2: .*81h/);
  assert.is(devices[0]!.shownRevision, '2.08');
});

test('where the target was shown before the last section, its own end is asked for', async () => {
  const last = sesSectionOf({ statusReads: 'none', image: OLDER, bufferId: 1 });
  const { results, devices } = await runLab({
    devices: [{ persona: 'ses-shelf-triple' }],
    images: SHELF_IMAGES,
    plays: [sesPlayOf({}, { download: [sesSectionOf(), last] })],
  });
  assert.is(devices[0]!.shownRevision, '2.10');
  assert.is(results[0]!.outcome, 'failed');
  assert.match(results[0]!.reason!, /^runs 2\.10, but section 2 of 2 is not proven .*\(80h\)/);
});

test('a last section that waits behind the target keeps the unit pending', async () => {
  const sections = [sectionOf({ mode: 'dmc_offs_save' }), boot()];
  const { results, disk } = await runDisk(disks(sections, { activate: [{ step: 'power-cycle' }] }));
  assert.is(disk.shownRevision, '2.10');
  assert.is(results[0]!.outcome, 'pending');
  assert.ok(results[0]!.pending!.includes('power-cycle'));
});

test.run();

/** Answers CHECK CONDITION to the nth WRITE BUFFER. */
function refuseChunk(device: SimulatedDevice, nth: number): void {
  let count = 0;
  device.putInFront((command, self) =>
    command.cdb[0] === OperationCode.writeBuffer && ++count === nth ? self.refuse(BROKEN) : undefined,
  );
}

/** The device does the nth WRITE BUFFER, and nobody hears of it. */
function loseAnswer(device: SimulatedDevice, nth: number): void {
  let count = 0;
  device.putInFront((command, self, nexus) => {
    if (command.cdb[0] !== OperationCode.writeBuffer || ++count !== nth) return undefined;
    return { ...self.perform(command, nexus), hostStatus: 0x03 };
  });
}

/** From the nth WRITE BUFFER on the device does not know the mode. */
function refuseMode(device: SimulatedDevice, mode: number, nth: number): void {
  let count = 0;
  device.putInFront((command, self) => {
    if (command.cdb[0] !== OperationCode.writeBuffer || ++count < nth) return undefined;
    const isIt = (command.cdb[1]! & 0x1f) === mode;
    return isIt ? self.refuse({ key: 5, asc: 0x24, ascq: 0x00 }) : undefined;
  });
}
