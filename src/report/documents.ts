import { programFacts, type ProgramFacts } from '../base/program-facts.ts';
import type { Refusal } from '../base/refusal.ts';
import { exitOf, type Exit, type ExitName } from '../run/facts/outcome.ts';

/** A problem in a file as JSON documents show it (decisions.md#the-command-line). */
export interface DocumentDiagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string | null;
}

/** Each is described by a part of schemas/report.schema.json. */
export const DOCUMENT_FORMATS = [
  'runbook.report/1',
  'runbook.plan/1',
  'runbook.reports/1',
  'runbook.rehearsal/1',
  'runbook.plans/1',
  'runbook.devices/1',
  'runbook.status/1',
  'runbook.history/1',
  'runbook.job/1',
  'runbook.jobs/1',
  'runbook.diagnostics/1',
  'runbook.pin/1',
  'runbook.init/1',
  'runbook.image/1',
  'runbook.lab/1',
  'runbook.completion/1',
  'runbook.doctor/1',
  'runbook.error/1',
  'runbook.help/1',
] as const;

export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** What every JSON document has. The body lies between `command` and `diagnostics`. */
export interface Document {
  readonly format: DocumentFormat;
  /** null: the command line named none. */
  readonly command: string | null;
  /** The program that wrote it. */
  readonly program: ProgramFacts;
  readonly diagnostics: readonly DocumentDiagnostic[];
  readonly error: Refusal | null;
  readonly exit: Exit;
  readonly [body: string]: unknown;
}

/** The shape of every document in one place; `body` holds the fields of its format. */
export function documentOf(
  format: DocumentFormat,
  command: string | null,
  exit: ExitName | Exit,
  parts: {
    readonly body?: Readonly<Record<string, unknown>>;
    readonly diagnostics?: readonly DocumentDiagnostic[];
    readonly error?: Refusal | null;
  } = {},
): Document {
  return {
    format,
    command,
    program: programFacts(),
    ...parts.body,
    diagnostics: (parts.diagnostics ?? []).map(onlyDocumentFields),
    error: parts.error ?? null,
    exit: typeof exit === 'string' ? exitOf(exit) : exit,
  };
}

/** Source line and length are for the caret of the text form only. */
function onlyDocumentFields(diagnostic: DocumentDiagnostic): DocumentDiagnostic {
  const { file, line, column, path, code, severity, message, hint } = diagnostic;
  return { file, line, column, path, code, severity, message, hint };
}
