import { firstMismatch, isCount, isText, isTime, orNull, type Shape } from '../base/shape.ts';
import { parseDocument, parseJson, type ParsedDocument } from '../base/versioned-document.ts';
import type { ProcessIdentity } from '../host/machine.ts';

/** One begin of a job, as it is kept: written once, when its process takes the job. */
export interface JobRecord {
  readonly format: typeof JOB_RECORD_FORMAT;
  readonly job: string;
  /** 1 for the first begin, one more for each later one. */
  readonly attempt: number;
  /** Which call began it; a caller finds its own begin by this. */
  readonly begin: string;
  /** Id of the run, which the journal has, too. */
  readonly run: string;
  /** ISO 8601 */
  readonly startedAt: string;
  /** The playbook or plan file, as an absolute path. */
  readonly file: string;
  /** Version of the program. */
  readonly runbook: string;
  /** SUDO_USER of the caller. */
  readonly sudoUser: string | null;
  readonly bootId: string | null;
  readonly process: ProcessIdentity;
}

export const JOB_RECORD_FORMAT = 'runbook.job-record/1';

const RECORD: Shape = {
  fields: {
    job: isText,
    attempt: isCount,
    begin: isText,
    run: isText,
    startedAt: isTime,
    file: isText,
    runbook: isText,
    sudoUser: orNull(isText),
    bootId: orNull(isText),
    process: { fields: { pid: isCount, startTicks: orNull(isText) } },
  },
};

/** The text of a record. */
export const parseJobRecord = (text: string): ParsedDocument<JobRecord> =>
  parseDocument(text, { format: JOB_RECORD_FORMAT, what: 'the record of a job', shape: RECORD });

/** The answer of the run, as `apply --format json` would have printed it. */
export interface JobResult {
  /** ISO 8601 */
  readonly finishedAt: string;
  readonly document: JobDocument;
}

/** What is looked at in the document; it has more fields. */
export interface JobDocument {
  readonly format: string;
  readonly exit: { readonly code: number; readonly name: string };
  readonly devices?: readonly { readonly chunks?: number }[];
}

const RESULT: Shape = {
  fields: {
    finishedAt: isTime,
    document: { fields: { format: isText, exit: { fields: { code: isCount, name: isText } } } },
  },
};

/** The text of a result: the document in it is that of a command, of any version. */
export function parseJobResult(text: string): ParsedDocument<JobResult> {
  const parsed = parseJson(text);
  if (parsed.fault !== null) return parsed;
  const pointer = firstMismatch(parsed.value, RESULT);
  return pointer === null
    ? { fault: null, value: parsed.value as JobResult }
    : { fault: 'damaged', message: `is damaged at ${pointer}` };
}

/** What names a job: a file name that needs no quotes, in a shell or in a unit of systemd. */
export const isJobName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name);
