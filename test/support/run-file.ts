import './own-folder.ts';
import { pathToFileURL } from 'node:url';
import type * as Suites from './suite.ts';

/**
 * Runs the suites of one test file and tells the parent what came out. The parent (scripts/test-runner.mjs) starts it
 * as `node --import tsx test/support/run-file.ts FILE` with an IPC channel; without one it prints the counts.
 */
export interface FileReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What went wrong outside a test. */
  readonly problems: readonly string[];
  /** What this machine has not: see `missing` in suite.ts. */
  readonly notTested: typeof Suites.notTested;
}

/** uvu's own runner, one per `.run()`: errors as text or true, then how many passed, were skipped, were to run. */
type QueuedSuite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

declare global {
  // With UVU_DEFER set, uvu queues its suites in UVU_QUEUE[UVU_INDEX] and leaves their start to us.
  var UVU_DEFER: number | undefined;
  var UVU_INDEX: number | undefined;
  var UVU_QUEUE: QueuedSuite[][] | undefined;
}

async function runFile(file: string): Promise<FileReport> {
  const queue: QueuedSuite[] = [];
  globalThis.UVU_DEFER = 1; // both before uvu is loaded
  globalThis.UVU_INDEX = 0;
  globalThis.UVU_QUEUE = [queue];
  const { suiteCounts, problems, notTested }: typeof Suites = await import('./suite.ts');
  await import(pathToFileURL(file).href);

  const counts = { passed: 0, failed: 0, skipped: 0 };
  let registered = 0;
  for (const runSuite of queue) {
    const [errors, passed, skipped, total] = await runSuite();
    if (typeof errors === 'string') process.stdout.write(`\n${errors}\n`);
    counts.passed += passed;
    counts.failed += total - passed;
    counts.skipped += skipped;
    registered += total + skipped;
  }
  const forgotten = suiteCounts.made - suiteCounts.run;
  if (forgotten > 0) problems.push(`${forgotten} suite(s) without .run(): their tests were dropped`);
  if (registered === 0) problems.push('no test was registered');
  if (forgotten > 0 || registered === 0) counts.failed++;
  return { ...counts, problems, notTested };
}

const report = await runFile(process.argv[2]!);
if (process.send === undefined) {
  console.log(report);
  if (report.failed > 0) process.exitCode = 1;
} else {
  process.send(report, () => process.disconnect());
}
