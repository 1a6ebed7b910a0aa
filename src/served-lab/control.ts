import { rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { isDying } from './lab-lock.ts';
import { readNotes, socketFile } from './lab-notes.ts';
import type { RunRoot } from './lab-notes.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError, hasCode, reasonOf } from './served-error.ts';

/** What one runbook process asks of the one that serves a lab: a line of JSON each way over a unix socket. */
export type LabRequest =
  | { readonly ask: 'status' }
  | { readonly ask: 'down' }
  /** Over these nodes (`/dev/sgN`); null: all of them. */
  | { readonly ask: 'power-cycle'; readonly nodes: readonly string[] | null };

/** A unit as `lab up` and `lab status` show it. */
export interface ServedUnitStatus {
  readonly sgNode: string;
  readonly hctl: string;
  readonly id: string;
  readonly vendor: string;
  readonly product: string;
  /** As the device says now; sysfs keeps what was scanned. */
  readonly revision: string;
  readonly serial: string;
}

export type LabReply =
  | { readonly ok: true; readonly units: readonly ServedUnitStatus[] }
  | { readonly ok: false; readonly message: string; readonly next: string };

export interface ControlServer {
  readonly close: () => void;
}

const LONGEST_LINE = 65_536;
/** Longer than the kernel waits for anything: see `cmd_time_out`. */
const REPLY_TIMEOUT_MS = 90_000;

/** Listens for requests to this lab. The caller holds the lab's lock, so that a socket in the way belongs to the dead. */
export async function listenForRequests(
  id: string,
  roots: RunRoot,
  handle: (request: LabRequest) => Promise<LabReply>,
): Promise<ControlServer> {
  const file = socketFile(id, roots);
  rmSync(file, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // whoever asked went away
    readLine(
      socket,
      (line) => void answer(line, handle).then((reply) => socket.end(`${JSON.stringify(reply)}\n`)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, resolve);
  });
  return { close: () => server.close() };
}

async function answer(line: string, handle: (request: LabRequest) => Promise<LabReply>): Promise<LabReply> {
  const request = parseRequest(line);
  if (request === null)
    return {
      ok: false,
      message: 'the lab was asked something that it does not know',
      next: 'Use one version of runbook for both.',
    };
  try {
    return await handle(request);
  } catch (error) {
    return { ok: false, message: reasonOf(error), next: 'Take the lab down: runbook lab down' };
  }
}

function parseRequest(line: string): LabRequest | null {
  try {
    const { ask, nodes } = JSON.parse(line) as { ask?: unknown; nodes?: unknown };
    if (ask === 'status' || ask === 'down') return { ask };
    if (ask === 'power-cycle' && (nodes === null || isNodes(nodes))) return { ask, nodes };
  } catch {
    // not JSON: the same as a request that nobody knows
  }
  return null;
}

const isNodes = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((node) => typeof node === 'string');

/** Asks the process that serves a lab; null: nobody does. Throws ServedError when it does not answer. */
export async function askLab(
  id: string,
  request: LabRequest,
  roots: Pick<LabRoots, 'run' | 'proc'>,
): Promise<LabReply | null> {
  // The socket of a process that cannot end still takes connections.
  const pid = readNotes(id, roots)?.pid;
  if (pid !== undefined && isDying(pid, roots)) return null;
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketFile(id, roots));
    socket.setTimeout(REPLY_TIMEOUT_MS, () => socket.destroy(new Error('it does not answer')));
    socket.on('error', (error) => {
      if (hasCode(error, 'ENOENT', 'ECONNREFUSED')) resolve(null);
      else reject(lost(reasonOf(error)));
    });
    socket.on('close', () => reject(lost('it ended without an answer')));
    readLine(socket, (line) => {
      resolve(JSON.parse(line) as LabReply);
      socket.end();
    });
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
  });
}

function lost(reason: string): ServedError {
  return new ServedError('not-up', `the process that serves the lab: ${reason}`, 'See: runbook lab status');
}

function readLine(socket: Socket, onLine: (line: string) => void): void {
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    const before = text;
    text += piece;
    const end = text.indexOf('\n');
    if (end >= 0 && !before.includes('\n')) onLine(text.slice(0, end));
    else if (text.length > LONGEST_LINE) socket.destroy();
  });
}
