import type { FailureReport } from '../../base/errors.ts';
import type {
  DeviceState,
  JournalDevice,
  JournalEntry,
  RunStarted,
  StateFacts,
  UnknownEntry,
} from './entry.ts';
import type { DeviceResult, Exit } from '../outcome.ts';

/** One unit in one run, as far as its journal tells. */
export interface DeviceRecord extends JournalDevice {
  /** The last state; `planned`: its turn had not come; `unknown`: a newer version's. */
  readonly state: DeviceState | 'planned' | 'unknown';
  /** The facts of all its entries, the latest of each. */
  readonly facts: StateFacts;
  /** The last chunk was sent in some pass: the device may hold a whole image. */
  readonly lastChunkSent: boolean;
  /** The state before `step`. */
  readonly beforeStep: DeviceState | null;
  readonly errors: readonly FailureReport[];
  /** The verdict; null: the run ended without one. */
  readonly result: DeviceResult | null;
}

/**
 * - `finished`: has its last line.
 * - `running`: has none, and its process lives.
 * - `died`: has none, and nobody writes it any more.
 */
export type RunState = 'finished' | 'running' | 'died';

export interface RunRecord {
  readonly run: string;
  readonly file: string;
  readonly state: RunState;
  /** null: the run died before its first line was written, and so before anything was sent. */
  readonly header: RunStarted | null;
  /** ISO 8601 */
  readonly startedAt: string | null;
  readonly lastAt: string | null;
  readonly exit: Exit | null;
  readonly devices: readonly DeviceRecord[];
  readonly entries: readonly (JournalEntry | UnknownEntry)[];
  readonly notes: readonly string[];
}

type Growing = { -readonly [Key in keyof DeviceRecord]: DeviceRecord[Key] };

/** What the entries of a journal amount to. */
export function recordOf(
  run: string,
  file: string,
  { entries, header, notes }: Pick<RunRecord, 'entries' | 'header' | 'notes'>,
  isWritten: boolean,
): RunRecord {
  const devices = new Map<string, Growing>();
  for (const device of header?.devices ?? []) devices.set(device.id, planned(device));
  let exit: Exit | null = null;
  for (const entry of entries) {
    if (entry.type === 'run-finished') exit = entry.exit;
    if (entry.type === 'verdict') addVerdict(devices, entry.result);
    if (!('device' in entry) || entry.device === null) continue;
    const device = devices.get(entry.device);
    if (device === undefined) continue;
    if (entry.type === 'state') addState(device, entry);
    if (entry.type === 'error') device.errors = [...device.errors, entry.error];
    if (entry.type === 'unknown') device.state = 'unknown';
  }
  return {
    run,
    file,
    header,
    notes,
    entries,
    exit,
    state: exit !== null ? 'finished' : isWritten ? 'running' : 'died',
    startedAt: entries[0]?.at ?? null,
    lastAt: entries.at(-1)?.at ?? null,
    // A verification that learned nothing of a unit says nothing about it.
    devices: [...devices.values()].filter(({ result }) => header?.command === 'apply' || result !== null),
  };
}

const planned = (device: JournalDevice): Growing => ({
  ...device,
  state: 'planned',
  facts: {},
  lastChunkSent: false,
  beforeStep: null,
  errors: [],
  result: null,
});

function addState(device: Growing, entry: Extract<JournalEntry, { type: 'state' }>): void {
  const { state } = entry;
  if (state === 'step' && device.state !== 'unknown' && device.state !== 'planned') {
    if (device.state !== 'step') device.beforeStep = device.state;
  }
  // A new pass has accepted nothing yet.
  const before = state === 'first-chunk' ? { ...device.facts, doneBytes: 0, chunk: 0 } : device.facts;
  device.facts = { ...before, ...factsOf(entry) };
  if (state === 'last-chunk') device.lastChunkSent = true;
  // The progress after the last chunk tells no less than `last-chunk` did.
  if (state !== 'progress' || device.state === 'first-chunk') device.state = state;
}

function factsOf(entry: Extract<JournalEntry, { type: 'state' }>): StateFacts {
  const line = ['n', 'at', 'type', 'device', 'state'];
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !line.includes(key)));
}

function addVerdict(devices: Map<string, Growing>, result: DeviceResult): void {
  const device = devices.get(result.id);
  if (device !== undefined) device.result = result;
}
