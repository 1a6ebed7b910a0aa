import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import { PendingFile, syncDirectory } from '../../base/durable-file.ts';
import { OthersCanWriteError, requireOwn } from '../../base/own-directory.ts';
import { StateError, writeAdvice } from './state-error.ts';

/** Where runbook remembers: one journal per run, one record per unit, one folder per job. */
export interface StateDirectory {
  readonly root: string;
  /** `RUN.jsonl` each */
  readonly runs: string;
  /** `ENCODED ID.json` each */
  readonly units: string;
  /** `NAME/` each: what goes on in the background */
  readonly jobs: string;
  /** `RUN` each: runs that may have left a unit open (./open-runs.ts) */
  readonly open: string;
}

/** Where the units of a lab are locked whose state lasts; those of real units are in one place for all (host/unit-lock.ts). */
export const labLocks = ({ root }: StateDirectory): string => path.join(root, 'locks');

export interface StateLocation {
  /** `--state-dir` */
  readonly stateDir?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly home: string;
  /** `--lab`: what happens to simulated units is kept apart, one place for each lab. */
  readonly lab?: string | undefined;
}

/**
 * `--state-dir`, else the place of this user (decisions.md#the-command-line). Nothing is touched.
 */
export function stateDirectory({ stateDir, env, isRoot, home, lab }: StateLocation): StateDirectory {
  const base = path.resolve(given(stateDir) ?? ownLocation(env, isRoot, home));
  const root = lab === undefined ? base : path.join(base, 'lab', labKey(lab));
  return {
    root,
    runs: path.join(root, 'runs'),
    units: path.join(root, 'units'),
    jobs: path.join(root, 'jobs'),
    open: path.join(root, 'open'),
  };
}

const given = (value: string | undefined): string | null =>
  value === undefined || value === '' ? null : value;

function ownLocation(env: StateLocation['env'], isRoot: boolean, home: string): string {
  if (isRoot) return '/var/lib/runbook';
  const xdg = given(env['XDG_STATE_HOME']);
  // XDG Base Directory: a relative path in the variable is to be ignored.
  return path.join(xdg !== null && path.isAbsolute(xdg) ? xdg : path.join(home, '.local/state'), 'runbook');
}

function labKey(lab: string): string {
  return createHash('sha256').update(path.resolve(lab)).digest('hex').slice(0, 12);
}

/**
 * Makes the directories, for their owner only, and proves that they can be written to: whoever is going to write to a device
 * finds out now, not after its first byte. Throws StateError `state-not-writable` or `others-can-write` (exit 4).
 */
export async function prepareStateDirectory(
  state: StateDirectory,
  { simulated = false }: { readonly simulated?: boolean } = {},
): Promise<void> {
  await requireOwnState(state);
  const { root, runs, units, open: openRuns } = state;
  for (const directory of simulated ? [runs, units] : [runs, units, openRuns]) {
    // A file is the only honest question: permissions say yes to root, a full or read-only file system says no.
    try {
      await makeDirectory(directory);
      await (await PendingFile.open(path.join(directory, 'proof'))).discard();
      await syncDirectory(path.dirname(directory));
    } catch (error) {
      if (error instanceof StateError) throw error;
      throw notWritable(root, error);
    }
  }
}

/**
 * Where root works, nobody else may change what is remembered: it decides what is safe to do, and a link on the way would have root
 * write and delete wherever it leads. Asked first by every command that changes the state; nothing is touched. Throws StateError
 * `others-can-write`, or `state-not-writable` where the way there cannot be looked at.
 */
export async function requireOwnState(state: StateDirectory): Promise<void> {
  // A mount that never answers is waited for outside of the main thread.
  await stat(state.root).catch(() => undefined);
  for (const directory of [state.root, state.runs, state.units, state.jobs, state.open, labLocks(state)]) {
    requireOwnPlace(directory, state.root);
  }
}

