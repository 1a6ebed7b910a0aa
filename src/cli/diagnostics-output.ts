import type { Diagnostic } from '../playbook/diagnostics.ts';
import { documentOf } from '../report/documents.ts';
import { diagnosticsText } from '../report/diagnostics-text.ts';
import type { Exit } from '../run/facts/outcome.ts';
import type { Answer, OutputFormat } from './answer.ts';
import type { CheckedPlaybook } from './checked-playbook.ts';
import { inkOf, type Io } from './io.ts';
import { VERSION } from '../base/program-facts.ts';

/** What a command found in files. */
export interface Findings {
  readonly command: string | null;
  readonly exit: Exit;
  readonly checked: readonly CheckedPlaybook[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The answer of `validate` and `lint` in every format. `lead`: what a person is told before the problems. */
export async function diagnosticsAnswer(
  findings: Findings,
  lead: string,
  { format, color }: { readonly format: OutputFormat; readonly color: boolean },
  io: Io,
): Promise<Answer> {
  const ink = inkOf(io.stdout, io.env, color);
  return {
    exit: findings.exit,
    document: diagnosticsDocument(findings),
    text: (await annotations(findings, format, io)) ?? lead + diagnosticsText(findings.diagnostics, ink),
  };
}

export const diagnosticsDocument = ({ command, exit, checked, diagnostics }: Findings): object =>
  documentOf('runbook.diagnostics/1', command, exit, { body: { playbooks: checked }, diagnostics });

/** For programs that show problems beside the lines of a file; null: `format` is none for them. */
export async function annotations(
  { exit, checked, diagnostics }: Findings,
  format: OutputFormat,
  { env }: Pick<Io, 'env'>,
): Promise<string | null> {
  // In a workflow, both readers look from the checkout, wherever the step was started.
  const root = env['GITHUB_WORKSPACE'] ?? process.cwd();
  if (format === 'github') {
    const { diagnosticsGithub } = await import('../report/diagnostics-github.ts');
    return diagnosticsGithub(diagnostics, root);
  }
  if (format !== 'sarif') return null;
  const { diagnosticsSarif } = await import('../report/diagnostics-sarif.ts');
  const log = diagnosticsSarif(diagnostics, { version: VERSION, exit, root, files: checked });
  return `${JSON.stringify(log, null, 2)}\n`;
}
