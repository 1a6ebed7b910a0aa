import { suggest } from '../base/suggest.ts';
import { encodeDescriptorSense, encodeFixedSense } from '../scsi/sense.ts';
import { answerInquiry } from './behaviors/inquiry.ts';
import { answerReadBuffer } from './behaviors/read-buffer.ts';
import { answerTestUnitReady, reportBecomingReady, reportUnitAttention } from './behaviors/readiness.ts';
import { answerReportLuns } from './behaviors/report-luns.ts';
import { answerReportSupportedOperationCodes } from './behaviors/report-supported-operation-codes.ts';
import { answerRequestSense } from './behaviors/request-sense.ts';
import { answerStartStopUnit } from './behaviors/start-stop-unit.ts';
import { answerTapeWriteBuffer } from './behaviors/tape-write-buffer.ts';
import { answerWriteBuffer } from './behaviors/write-buffer.ts';
import { LabError } from './lab-images.ts';
import type { DownloadRules } from './download-rules.ts';
import { SES_PERSONAS } from './ses-personas.ts';
import type { Behavior, Persona } from './simulated-device.ts';

const MIB = 0x100000;
const SPC_3 = 0x05;
const SPC_4 = 0x06;

/** In this order: first what is answered in any state, then the state, then what needs a ready unit without attention. */
const IN_ANY_STATE: readonly Behavior[] = [
  answerInquiry,
  answerReportLuns,
  answerRequestSense,
  reportUnitAttention,
  reportBecomingReady,
];
const WHEN_READY: readonly Behavior[] = [answerTestUnitReady, answerReadBuffer, answerWriteBuffer];
const COMMON: readonly Behavior[] = [...IN_ANY_STATE, ...WHEN_READY];
const OF_DISKS: readonly Behavior[] = [...COMMON, answerStartStopUnit];

const DOWNLOAD: DownloadRules = {
  modes: [],
  bufferIds: [0],
  bufferIdStep: 0,
  lastMode: null,
  capacityBytes: 2 * MIB,
  offsetBoundaryExponent: 0,
  events: 0,
};

/** Knows WRITE BUFFER 07h, 0Eh, 0Fh; has neither VPD 86h nor REPORT SUPPORTED OPERATION CODES, as cards of its time. */
const HP_SAS_EXPANDER: Persona = {
  summary: 'HP SAS Expander card (468406-B21): modes 07h, 0Eh and 0Fh',
  deviceType: 0x0d,
  version: SPC_3,
  vendor: 'HP',
  product: 'HP SAS EXP Card',
  revision: '2.08',
  addressPrefix: '50014380ab',
  download: { ...DOWNLOAD, modes: [0x07, 0x0e, 0x0f] },
  takesEffect: 'at-once',
  restart: { readyAfterMs: 2000 },
  activateMicrocode: null,
  timeouts: { nominalS: 0, recommendedS: 0, unreachableS: 0 },
  encodeSense: encodeFixedSense,
  behaviors: COMMON,
};

const DISK: Persona = {
  summary: 'disk; new code starts without a reset (VPD 86h ACTIVATE MICROCODE 01b)',
  deviceType: 0x00,
  version: SPC_4,
  vendor: 'LAB',
  product: 'DISK',
  revision: '0001',
  addressPrefix: '3000000d15', // NAA 3h: locally assigned
  download: {
    ...DOWNLOAD,
    modes: [0x04, 0x05, 0x06, 0x07, 0x0d, 0x0e, 0x0f],
    capacityBytes: 16 * MIB,
    events: 4 | 2,
  },
  takesEffect: 'at-once',
  restart: null,
  activateMicrocode: 1,
  timeouts: { nominalS: 2, recommendedS: 120, unreachableS: 60 },
  encodeSense: encodeDescriptorSense,
  behaviors: [...OF_DISKS, answerReportSupportedOperationCodes],
};

