import { stat } from 'node:fs/promises';
import { replaceFile } from '../base/durable-file.ts';
import { causeText } from '../base/errno.ts';
import { ReadError, readWhole } from '../base/whole-file.ts';
import { LabError } from './lab-images.ts';
import type { LabState } from './lab-state.ts';
import { LAB_STATE_FORMAT } from './lab-state.ts';
import type { ActivationEvent } from './microcode.ts';
import { laterEnclosure } from './ses-state.ts';

/** Far more than thousands of devices need. */
const LARGEST_STATE_BYTES = 256 * 1024 * 1024;

export function serialiseLabState(state: LabState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

/** Reads what {@link serialiseLabState} wrote. Throws LabError `bad-lab-state` that names `file` and the first wrong place. */
export function parseLabState(file: string, text: string): LabState {
  const wrong = (problem: string): LabError =>
    new LabError('bad-lab-state', `${file}: ${problem}; delete it to start the lab from its file`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('is not a lab state (not JSON)');
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== LAB_STATE_FORMAT) throw wrong(`is not a lab state (format is not ${LAB_STATE_FORMAT})`);
  const place = firstMismatch(value, LAB_STATE, '');
  if (place !== null) throw wrong(`is damaged at ${place}`);
  return value as LabState;
}

/**
 * The state of an earlier command; undefined when there is none yet. A device that was becoming ready went on while no
 * command ran: the time since the file was written counts. Throws LabError `bad-lab-state`.
 */
export async function readLabState(file: string): Promise<LabState | undefined> {
  let text: string;
  let writtenMs: number;
  try {
    writtenMs = (await stat(file)).mtimeMs;
    text = new TextDecoder().decode(await readWhole(file, LARGEST_STATE_BYTES));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    const why = cause instanceof ReadError ? cause.message : `cannot be read: ${causeText(cause)}`;
    throw new LabError('bad-lab-state', `${file}: ${why}; check --lab-state`, {}, { cause });
  }
  const state = parseLabState(file, text);
  const agoMs = Math.max(0, Math.floor(Date.now() - writtenMs));
  const devices = state.devices.map((device) => ({
    ...device,
    readyInMs: Math.max(0, device.readyInMs - agoMs),
    enclosure: device.enclosure && laterEnclosure(device.enclosure, agoMs),
  }));
  return { ...state, devices };
}

/** Writes the state so that a crash leaves the old one or the new one: a file beside it, synced, then renamed. */
export async function writeLabState(file: string, state: LabState): Promise<void> {
  try {
    await replaceFile(file, serialiseLabState(state));
  } catch (cause) {
    throw new LabError(
      'bad-lab-state',
      `${file}: cannot be written: ${causeText(cause)}; check --lab-state`,
      {},
      { cause },
    );
  }
}

/** One writer for one file: states of devices that run side by side are written one after the other, in order. */
export function labStateWriter(file: string): (state: LabState) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (state) => {
    last = last.catch(() => undefined).then(() => writeLabState(file, state));
    return last;
  };
}

/** A shape: a test of a leaf, or the shape of each entry of a list or map, or of each field. */
type Shape =
  | ((value: unknown) => boolean)
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const text = (value: unknown): boolean => typeof value === 'string';
const flag = (value: unknown): boolean => typeof value === 'boolean';
const count = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const byte = (value: unknown): boolean => count(value) && (value as number) <= 0xff;
const doubleWord = (value: unknown): boolean => count(value) && (value as number) <= 0xffffffff;
const range = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every(doubleWord) && value[0] < value[1];
const deviceText =
  (most: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && value.length <= most && /^[\0-\xff]*$/.test(value);
const revision = deviceText(4);
const product = deviceText(16);
const event = (value: unknown): boolean => EVENTS.includes(value);
const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === null || firstMismatch(value, shape, '') === null;

const absentOr =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || firstMismatch(value, shape, '') === null;

const EVENTS: readonly unknown[] = [
  'activate',
  'hard-reset',
  'power-on',
  'vendor',
] satisfies ActivationEvent[];
const CODE: Shape = {
  fields: {
    revision,
    product,
    vendor: absentOr(deviceText(8)),
    linkRate: absentOr(text),
    fromImage: absentOr(flag),
  },
};
const INCOMING: Shape = {
  fields: {
    nexus: text,
    mode: byte,
    bufferId: byte,
    chunks: count,
    receivedBytes: count,
    damaged: flag,
    suspects: { list: text },
    complete: optional(text),
  },
};
const MEMORY = {
  running: CODE,
  saved: CODE,
  flash: { list: { fields: { bufferId: byte, image: text } } },
  waiting: { list: { fields: { bufferId: byte, image: text, events: { list: event }, deferred: flag } } },
} as const satisfies Record<string, Shape>;
const SES_DOWNLOAD: Shape = {
  fields: {
    nexus: text,
    mode: byte,
    bufferId: byte,
    lengthBytes: count,
    ranges: { list: range },
    suspects: { list: text },
    nextOffsetBytes: count,
    lastPageAgoMs: count,
  },
};
const SUBENCLOSURE: Shape = {
  fields: {
    id: byte,
    status: byte,
    additionalStatus: byte,
    bufferId: byte,
    damaged: flag,
    download: optional(SES_DOWNLOAD),
    writing: optional({ fields: { image: text, mode: byte, bufferId: byte, doneInMs: count } }),
    starting: optional({ fields: { image: text, bufferId: byte, saved: flag } }),
    microcode: optional({ fields: MEMORY }),
  },
};
const ENCLOSURE: Shape = {
  fields: {
    generationCode: doubleWord,
    described: optional(text),
    silent: (value) => value === null || value === 'until-power-on' || value === 'for-good',
    subenclosures: { list: SUBENCLOSURE },
  },
};
const DEVICE: Shape = {
  fields: {
    id: text,
    shownRevision: revision,
    shownProduct: product,
    shownVendor: absentOr(deviceText(8)),
    shownSerial: absentOr(deviceText(36)),
    ...MEMORY,
    incoming: optional(INCOMING),
    enclosure: optional(ENCLOSURE),
    unitAttentions: { map: { list: { fields: { asc: byte, ascq: byte } } } },
    restarts: count,
    faultsMet: absentOr({ list: count }),
    readyInMs: count,
  },
};
const LAB_STATE: Shape = { fields: { devices: { list: DEVICE } } };

/** JSON pointer of the first value that has not its shape; null: all is well. */
function firstMismatch(value: unknown, shape: Shape, place: string): string | null {
  if (typeof shape === 'function') return shape(value) ? null : place || '/';
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== 'list' in shape)
    return place || '/';
  const fields = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys('fields' in shape ? shape.fields : fields);
  for (const key of keys) {
    const own = 'fields' in shape ? shape.fields[key]! : 'list' in shape ? shape.list : shape.map;
    const mismatch = firstMismatch(fields[key], own, `${place}/${key}`);
    if (mismatch !== null) return mismatch;
  }
  return null;
}
