import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import { syncDirectory } from '../../base/durable-file.ts';
import type { Refusal } from '../../base/refusal.ts';
import { lockFile } from '../../host/file-lock.ts';
import { JOURNAL_FORMAT } from './journal-entry.ts';
import type {
  DeviceState,
  EntryBody,
  JournalDevice,
  KeptAnswer,
  RunStarted,
  StateFacts,
  UnitVerdict,
} from './journal-entry.ts';
import { fileSink, JournalFile } from './journal-file.ts';
import type { LineSink } from './journal-file.ts';
import type { DeviceResult, Exit } from '../facts/outcome.ts';
import { makeDirectory } from './state-directory.ts';
import { StateError, writeAdvice } from './state-error.ts';

export interface JournalOptions {
  /** Puts something in front of the file; for tests. */
  readonly sink?: (file: LineSink) => LineSink;
}

/** Something is in flight from here on: only these states stop a device when they cannot be written. */
const IN_FLIGHT: ReadonlySet<DeviceState> = new Set(['first-chunk', 'last-chunk', 'activation', 'step']);
/** Worth no wait for the disk: nothing depends on them after a crash. */
const NOT_SYNCED: ReadonlySet<DeviceState> = new Set(['checked', 'progress']);
/** A device's progress is written this often over its image. */
const PROGRESS_ENTRIES = 20;
const LOCK_TRIES = 50;

/**
 * Begins the journal of a run: `RUN.jsonl`, one JSON value per line, locked as long as this process lives. Throws StateError
 * `journal-exists` or `journal-write-failed`; nothing may be sent to a device then.
 */
export async function openJournal(
  directory: string,
  header: RunStarted,
  { sink = (file) => file }: JournalOptions = {},
): Promise<Journal> {
  const file = path.join(directory, `${header.run}.jsonl`);
  let handle: FileHandle | null = null;
  try {
    await makeDirectory(directory);
    handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    if (header.host.kind === 'linux') await lock(handle.fd, file);
    const journal = new Journal(file, header, new JournalFile(sink(fileSink(handle))));
    await journal.begin();
    await syncDirectory(directory);
    return journal;
  } catch (error) {
    await handle?.close().catch(() => undefined);
    if (error instanceof StateError) throw error;
    const { code, path: where } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && where === file) throw taken(file);
    throw writeFailed(file, error);
  }
}

/** A reader holds the lock for an instant, to see whether we live: that is not a second writer. */
async function lock(fd: number, file: string): Promise<void> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    // Where there are no locks, readers go by the process that the first line names.
    if ((await lockFile(fd)) !== 'held') return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw taken(file);
}

function taken(file: string): StateError {
  return new StateError(
    'journal-exists',
    `${file}: another process writes this journal`,
    'Run it again: every run has its own journal.',
    { file },
  );
}

function writeFailed(file: string, error: unknown): StateError {
  const message = `the journal ${file} cannot be written: ${causeText(error)}`;
  return new StateError(
    'journal-write-failed',
    message,
    writeAdvice(error, path.dirname(file)),
    { file },
    { cause: error },
  );
}

/** The record of one run, written by it alone. */
export class Journal {
  readonly #devices = new Map<string, DeviceJournal>();
  readonly #lines: JournalFile;
  readonly #verdicts: UnitVerdict[] = [];
  #startedAt = '';
  #begun = false;
  #count = 0;

  constructor(
    readonly file: string,
    readonly header: RunStarted,
    lines: JournalFile,
  ) {
    this.#lines = lines;
  }

  /**
   * The first failed write; null: all is well. From then on no new device may be begun. What was begun is finished, and
   * written as far as the disk allows.
   */
  get failure(): StateError | null {
    const { failure } = this.#lines;
    return failure === null ? null : writeFailed(this.file, failure);
  }

  /** Something may have been sent to a device. */
  get begun(): boolean {
    return this.#begun || [...this.#devices.values()].some(({ begun }) => begun);
  }