/** Everything that `persona:` of a lab file may name. A new one is data, and at most a behavior. */
export const PERSONAS = {
  'hp-sas-expander': HP_SAS_EXPANDER,
  'hp-sas-expander-old': {
    ...HP_SAS_EXPANDER,
    summary: 'older HP SAS Expander card: mode 07h only',
    addressPrefix: '50014380aa',
    download: { ...HP_SAS_EXPANDER.download, modes: [0x07] },
  },
  'hp-sas-expander-mute': {
    ...HP_SAS_EXPANDER,
    summary: 'HP SAS Expander card whose revision string never changes',
    addressPrefix: '50014380ac',
    takesEffect: 'never-shows',
  },
  disk: DISK,
  'disk-after-activate': {
    ...DISK,
    summary: 'disk; also modes 05h and 07h wait for mode 0Fh',
    addressPrefix: '3000000d16',
    takesEffect: 'after-activate',
    activateMicrocode: 0,
  },
  'disk-hard-reset': {
    ...DISK,
    summary: 'disk; new code runs after a hard reset or power on (ACTIVATE MICROCODE 10b)',
    addressPrefix: '3000000d17',
    takesEffect: 'hard-reset',
    restart: { readyAfterMs: 5000 },
    activateMicrocode: 2,
  },
  'disk-power-cycle': {
    ...DISK,
    summary: 'disk; new code runs after power on only (ACTIVATE MICROCODE 10b)',
    addressPrefix: '3000000d18',
    takesEffect: 'power-cycle',
    restart: { readyAfterMs: 5000 },
    activateMicrocode: 2,
  },
  'disk-last-mode': {
    ...DISK,
    summary: 'old disk; mode 06h for all chunks but the last, which wants mode 07h',
    addressPrefix: '3000000d19',
    version: SPC_3,
    download: { ...DISK.download, modes: [0x06, 0x07], lastMode: 0x07, events: 0 },
    activateMicrocode: null,
    encodeSense: encodeFixedSense,
    behaviors: OF_DISKS,
  },
  'disk-mode-7': {
    ...DISK,
    summary: 'older disk; mode 07h alone, restarts with its last chunk',
    addressPrefix: '3000000d1b',
    version: SPC_3,
    download: { ...DISK.download, modes: [0x07], events: 0 },
    restart: { readyAfterMs: 4000 },
    activateMicrocode: null,
    encodeSense: encodeFixedSense,
    behaviors: OF_DISKS,
  },
  'disk-buffer-id-step': {
    ...DISK,
    summary: 'disk; the buffer id grows by one with each chunk of mode 07h',
    addressPrefix: '3000000d1a',
    download: {
      ...DISK.download,
      modes: [0x07],
      bufferIds: Array.from({ length: 256 }, (_, id) => id),
      bufferIdStep: 1,
      events: 0,
    },
    activateMicrocode: null,
    behaviors: OF_DISKS,
  },
  'disk-two-buffers': {
    ...DISK,
    summary: 'disk; buffers 0 and 1, each for its own image',
    addressPrefix: '3000000d1c',
    download: { ...DISK.download, bufferIds: [0, 1] },
  },
  'disk-two-actuators': {
    ...DISK,
    summary: 'disk with two actuators: two logical units of one target (target-of), and one microcode',
    addressPrefix: '3000000d1d',
    sharesMicrocode: true,
  },
  changer: {
    ...DISK,
    summary: 'medium changer of a library, for a place behind its tape drive (target-of); takes no microcode',
    deviceType: 0x08,
    product: 'LIBRARY',
    addressPrefix: '30000008c4',
    download: { ...DISK.download, modes: [], events: 0 },
    activateMicrocode: null,
    encodeSense: encodeFixedSense,
    behaviors: [...IN_ANY_STATE, answerTestUnitReady],
  },
  tape: {
    ...DISK,
    summary: 'tape drive; mode 04h in chunks, then an empty command of mode 05h',
    deviceType: 0x01,
    product: 'TAPE',
    addressPrefix: '30000007a9',
    download: { ...DISK.download, modes: [0x04, 0x05], events: 0 },
    restart: { readyAfterMs: 5000 },
    activateMicrocode: null,
    encodeSense: encodeFixedSense,
    behaviors: [...IN_ANY_STATE, answerTapeWriteBuffer, ...WHEN_READY],
  },
  ...SES_PERSONAS,
} as const satisfies Record<string, Persona>;

/** @internal for tests */
export type PersonaName = keyof typeof PERSONAS;

/** Looks a persona up. Throws LabError `unknown-persona` that names the nearest one. */
export function personaNamed(name: string): Persona {
  const known: Readonly<Record<string, Persona>> = PERSONAS;
  const persona = Object.hasOwn(known, name) ? known[name] : undefined;
  if (persona !== undefined) return persona;
  const names = Object.keys(known);
  const nearest = suggest(name, names);
  const next = nearest === null ? `choose one of ${names.join(', ')}` : `did you mean ${nearest}?`;
  throw new LabError('unknown-persona', `there is no persona "${name}"; ${next}`);
}
