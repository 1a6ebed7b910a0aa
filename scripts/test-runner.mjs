// Runs test files over uvu: a process per file, a time limit each.
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './paths.mjs';
import { temporaryFolder } from './temporary.mjs';
import { testEnvironment } from './test-environment.mjs';

/** A file must end by itself soon after its last test; later means that it left a timer or a handle open. */
const END_GRACE_MS = 30_000;

/**
 * Test files below a folder, sorted; those whose path holds one of the filters, if there are filters.
 * `fixtures` folders hold files for tests, not tests.
 */
export function findTestFiles(directory, filters) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !path.relative(directory, path.join(root, file)).split(path.sep).includes('fixtures'))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort();
}

/**
 * Runs the files and calls `onFinished` for each as it ends: as many at a time as there are processors, and beside them
 * those that `waits` tells of, which wait most of their time, one more than processors. Both begin in the order given, so
 * put the long ones first.
 */
export async function runTestFiles(files, { waits, timeLimitMs, onFinished }) {
  const processors = os.availableParallelism();
  const runSome = async (waiting) => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      onFinished(await runTestFile(file, timeLimitMs(file)));
    }
  };
  const inParallel = (count, waiting) => Array.from({ length: count }, () => runSome(waiting));
  await Promise.all([
    ...inParallel(processors + 1, files.filter(waits)),
    ...inParallel(
      processors,
      files.filter((file) => !waits(file)),
    ),
  ]);
}

/** Processes that run now, with their folders. They are in groups of their own, so a Ctrl-C of the terminal does not reach them. */
const running = new Map();
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
]) {
  process.on(signal, () => {
    for (const [child, folder] of running) {
      killGroup(child.pid);
      remove(folder);
    }
    process.exit(128 + number);
  });
}

/** Runs one file in its own process group. Whatever becomes of the process, there is a result. */
function runTestFile(file, limitMs) {
  return new Promise((resolve) => {
    const started = performance.now();
    const folder = temporaryFolder('runbook-t-'); // see test/support/own-folder.ts
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'test/support/run-file.ts', path.join(root, file)],
      {
        cwd: root,
        // Not TMPDIR: tsx keeps below it what it has compiled, for all files.
        env: testEnvironment(process.env, folder),
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        detached: true, // its own group: what a hanging test started dies with it
      },
    );
    running.set(child, folder);
    let output = '';
    let report = null;
    let killedBecause = null;
    const kill = (reason) => {
      killedBecause = reason;
      killGroup(child.pid);
    };
    const limit = setTimeout(() => kill(`not finished after ${limitMs / 1000} s`), limitMs);
    let grace;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece) => (output += piece));
    }
    child.on('message', (message) => {
      report = message;
      grace = setTimeout(
        () => kill('its tests are over but it does not end: a timer or a handle is open'),
        END_GRACE_MS,
      );
    });
    child.on('error', (error) => kill(`could not be started: ${error.message}`));
    child.on('exit', () => killGroup(child.pid)); // a child left behind would hold the pipes, and this process, open
    child.on('close', (exitCode, signal) => {
      running.delete(child);
      remove(folder);
      clearTimeout(limit);
      clearTimeout(grace);
      resolve({
        file,
        output,
        seconds: (performance.now() - started) / 1000,
        ...verdict(report, killedBecause, exitCode, signal),
      });
    });
  });
}

/** Counts and words for what a process left behind. A file that did not end well has at least one failure. */
function verdict(report, killedBecause, exitCode, signal) {
  const { passed, failed, skipped, problems, notTested } = report ?? { ...NOTHING };
  const ending =
    killedBecause ??
    (report === null ? `died without a result: ${describeEnd(exitCode, signal)}` : null) ??
    (exitCode === 0 ? null : `its tests are over but it ended with ${describeEnd(exitCode, signal)}`);
  return {
    passed,
    failed: failed + (ending === null ? 0 : 1),
    skipped,
    problems: ending === null ? problems : [...problems, ending],
    notTested,
  };
}

const NOTHING = { passed: 0, failed: 0, skipped: 0, problems: [], notTested: [] };

function describeEnd(exitCode, signal) {
  if (signal !== null) return signal;
  // Node ends so when the event loop is empty and a top-level await is still open.
  return exitCode === 13 ? 'exit code 13, a promise that nothing will settle' : `exit code ${exitCode}`;
}

/** What a killed process left may still be written to for a moment: then it stays, and costs no test. */
function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  } catch {
    // as said
  }
}

function killGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** `3 passed, 1 failed`, and `, 2 skipped` where something was. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
