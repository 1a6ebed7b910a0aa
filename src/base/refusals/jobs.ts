import type { RefusalEntries } from './entry.ts';

/** Runs that go on in the background under a name: `apply --job`, and the command `job`. */
export const JOBS = {
  'job-unknown': {
    layer: 'procedure',
    cause: 'There is no job of this name in the state directory.',
    message: 'there is no job {job} in {directory}',
    next: 'See the jobs: runbook job list. A lab and --state-dir have their own.',
  },
  'job-of-another': {
    layer: 'procedure',
    cause: 'A job of this name was begun with another playbook or plan: its result says nothing of this one.',
    message: 'job {job} was begun with {what}',
    next: 'Give this one another name, or remove the job (with its own --lab or --state-dir): runbook job forget {job}',
  },
  'job-running': {
    layer: 'procedure',
    cause: 'The job is running.',
    message: 'job {job} is running: process {pid} since {since}',
    next: 'Wait for it (with its own --lab or --state-dir): runbook job wait {job}',
  },
  'job-died': {
    layer: 'procedure',
    cause:
      'The process of the job ended before the job had a result: it was killed, or the host was restarted.',
    message: 'job {job} died: {what}',
    next: 'Leave its units powered on, and check them: runbook verify {run}',
  },
  'job-not-started': {
    layer: 'procedure',
    cause: 'The job could not be started in the background.',
    message: 'job {job} did not start: {what}',
    next: 'Look at what the program printed: {output}',
  },
  'job-damaged': {
    layer: 'procedure',
    cause: 'A file of the job is damaged, or a newer version wrote it.',
    message: '{file} {what}',
    next: 'Look at the file, then remove the job: runbook job forget {job}',
  },
  'not-a-job': {
    layer: 'procedure',
    cause:
      'In the directory of the jobs is something that runbook does not make there; a job is never removed together with it.',
    message: '{file} is not part of a job: {what}',
    next: 'Look at what it is, and move it out of the directory.',
  },
} as const satisfies RefusalEntries;
