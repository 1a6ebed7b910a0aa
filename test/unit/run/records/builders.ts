import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { interruptedRuns } from '../../../../src/run/records/interrupted-runs.ts';
import type { InterruptedRuns } from '../../../../src/run/records/interrupted-runs.ts';
import { JOURNAL_FORMAT } from '../../../../src/run/records/journal-entry.ts';
import type { JournalDevice, RunStarted } from '../../../../src/run/records/journal-entry.ts';
import { surveyRuns } from '../../../../src/run/records/survey.ts';
import { StateError } from '../../../../src/run/records/state-error.ts';
import { idOf } from '../../report/run-events.ts';

export const SHA = 'a'.repeat(64);

export const journalDevice = (n: number, fields: Partial<JournalDevice> = {}): JournalDevice => ({
  id: idOf(n),
  play: 'hp-sas-expander',
  paths: [`/dev/sg${n}`],
  vendor: 'HP',
  product: 'HP SAS EXP Card',
  deviceType: 0x0d,
  logicalUnit: idOf(n),
  serialNumber: `S${n}`,
  before: '2.08',
  target: '2.10',
  imageSha256: SHA,
  sentSha256: [SHA],
  totalBytes: 1 << 20,
  proof: { product: 'HP SAS EXP Card', unchanged: false, aliases: {}, witness: null, subenclosure: null },
  ...fields,
});

export const headerOf = (run: string, count = 2, fields: Partial<RunStarted> = {}): RunStarted => ({
  type: 'run-started',
  format: JOURNAL_FORMAT,
  run,
  command: 'apply',
  runbook: '0.1.0',
  commit: 'c0ffee123456',
  host: { name: 'store7', kind: 'linux', bootId: 'boot-1', fresh: false },
  process: { pid: process.pid, startTicks: null },
  playbook: { file: 'upgrade.yml', sha256: SHA, name: 'HP cards to 2.10' },
  planDigest: SHA,
  devices: Array.from({ length: count }, (_, i) => journalDevice(i + 1)),
  ...fields,
});

let root: string | null = null;

/** A new directory that goes away with the test process. */
export function scratch(): string {
  if (root === null) {
    const made = mkdtempSync(path.join(tmpdir(), 'runbook-state-'));
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    root = made;
  }
  return mkdtempSync(path.join(root, 'x'));
}

/** The StateError that an attempt ends with; throws when it ends with another one, or well. */
export async function stateError(attempt: Promise<unknown>): Promise<StateError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof StateError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** What runs that died have left on these units; without `ids`: on all units. */
export async function interruptedOn(directory: string, ids?: ReadonlySet<string>): Promise<InterruptedRuns> {
  const { runs, unreadable } = await surveyRuns(directory);
  return { byUnit: interruptedRuns(runs, ids), unreadable };
}
