import { JobError } from './job-error.ts';
import type { JobStore } from './job-store.ts';

/**
 * Forgets the jobs that were begun before `before` and have ended. Their runs are pruned by rules of their own. Returns the
 * names. Throws StateError.
 */
export async function pruneJobs(store: JobStore, before: Date): Promise<readonly string[]> {
  const { jobs } = await store.all();
  const forgotten: string[] = [];
  for (const { state, record } of jobs) {
    if (state === 'running' || Date.parse(record.startedAt) >= before.getTime()) continue;
    try {
      await store.forget(record.job);
      forgotten.push(record.job);
    } catch (error) {
      // Forgotten, or begun again, since it was read.
      if (!(error instanceof JobError)) throw error;
    }
  }
  return forgotten;
}
