import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { concatBytes, fromHex, toHex, viewOf } from '../../../src/base/bytes.ts';
import { faultBehavior } from '../../../src/simulator/faults.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import type { SesRules, SubenclosureRules } from '../../../src/simulator/ses-rules.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';
import { NEXUS, raw, said } from './device-under-test.ts';
import { sendAll, sendPart, shelf, statusText } from './ses-device.ts';
import type { ShelfName } from './ses-device.ts';

interface RecordedCommand {
  readonly cdb: string;
  readonly len: number;
  readonly sha256?: string;
  readonly head?: string;
  readonly resp?: string;
  readonly sense?: string;
}
interface Recording {
  readonly id: string;
  readonly args: readonly string[];
  readonly input?: { readonly size: number };
  readonly model?: string;
  readonly commands: readonly RecordedCommand[];
}

const recorded = suite('simulator: what sg_ses_microcode was answered');

const recordings = new Map(
  readFileSync(inProject('test/conformance/sg3utils-traces.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"pm'))
    .map((line) => JSON.parse(line) as Recording)
    .map((recording) => [recording.id, recording]),
);

const HEADER_BYTES = 24;
const FILL = 0xff; // what the tool sends behind the end of its file

/** What the tool read, with its fill behind: `from` counts behind `--skip`. */
function fileBytes({ args, input }: Recording, from: number, lengthBytes: number): Uint8Array {
  const skip = argument(args, 'skip') ?? 0;
  const file = standardImage(input?.size ?? 0).subarray(skip);
  const extent = new Uint8Array(from + lengthBytes).fill(FILL);
  extent.set(file.subarray(0, extent.length));
  return extent.subarray(from);
}

/** The whole page: the recording has its first bytes and its hash. */
function pageOf(recording: Recording, { head, sha256, len }: RecordedCommand): Uint8Array {
  const header = fromHex(head!).subarray(0, HEADER_BYTES);
  const view = viewOf(header);
  const from = view.getUint32(12) - (argument(recording.args, 'offset') ?? 0);
  const data = fileBytes(recording, from, view.getUint32(20));
  const page = concatBytes(header, data, new Uint8Array(len - HEADER_BYTES - data.length));
  assert.is(createHash('sha256').update(page).digest('hex'), sha256, `${recording.id}: page made again`);
  return page;
}

function argument(args: readonly string[], name: string): number | undefined {
  const text = args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1];
  return text === undefined ? undefined : Number(text);
}

function modelField({ model }: Recording, name: string): number | undefined {
  const text = new RegExp(`${name}=(\\w+)`).exec(model ?? '')?.[1];
  return text === undefined ? undefined : Number(text);
}

/** The device of a recording: one that takes over without a reset and does not name the wrong field. */
function modelOf(recording: Recording, name: ShelfName = 'ses-shelf-immediate'): SimulatedDevice {
  const first = recording.commands.find(({ cdb }) => cdb.startsWith('1d'));
  const imageBytes = first === undefined ? 0 : Number.parseInt(first.head!.slice(32, 40), 16);
  const bytes = fileBytes(recording, 0, imageBytes || 10_000);
  const subenclosures = Array.from(
    { length: (modelField(recording, 'subs') ?? 0) + 1 },
    (_, id): SubenclosureRules => ({
      id,
      bufferIds: [0, 1],
      code: id === 0 ? null : { product: 'SHELF IOM', revision: '0200' },
      types: [],
    }),
  );
  const ses: Partial<SesRules> = {
    modes: [0x06, 0x07, 0x0e, 0x0f],
    subenclosures,
    maximumImageBytes: modelField(recording, 'max') ?? 0x400000,
    expectedOffset: modelField(recording, 'track') === 1 ? 'tracked' : 'zero',
    namesWrongField: false,
    writeMs: 0,
  };
  // Code that changes no revision leaves the generation code as it is, as in the recordings.
  const images = [{ name: 'fw.bin', revision: null, product: null, bytes }];
  const device = shelf(name, { ses, images, persona: { restart: null } });
  device.enclosure!.generationCode = modelField(recording, 'gen') ?? 0;
  return device;
}