/** The same question for one directory or file of the state, where it is changed. Throws StateError `others-can-write`. */
export function requireOwnPlace(place: string, root: string = place): void {
  try {
    requireOwn(place);
  } catch (error) {
    if (error instanceof OthersCanWriteError) {
      throw new StateError(
        'others-can-write',
        `the state directory ${root} is not root's alone: ${error.message}`,
        'Give it to root alone (chown root, chmod go-w), or name another directory with --state-dir.',
        { directory: root },
        { cause: error },
      );
    }
    throw notWritable(root, error);
  }
}

const notWritable = (root: string, error: unknown): StateError =>
  new StateError(
    'state-not-writable',
    `the state directory ${root} cannot be written to: ${causeText(error)}`,
    writeAdvice(error, root),
    { directory: root },
    { cause: error },
  );

/**
 * Makes a directory of the state and those above it, for their owner alone; nothing through a link of another user. Throws StateError
 * `others-can-write`, and what the file system says.
 */
export async function makeDirectory(directory: string): Promise<void> {
  const there = await isDirectory(directory);
  requireOwnPlace(directory);
  if (there) return;
  await makeMissing(directory);
  // Another user may have made it meanwhile.
  requireOwnPlace(directory);
}

/** Not with `recursive`: where a file system answers ENOENT to every mkdir, as /proc does, Node would try forever. */
async function makeMissing(directory: string): Promise<void> {
  if (await isDirectory(directory)) return;
  const parent = path.dirname(directory);
  if (parent !== directory) await makeMissing(parent);
  requireOwnPlace(directory);
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isDirectory(directory))) throw error;
  }
}

async function isDirectory(directory: string): Promise<boolean> {
  try {
    return (await stat(directory)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Names of the files in a directory of the state; none when it does not exist. Throws StateError `state-not-readable`. */
export async function namesIn(
  directory: string,
  read: (directory: string) => Promise<string[]>,
): Promise<string[]> {
  try {
    return (await read(directory)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw notReadable(directory, error);
  }
}

/**
 * Reads a journal or a record; null where there is none. What is not a regular file is not opened: it may never end, or wait
 * forever. Throws StateError `state-not-readable`.
 */
export async function withStateFile<Result>(
  file: string,
  read: (handle: FileHandle) => Promise<Result>,
): Promise<Result | null> {
  let handle: FileHandle | null = null;
  try {
    // Opened first and looked at then: between a look and an open it can become another one.
    handle = await open(file, READ_ONLY);
    if ((await handle.stat()).isFile()) return await read(handle);
  } catch (error) {
    if (error instanceof StateError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    // A link, or a socket.
    if (code !== 'ELOOP' && code !== 'ENXIO') throw notReadable(file, error);
  } finally {
    await handle?.close();
  }
  throw new StateError(
    'state-not-readable',
    `${file} is not a regular file, and only runbook should write there`,
    'Look at what it is, and move it out of the directory.',
    { place: file },
  );
}

/** To open a pipe does not wait; a link is not followed. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The text of a journal or a record; null where there is none. Throws StateError `state-not-readable`, also if it is larger. */
export const readStateFile = (file: string, mostBytes: number): Promise<string | null> =>
  withStateFile(file, async (handle) => {
    const { size } = await handle.stat();
    if (size > mostBytes) {
      throw new StateError(
        'state-not-readable',
        `${file} is ${size} bytes long, more than runbook writes`,
        'Look at what it is, and move it out of the directory.',
        { place: file },
      );
    }
    return handle.readFile('utf8');
  });

export function notReadable(place: string, error: unknown): StateError {
  const { code } = error as NodeJS.ErrnoException;
  const next =
    code === 'EACCES' || code === 'EPERM'
      ? 'Run it as root: the records of root are for root only.'
      : 'Check the path given with --state-dir, or by RUNBOOK_STATE_DIR.';
  return new StateError(
    'state-not-readable',
    `${place} cannot be read: ${causeText(error)}`,
    next,
    { place },
    { cause: error },
  );
}
