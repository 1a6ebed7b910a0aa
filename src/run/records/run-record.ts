import type { Refusal } from '../../base/refusal.ts';
import type {
  DeviceState,
  JournalDevice,
  JournalEntry,
  KeptAnswer,
  RunStarted,
  StateFacts,
  UnknownEntry,
} from './journal-entry.ts';
import type { DeviceResult, Exit } from '../facts/outcome.ts';

/** The work of one play on one unit in one run, as far as its journal tells. */
export interface DeviceRecord extends JournalDevice {
  /** The last state; `planned`: its turn had not come; `unknown`: a newer version's. */
  readonly state: DeviceState | 'planned' | 'unknown';
  /** The facts of all its entries, the latest of each. */
  readonly facts: StateFacts;
  /** The last chunk of the last section was sent in some pass: the device may hold all of it. */
  readonly lastChunkSent: boolean;
  /** The state before `step`. */
  readonly beforeStep: DeviceState | null;
  /** What the unit said of the last command in flight, or behind it; null: nothing that was kept. */
  readonly answer: KeptAnswer | null;
  readonly errors: readonly Refusal[];
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
  /** One for each unit and play, in the order in which they were planned. */
  readonly devices: readonly DeviceRecord[];
  readonly entries: readonly (JournalEntry | UnknownEntry)[];
  readonly notes: readonly string[];
}

/** A unit may be worked on by several plays of a run, one after the other. */
export const workKey = ({ id, play }: { readonly id: string; readonly play: string }): string =>
  `${id} ${play}`;

type Growing = { -readonly [Key in keyof DeviceRecord]: DeviceRecord[Key] };

/** What the entries of a journal amount to. */
export function recordOf(
  run: string,
  file: string,
  { entries, header, notes }: Pick<RunRecord, 'entries' | 'header' | 'notes'>,
  isWritten: boolean,
): RunRecord {
  const devices = new Map<string, Growing>();
  /** The play that a unit is at. */
  const now = new Map<string, Growing>();
  const add = (device: JournalDevice): void => {
    const record = planned(device);
    now.set(device.id, record);
    devices.set(workKey(device), record);
  };
  for (const device of header?.devices ?? []) add(device);
  let exit: Exit | null = null;
  for (const entry of entries) {
    if (entry.type === 'run-finished') exit = entry.exit;
    if (entry.type === 'verdict') addVerdict(devices, entry.result);
    if (entry.type === 'planned') add(entry.planned);
    if (!('device' in entry) || entry.device === null) continue;
    const device = now.get(entry.device);
    if (device === undefined) continue;
    if (entry.type === 'state') addState(device, entry);
    if (entry.type === 'answer') addAnswer(device, entry);
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
  answer: null,
  errors: [],
  result: null,
});

function addState(device: Growing, entry: Extract<JournalEntry, { type: 'state' }>): void {
  const { state } = entry;
  if (state === 'step' && device.state !== 'unknown' && device.state !== 'planned') {
    if (device.state !== 'step') device.beforeStep = device.state;
  }
  // Another command, or a good end: what was said before is over. An internal failure is not.
  if (!SAYS_NOTHING_NEW.has(state) && device.answer?.says !== 'frozen') device.answer = null;
  // A new pass has accepted nothing yet; the sections before this one are accepted.
  const isNewPass = state === 'first-chunk' && (entry.section ?? 1) === (device.facts.section ?? 1);
  const before = isNewPass ? { ...device.facts, doneBytes: 0, chunk: 0 } : device.facts;
  device.facts = { ...before, ...factsOf(entry) };
  if (state === 'last-chunk' && entry.section === entry.sections) device.lastChunkSent = true;
  // The progress after the last chunk tells no less than `last-chunk` did.
  if (state !== 'progress' || device.state === 'first-chunk') device.state = state;
}

const SAYS_NOTHING_NEW: ReadonlySet<DeviceState> = new Set(['checked', 'progress', 'step', 'activated']);

function addAnswer(device: Growing, { says, error }: KeptAnswer): void {
  if (device.answer?.says === 'frozen') return;
  device.answer = { says, error };
  const isDropped = says === 'refused' && device.state === 'sent';
  const isUntaken = (says === 'refused' || says === 'frozen') && device.state === 'last-chunk';
  if (!isDropped && !isUntaken) return;
  // It does not take the end of the image: of this pass it has no more than a part.
  device.state = 'progress';
  device.lastChunkSent = false;
}

function factsOf(entry: Extract<JournalEntry, { type: 'state' }>): StateFacts {
  const line = ['n', 'at', 'type', 'device', 'state'];
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !line.includes(key)));
}

function addVerdict(devices: ReadonlyMap<string, Growing>, result: DeviceResult): void {
  const device = devices.get(workKey(result));
  if (device !== undefined) device.result = result;
}
