import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { requireOwnPlace } from '../run/records/state-directory.ts';
import { notAJob } from './job-error.ts';

/** What is in the folder of a job; paths are relative to it. */
export interface JobContents {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

const OUTPUT = /^[0-9a-f]{12}\.out$/;
/** An attempt, or one that was being made when its process ended. */
const ATTEMPT = /^(?:[1-9][0-9]*|\.[0-9a-f]{16})$/;
/** The other one is a file that was being written when its process ended. */
const IN_ATTEMPT = /^(?:(?:record|result)\.json|\.[0-9a-f]{16})$/;

/**
 * Everything in the folder of a job, as runbook writes it. Throws JobError `not-a-job` for anything else that is there, StateError
 * `others-can-write`, and what the file system says.
 */
export async function contentsOfJob(folder: string): Promise<JobContents> {
  if (!(await lstat(folder)).isDirectory()) throw notAJob(folder, 'it is not a directory');
  requireOwnPlace(folder);
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (entry.isFile() && OUTPUT.test(entry.name)) files.push(entry.name);
    else if (entry.isDirectory() && ATTEMPT.test(entry.name)) {
      folders.push(entry.name);
      files.push(...(await filesOfAttempt(folder, entry.name)));
    } else throw foreign(path.join(folder, entry.name));
  }
  return { files, folders };
}

async function filesOfAttempt(folder: string, attempt: string): Promise<string[]> {
  const place = path.join(folder, attempt);
  requireOwnPlace(place);
  const entries = await entriesOf(place);
  const other = entries.find((entry) => !(entry.isFile() && IN_ATTEMPT.test(entry.name)));
  if (other !== undefined) throw foreign(path.join(place, other.name));
  // A folder takes its number with its record in it.
  if (!attempt.startsWith('.') && !entries.some(({ name }) => name === 'record.json'))
    throw notAJob(place, 'it has no record.json');
  return entries.map(({ name }) => path.join(attempt, name));
}

const entriesOf = (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true });

const foreign = (file: string): Error => notAJob(file, 'runbook writes nothing of this name and kind');