  /** Writes the first line. */
  async begin(): Promise<void> {
    this.#startedAt = this.note(this.header);
    await this.#lines.sync();
  }

  device(id: string): DeviceJournal {
    let device = this.#devices.get(id);
    if (device === undefined) this.#devices.set(id, (device = new DeviceJournal(id, this)));
    return device;
  }

  /** From here on the entries of this unit speak of another play: nothing of it was sent yet. */
  plan(planned: JournalDevice): void {
    this.#begun = this.begun;
    this.#devices.set(planned.id, new DeviceJournal(planned.id, this));
    this.note({ type: 'planned', device: planned.id, planned });
  }

  /** Soon in the file, in order, without waiting for the disk. Returns its time. */
  note(entry: EntryBody): string {
    const at = new Date().toISOString();
    this.#lines.append(JSON.stringify({ n: ++this.#count, at, ...entry }));
    if (entry.type === 'verdict') {
      const { id, outcome } = entry.result;
      this.#verdicts.push({ device: id, outcome });
    }
    return at;
  }

  /** In the file, and synced. Throws StateError `journal-write-failed`. */
  async keep(entry: EntryBody): Promise<void> {
    this.note(entry);
    try {
      await this.#lines.sync();
    } catch (error) {
      throw writeFailed(this.file, error);
    }
  }

  /** The last line. Never rejects: a run without it is read as one that died, and everything else stays true. */
  async finish(exit: Exit): Promise<void> {
    this.note({
      type: 'run-finished',
      exit,
      format: JOURNAL_FORMAT,
      startedAt: this.#startedAt,
      fresh: this.header.host.fresh,
      verdicts: this.#verdicts,
    });
    await this.close();
  }

  /** Without a last line: for who could not begin after all. */
  close(): Promise<void> {
    return this.#lines.close();
  }
}

/** What happens to one unit. */
export class DeviceJournal {
  #begun = false;
  #progress = 0;

  constructor(
    readonly id: string,
    private readonly journal: Journal,
  ) {}

  /** Something may have been sent to this device. */
  get begun(): boolean {
    return this.#begun;
  }

  /**
   * Call it before the command that the state speaks of, and wait for it: it resolves when the entry is synced.
   *
   * Rejects with StateError `journal-write-failed` only while nothing was sent to this device: refuse it then. Afterwards a
   * failed write must not stop a device half way; it is kept in `journal.failure`.
   */
  async enter(state: DeviceState, facts: StateFacts = {}): Promise<void> {
    if (state === 'progress' && !this.#isWorthAnEntry(facts)) return;
    const entry = { type: 'state', device: this.id, state, ...facts } as const;
    if (NOT_SYNCED.has(state)) {
      this.journal.note(entry);
      return;
    }
    if (!this.#begun && this.journal.failure !== null) throw this.journal.failure;
    try {
      await this.journal.keep(entry);
    } catch (error) {
      if (!this.#begun) throw error;
    }
    if (IN_FLIGHT.has(state)) this.#begun = true;
  }

  /** Resolves when it is synced. Never rejects: the command was sent, and its unit is finished. */
  async answer({ says, error }: KeptAnswer): Promise<void> {
    const entry = { type: 'answer', device: this.id, says, error } as const;
    await this.journal.keep(entry).catch(() => undefined);
  }

  error(error: Refusal): void {
    this.journal.note({ type: 'error', device: this.id, error });
  }

  /** Never rejects. */
  async verdict(result: DeviceResult): Promise<void> {
    await this.journal.keep({ type: 'verdict', result }).catch(() => undefined);
  }

  /** A new pass begins from the start again. */
  #isWorthAnEntry({ doneBytes = 0, totalBytes = 0 }: StateFacts): boolean {
    const now = totalBytes === 0 ? 0 : Math.floor((PROGRESS_ENTRIES * doneBytes) / totalBytes);
    const worth = now !== this.#progress;
    this.#progress = now;
    return worth;
  }
}
