import type { Clock } from '../base/clock.ts';
import type { Phase, RunEvent } from '../run/facts/events.ts';
import { SILENCE_MS } from './run-view.ts';

/** What happened to each unit, and when: a part of the JSON report. All times in milliseconds since the run began. */
export interface Timeline {
  readonly durationMs: number;
  readonly units: readonly TimelineUnit[];
  /** Signals, and what they did. */
  readonly stops: readonly TimelineMark[];
}

export interface TimelineUnit {
  readonly id: string;
  readonly play: string;
  readonly totalBytes: number;
  readonly phases: readonly TimelineSpan<Phase>[];
  /** Bounded waits, by what was waited for. */
  readonly waits: readonly TimelineSpan<string>[];
  /** Longer than 30 s without any answer. */
  readonly gaps: readonly { readonly startMs: number; readonly endMs: number }[];
  /** How much was sent by when; a value below the one before it: the download began again. */
  readonly sent: readonly { readonly atMs: number; readonly bytes: number }[];
  /** Unit attentions, fallbacks, restarts. */
  readonly marks: readonly TimelineMark[];
}

interface TimelineSpan<What> {
  readonly what: What;
  readonly startMs: number;
  readonly endMs: number;
}

interface TimelineMark {
  readonly atMs: number;
  readonly text: string;
}

interface Row {
  readonly id: string;
  readonly play: string;
  totalBytes: number;
  readonly phases: TimelineSpan<Phase>[];
  readonly waits: TimelineSpan<string>[];
  readonly gaps: { startMs: number; endMs: number }[];
  sent: { atMs: number; bytes: number }[];
  readonly marks: TimelineMark[];
  open: { readonly what: Phase; readonly startMs: number } | null;
  wait: { readonly what: string; readonly startMs: number } | null;
  heardMs: number;
  /** At most one sample in this time; it grows with the download, so that a report stays small. */
  everyMs: number;
}

const MOST_SAMPLES = 48;
const MOST_MARKS = 50;

/** Builds the timeline of a run from its events. */
export class TimelineRecorder {
  readonly #clock: Clock;
  readonly #startMs: number;
  /** By unit; a later play begins a new row. */
  readonly #current = new Map<string, Row>();
  readonly #rows: Row[] = [];
  readonly #stops: TimelineMark[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
  }

  readonly handle = (event: RunEvent): void => {
    const atMs = Math.round(this.#clock.nowMs() - this.#startMs);
    switch (event.type) {
      case 'run-started':
        for (const { id, play, totalBytes } of event.devices) this.begin(id, play, totalBytes);
        return;
      case 'device-planned':
        this.begin(event.device.id, event.device.play, event.device.totalBytes);
        return;
      case 'stop-requested':
        this.#stops.push({ atMs, text: event.effect });
        return;
      case 'run-finished':
        return;
      case 'device-finished':
        this.#update(event.result.id, atMs, (row) => closeAll(row, atMs));
        return;
      default:
        this.#update(event.device, atMs, (row) => take(row, event, atMs));
    }
  };

  begin(id: string, play: string, totalBytes = 0): void {
    const row: Row = {
      ...{ id, play, totalBytes, open: null, wait: null },
      ...{ phases: [], waits: [], gaps: [], sent: [], marks: [] },
      heardMs: 0,
      everyMs: 250,
    };
    this.#current.set(id, row);
    this.#rows.push(row);
  }

  /** Units on which nothing was begun have no row. */
  get timeline(): Timeline {
    const nowMs = Math.round(this.#clock.nowMs() - this.#startMs);
    const rows = this.#rows.filter(
      ({ phases, waits, open }) => phases.length + waits.length > 0 || open !== null,
    );
    for (const row of rows) closeAll(row, nowMs);
    return {
      durationMs: nowMs,
      units: rows.map(({ id, play, totalBytes, phases, waits, gaps, sent, marks }) => ({
        ...{ id, play, totalBytes, phases, waits, gaps, sent, marks },
      })),
      stops: this.#stops,
    };
  }

  #update(id: string, atMs: number, change: (row: Row) => void): void {
    const row = this.#current.get(id);
    if (row === undefined) return;
    if (row.open !== null && row.wait === null && atMs - row.heardMs >= SILENCE_MS)
      row.gaps.push({ startMs: row.heardMs, endMs: atMs });
    row.heardMs = atMs;
    change(row);
  }
}

type UnitEvent = Exclude<
  RunEvent,
  { type: 'run-started' | 'device-planned' | 'stop-requested' | 'run-finished' | 'device-finished' }
>;

function take(row: Row, event: UnitEvent, atMs: number): void {
  switch (event.type) {
    case 'phase-started':
      closeAll(row, atMs);
      row.open = { what: event.phase, startMs: atMs };
      return;
    case 'phase-finished':
      closeAll(row, atMs);
      return;
    case 'waiting':
      closeWait(row, atMs);
      row.wait = { what: event.what, startMs: atMs };
      return;
    case 'progress':
      closeWait(row, atMs);
      addSample(row, atMs, event.doneBytes, event.totalBytes);
      return;
    case 'unit-attention':
      mark(row, atMs, `unit attention: ${event.text}`);
      return;
    case 'notice':
      mark(row, atMs, event.message);
  }
}

function mark(row: Row, atMs: number, text: string): void {
  if (row.marks.length < MOST_MARKS) row.marks.push({ atMs, text });
}

function closeWait(row: Row, atMs: number): void {
  if (row.wait !== null) row.waits.push({ ...row.wait, endMs: atMs });
  row.wait = null;
}

function closeAll(row: Row, atMs: number): void {
  closeWait(row, atMs);
  if (row.open !== null) row.phases.push({ ...row.open, endMs: atMs });
  row.open = null;
}

/** A restart and the last byte are always kept: they are what a person looks for. */
function addSample(row: Row, atMs: number, bytes: number, totalBytes: number): void {
  row.totalBytes = totalBytes;
  const last = row.sent.at(-1);
  const isKept = last === undefined || bytes < last.bytes || bytes >= totalBytes;
  if (!isKept && atMs - last.atMs < row.everyMs) return;
  row.sent.push({ atMs, bytes });
  if (row.sent.length <= MOST_SAMPLES) return;
  row.everyMs *= 2;
  row.sent = row.sent.filter(
    (sample, i) =>
      i % 2 === 0 || sample.bytes >= totalBytes || (row.sent[i + 1]?.bytes ?? Infinity) < sample.bytes,
  );
}