/** Sends the recorded bytes and compares every answer; returns how many status pages were equal. */
function play(recording: Recording, device: SimulatedDevice, commands = recording.commands): number {
  let pages = 0;
  for (const [n, command] of commands.entries()) {
    const where = `${recording.id} command ${n}`;
    const cdb = [...fromHex(command.cdb)];
    if (command.cdb.startsWith('1c')) {
      const outcome = device.execute(raw(cdb, command.len), NEXUS);
      assert.is(toHex(outcome.dataIn), command.resp, where);
      pages++;
    } else {
      const outcome = device.execute(raw(cdb, 0, pageOf(recording, command)), NEXUS);
      assert.is(toHex(outcome.sense), command.sense ?? '', where);
      assert.is(outcome.status, command.sense === undefined ? 0 : 2, where);
      assert.is(outcome.residualBytes, 0, where);
    }
  }
  return pages;
}

const AS_RECORDED = [
  ...['pm01', 'pm02', 'pm03', 'pm04', 'pm06', 'pm07', 'pm08', 'pm09', 'pm10', 'pm13'],
  ...['pm14', 'pm15', 'pm16', 'pm17', 'pm21', 'pm24'],
];

for (const id of AS_RECORDED) {
  const recording = recordings.get(id)!;
  recorded(`${id}: ${recording.args.slice(0, -1).join(' ')}`, () => {
    assert.ok(play(recording, modelOf(recording)) > 0);
  });
}

recorded('pm05: activation alone, of an image that an earlier run left', () => {
  const recording = recordings.get('pm05')!;
  const device = modelOf(recording);
  sendAll(device, { mode: 0x0e }, device.microcode.known[0]!.bytes);
  assert.is(statusText(device), '13h');
  assert.is(play(recording, device), 2);
  assert.ok(device.microcode.flash.has(0));
});

recorded(
  'pm18: the second page is refused by a device that drops its download when the status is read',
  () => {
    const recording = recordings.get('pm18')!;
    assert.is(play(recording, modelOf(recording, 'ses-shelf-non')), 2);
  },
);

recorded('pm19: an error that the device finds with the second page', () => {
  const recording = recordings.get('pm19')!;
  const device = modelOf(recording);
  device.putInFront(
    faultBehavior({
      when: { operationCode: 0x1d, nth: 2 },
      executed: true,
      then: ({ enclosure }) => enclosure!.primary.fail(0x81, 0x02),
    }),
  );
  assert.is(play(recording, device), 3);
});

recorded('pm20: one subenclosure in the middle of a download, another with a deferred image', () => {
  const recording = recordings.get('pm20')!;
  const image = { name: 'fw.bin', revision: null, product: null, bytes: standardImage(8192) };
  const subenclosures = [0, 1].map((id): SubenclosureRules => ({
    id,
    bufferIds: [0, 1],
    code: id === 0 ? null : { product: 'SHELF IOM', revision: '0200' },
    types: [],
  }));
  const device = shelf('ses-shelf-immediate', {
    ses: { modes: [0x07, 0x0e], subenclosures, maximumImageBytes: 0x80000, writeMs: 0 },
    images: [image],
  });
  device.enclosure!.generationCode = 5;
  sendPart(device, 0, 4096, {}, image.bytes);
  sendAll(device, { subenclosureId: 1, bufferId: 1, mode: 0x0e }, image.bytes);
  assert.is(play(recording, device), 1);
});

recorded('pm11: pages that begin behind the start are for a device that takes any offset', () => {
  const recording = recordings.get('pm11')!;
  const strict = modelOf(recording);
  play(recording, strict, recording.commands.slice(0, 2));
  assert.is(statusText(strict), '80h');
  const any = modelOf(recording);
  const [, page] = recording.commands;
  const anyOffset = shelf('ses-shelf-any-offset', { images: any.microcode.known });
  assert.is(
    said(anyOffset.execute(raw([...fromHex(page!.cdb)], 0, pageOf(recording, page!)), NEXUS)),
    'good',
  );
  assert.is(statusText(anyOffset), '01h');
});

recorded(
  'pm22: activation after a download that was not deferred is 85h, and was 00h in the recording',
  () => {
    const recording = recordings.get('pm22')!;
    const device = modelOf(recording);
    assert.is(play(recording, device, recording.commands.slice(0, -1)), 3);
    assert.is(statusText(device), '85h');
  },
);

recorded('no other recording has a command', () => {
  const played = new Set([...AS_RECORDED, 'pm05', 'pm11', 'pm18', 'pm19', 'pm20', 'pm22']);
  const rest = [...recordings.values()].filter(({ id }) => !played.has(id));
  assert.equal(
    rest.map(({ id, commands }) => [id, commands.length]),
    [
      ['pm12', 0],
      ['pm23', 0],
    ],
  );
});

recorded.run();
