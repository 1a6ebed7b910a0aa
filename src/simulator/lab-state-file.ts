import { stat } from 'node:fs/promises';
import { writeWhole } from '../base/durable-file.ts';
import { causeText } from '../base/errno.ts';
import { isCount, isFlag, isText, optional, orNull } from '../base/shape.ts';
import type { Shape } from '../base/shape.ts';
import { parseDocument } from '../base/versioned-document.ts';
import type { DocumentKind } from '../base/versioned-document.ts';
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
  const parsed = parseDocument<LabState>(text, LAB_STATE);
  if (parsed.fault !== null) throw wrong(parsed.message);
  return parsed.value;
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
    await writeWhole(file, serialiseLabState(state));
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

const byte = (value: unknown): boolean => isCount(value) && (value as number) <= 0xff;
const doubleWord = (value: unknown): boolean => isCount(value) && (value as number) <= 0xffffffff;
const range = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every(doubleWord) && value[0] < value[1];
const deviceText =
  (most: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && value.length <= most && /^[\0-\xff]*$/.test(value);
const sasAddress = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
const revision = deviceText(4);
const product = deviceText(16);
const event = (value: unknown): boolean => EVENTS.includes(value);
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
    vendor: optional(deviceText(8)),
    linkRate: optional(isText),
    fromImage: optional(isFlag),
  },
};
const INCOMING: Shape = {
  fields: {
    nexus: isText,
    mode: byte,
    bufferId: byte,
    chunks: isCount,
    receivedBytes: isCount,
    damaged: isFlag,
    suspects: { list: isText },
    complete: orNull(isText),
  },
};
const MEMORY = {
  running: CODE,
  saved: CODE,
  flash: { list: { fields: { bufferId: byte, image: isText } } },
  waiting: { list: { fields: { bufferId: byte, image: isText, events: { list: event }, deferred: isFlag } } },
} as const satisfies Record<string, Shape>;
const SES_DOWNLOAD: Shape = {
  fields: {
    nexus: isText,
    mode: byte,
    bufferId: byte,
    lengthBytes: isCount,
    ranges: { list: range },
    suspects: { list: isText },
    nextOffsetBytes: isCount,
    lastPageAgoMs: isCount,
  },
};
const SUBENCLOSURE: Shape = {
  fields: {
    id: byte,
    status: byte,
    additionalStatus: byte,
    bufferId: byte,
    damaged: isFlag,
    download: orNull(SES_DOWNLOAD),
    writing: orNull({ fields: { image: isText, mode: byte, bufferId: byte, doneInMs: isCount } }),
    starting: orNull({ fields: { image: isText, bufferId: byte, saved: isFlag } }),
    microcode: orNull({ fields: MEMORY }),
  },
};
const ENCLOSURE: Shape = {
  fields: {
    generationCode: doubleWord,
    described: orNull(isText),
    silent: (value) => value === null || value === 'until-power-on' || value === 'for-good',
    subenclosures: { list: SUBENCLOSURE },
  },
};
const DEVICE: Shape = {
  fields: {
    id: isText,
    shownRevision: revision,
    shownProduct: product,
    shownVendor: optional(deviceText(8)),
    shownSerial: optional(deviceText(36)),
    shownAddress: optional(sasAddress),
    ...MEMORY,
    incoming: orNull(INCOMING),
    enclosure: orNull(ENCLOSURE),
    unitAttentions: { map: { list: { fields: { asc: byte, ascq: byte } } } },
    restarts: isCount,
    faultsMet: optional({ list: isCount }),
    readyInMs: isCount,
  },
};
const LAB_STATE: DocumentKind = {
  format: LAB_STATE_FORMAT,
  what: 'a lab state',
  shape: { fields: { runbook: optional(isText), devices: { list: DEVICE } } },
};
