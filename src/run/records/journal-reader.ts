import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { lockFile } from '../../host/file-lock.ts';
import { isAlive, readBootId } from '../../host/machine.ts';
import { parseDocument } from '../../base/versioned-document.ts';
import { JOURNAL_FORMAT } from './journal-entry.ts';
import { parseEntry } from './journal-shapes.ts';
import type { JournalEntry, RunStarted, UnknownEntry } from './journal-entry.ts';
import { withFrozenEnds } from './frozen-end.ts';
import { recordOf } from './run-record.ts';
import type { RunRecord } from './run-record.ts';
import { namesIn, notReadable, readStateFile, withStateFile } from './state-directory.ts';
import { StateError } from './state-error.ts';

export interface JournalText {
  readonly entries: readonly (JournalEntry | UnknownEntry)[];
  /** null: the file ends before its first line does. */
  readonly header: RunStarted | null;
  /** What a person should know about the file. */
  readonly notes: readonly string[];
}

export const JOURNAL_SUFFIX = '.jsonl';
/** Number and time stand first in a line. */
const BEGIN_BYTES = 64;
/** Far more than a run over thousands of units writes. */
const LARGEST_JOURNAL_BYTES = 256 * 1024 * 1024;

/** Ids of all runs, oldest first: the id has the second, and of runs of one second the journals say which began first. */
export async function runNames(directory: string): Promise<string[]> {
  const names = (await namesIn(directory, (where) => readdir(where)))
    .filter((name) => name.endsWith(JOURNAL_SUFFIX) && !name.startsWith('.'))
    .map((name) => name.slice(0, -JOURNAL_SUFFIX.length));
  const begun = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const isAlone = [names[index - 1], names[index + 1]].every((next) => secondOf(next) !== secondOf(name));
    if (!isAlone) begun.set(name, await beginOf(path.join(directory, name + JOURNAL_SUFFIX)));
  }
  return names.sort((a, b) => {
    const [left, right] = [begun.get(a) ?? '', begun.get(b) ?? ''];
    if (secondOf(a) !== secondOf(b) || left === right) return a < b ? -1 : 1;
    return left < right ? -1 : 1;
  });
}

const secondOf = (run: string | undefined): string | undefined => run?.split('-', 1)[0];

/** When a journal was begun; empty: it cannot be read, which who reads all of it tells. */
async function beginOf(file: string): Promise<string> {
  try {
    const bytes = Buffer.alloc(BEGIN_BYTES);
    const begin = await withStateFile(file, (handle) => handle.read(bytes, 0, BEGIN_BYTES, 0));
    return begin === null ? '' : (/"at":"([^"]+)"/.exec(bytes.toString('latin1'))?.[1] ?? '');
  } catch {
    return '';
  }
}

export interface ReadRuns {
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
  /** Journals that cannot be read: what they say about a unit is not known. */
  readonly unreadable: readonly StateError[];
}

/** These runs of a state directory, or all; one that cannot be read does not hide the others. */
export async function readRuns(directory: string, names?: readonly string[]): Promise<ReadRuns> {
  const runs: RunRecord[] = [];
  const unreadable: StateError[] = [];
  for (const name of names ?? (await runNames(directory))) {
    try {
      runs.push(await readRun(directory, name));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      unreadable.push(error);
    }
  }
  return { runs, unreadable };
}

/** One run. Throws StateError: `state-not-readable`, `journal-damaged`, `journal-newer`. */
export async function readRun(directory: string, run: string): Promise<RunRecord> {
  const file = path.join(directory, run + JOURNAL_SUFFIX);
  const read = async (): Promise<JournalText> => parseJournal(file, await textOf(file));
  const journal = await read();
  if (journal.entries.some(({ type }) => type === 'run-finished')) return recordOf(run, file, journal, false);
  // A journal without its end: who holds the lock lives. Nobody: it is read again, because it may just have ended.
  const isLive = isWritten(journal.header, await isLocked(file));
  return withFrozenEnds(recordOf(run, file, isLive ? journal : await read(), isLive));
}

async function textOf(file: string): Promise<string> {
  const text = await readStateFile(file, LARGEST_JOURNAL_BYTES);
  if (text === null) throw notReadable(file, new Error('there is no such file'));
  return text;
}

/**
 * The lines of a journal. Its end may be torn: what was not synced is cut off, or is NULs, or both, and nothing that it
 * spoke of was sent. Anywhere else a line that cannot be read hides something, and the file is refused.
 */
export function parseJournal(file: string, text: string): JournalText {
  const synced = text.split('\0', 1)[0]!;
  const lines = synced.split('\n');
  const torn = lines.pop()!;
  const entries: (JournalEntry | UnknownEntry)[] = [];
  const notes: string[] = [];
  for (const [index, line] of lines.entries()) {
    const place = `${file}: line ${index + 1}`;
    if (index === 0) requireFormat(file, line);
    const parsed = parseEntry(line);
    if ('problem' in parsed) throw damaged(place, parsed.problem);
    const { entry } = parsed;
    if (entry.n !== index + 1) throw damaged(place, `has the number ${entry.n}, so lines are missing`);
    if ((entry.type === 'run-started') !== (index === 0))
      throw damaged(place, 'begins a journal in the middle');
    if (entry.type === 'unknown') {
      notes.push(
        `line ${index + 1}: the entry "${entry.named}" was written by a newer runbook and is not understood`,
      );
    }
    entries.push(entry);
  }
  if (torn !== '' || synced.length < text.length) {
    notes.push('the last line is torn: its writer was ended in the middle of it, before it did what it says');
  }
  const [first] = entries;
  return { entries, header: first?.type === 'run-started' ? first : null, notes };
}

/** A newer format is not damage; told apart before anything else is looked at. */
function requireFormat(file: string, line: string): void {
  const parsed = parseDocument(line, { format: JOURNAL_FORMAT, what: 'a journal', shape: { fields: {} } });
  if (parsed.fault === null) return;
  if (parsed.fault !== 'other-version') throw damaged(`${file}: line 1`, parsed.message);
  throw new StateError(
    'journal-newer',
    `${file}: ${parsed.message}`,
    'Read it with the version of runbook that wrote it, or a newer one.',
    { file },
  );
}

function damaged(place: string, problem: string): StateError {
  return new StateError(
    'journal-damaged',
    `${place} ${problem}`,
    'Look at the file and at the units that it names, then move it out of the directory.',
    { place },
  );
}

/** Who has the lock writes, or is dead if nobody has it. null: locks say nothing here. */
async function isLocked(file: string): Promise<boolean | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const answer = await lockFile(handle.fd);
      return answer === 'unknown' ? null : answer === 'held';
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw notReadable(file, error);
  }
}

/** Runs of a lab take no lock: they go by the process, like all runs where there are no locks. */
function isWritten(header: RunStarted | null, locked: boolean | null): boolean {
  if (locked === true) return true;
  if (header === null || (header.host.kind === 'linux' && locked !== null)) return false;
  return header.host.bootId === readBootId() && isAlive(header.process);
}
