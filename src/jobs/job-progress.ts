import { readRun } from '../run/records/journal-reader.ts';
import { knowledgeOf } from '../run/records/knowledge.ts';
import type { DeviceRecord } from '../run/records/run-record.ts';
import { StateError } from '../run/records/state-error.ts';
import type { Outcome } from '../run/facts/outcome.ts';

/** How far one unit of a job is, as the journal of its run tells. */
export interface UnitProgress {
  readonly id: string;
  readonly play: string;
  readonly paths: readonly string[];
  /** null: it has no verdict yet. */
  readonly outcome: Outcome | null;
  /** One sentence. */
  readonly text: string;
  /** Bytes that it accepted; the journal is written now and then, so it may be a few seconds behind. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** @param runs directory of the journals. Empty: the run has not begun to work. Throws StateError for a journal that cannot be read. */
export async function progressOf(runs: string, run: string): Promise<readonly UnitProgress[]> {
  try {
    const { devices } = await readRun(runs, run);
    return devices.map((device) => ({
      id: device.id,
      play: device.play,
      paths: device.paths,
      outcome: device.result?.outcome ?? null,
      text: knowledgeOf(device, run).text,
      doneBytes: doneBytes(device),
      totalBytes: device.totalBytes,
    }));
  } catch (error) {
    // A run that found nothing to do keeps no journal.
    const cause = error instanceof StateError ? error.cause : null;
    if (error instanceof StateError && error.code === 'state-not-readable' && isMissing(cause)) return [];
    throw error;
  }
}

/** `readRun` says ENOENT by an error of its own where the file is not there. */
const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && ((cause as NodeJS.ErrnoException).code ?? 'ENOENT') === 'ENOENT';

function doneBytes({ result, facts, totalBytes }: DeviceRecord): number {
  if (result !== null) return result.bytes;
  return Math.min(facts.doneBytes ?? 0, totalBytes);
}
