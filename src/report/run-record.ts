import type { DeviceResult } from '../run/facts/outcome.ts';
import type { MemoryNote } from '../run/records/earlier-work.ts';
import type { Document } from './documents.ts';
import type { RehearsalEnd } from '../rehearsal/rehearsal-end.ts';

/** What a report file is made of. */
export interface RunDocument {
  /** The answer of the command, whatever became of it. */
  readonly document: Document;
  readonly startedAt: Date;
  readonly hostname: string;
  /** What `--lab` named: the devices are simulated. A ticket must not take them for real ones. null: they are real. */
  readonly lab: string | null;
}

/** A plan file that was reviewed and obeyed. */
export interface ObeyedPlan {
  /** As given on the command line. */
  readonly file: string;
  readonly digest: string;
}

export interface RunOfRecord {
  /** null: a playbook was given. */
  readonly planFile: ObeyedPlan | null;
  readonly run: string | null;
  readonly playbook: { readonly file: string; readonly sha256: string; readonly name: string } | null;
  readonly devices: readonly DeviceResult[];
  /** What interrupted runs left on the units. */
  readonly notes: readonly MemoryNote[];
  /** Runs of `--lab auto` on made devices; without them the devices are real, or those of a lab. */
  readonly rehearsals: readonly RehearsalEnd[];
}

/** What a document tells of a run; without devices where a command ended before it had any. */
export function runOf(document: Document): RunOfRecord {
  const { run, playbook, planFile, devices, notes, rehearsals } = document as Document & Partial<RunOfRecord>;
  const reports = document.format === 'runbook.report/1';
  const rehearses = document.format === 'runbook.rehearsal/1';
  return {
    planFile: (reports ? planFile : null) ?? null,
    run: (reports ? run : null) ?? null,
    playbook: (reports || rehearses ? playbook : null) ?? null,
    devices: (reports ? devices : null) ?? [],
    notes: (reports ? notes : null) ?? [],
    rehearsals: (rehearses ? rehearsals : null) ?? [],
  };
}

/** What was wrong beside the devices: the failure of the command, and mistakes in its files. */
export function troubleOf({ error, diagnostics }: Document): string[] {
  const mistakes = diagnostics.filter(({ severity }) => severity === 'error');
  return [
    ...(error === null ? [] : [error.message]),
    ...mistakes.map(({ file, line, column, message, code }) => {
      const place = line === 0 ? file : `${file}:${line}:${column}`;
      return `${place}: ${message} [${code}]`;
    }),
  ];
}
