import { hasErrors, sortDiagnostics, type Diagnostic } from '../../playbook/diagnostics.ts';
import { imageWarnings, isAccepted, lintPlaybook, writerWarnings } from '../../playbook/lint/lint.ts';
import { printable } from '../../report/ink.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import type { CheckedPlaybook } from '../checked-playbook.ts';
import { diagnosticsAnswer } from '../diagnostics-output.ts';
import type { Io } from '../io.ts';
import { readPlaybook, type ReadPlaybook } from '../read-playbook.ts';

export interface LintOptions extends CommonOptions {
  readonly withoutImage: boolean;
  /** Warnings make the exit 3 as well. */
  readonly strict: boolean;
}

/** `runbook lint PLAYBOOK…`: warnings about valid but risky choices. Exit 3 for errors, with --strict for warnings too. */
export async function lint(files: readonly string[], options: LintOptions, io: Io): Promise<Answer> {
  const labImages =
    options.lab === undefined ? undefined : await (await import('../lab.ts')).readLabImages(options.lab);
  const checked: CheckedPlaybook[] = [];
  const diagnostics: Diagnostic[] = [];
  const clean: string[] = [];
  for (const file of files) {
    const read = await readPlaybook(file, { labImages, withoutImage: options.withoutImage });
    const found = sortDiagnostics([...unaccepted(read), ...warningsOf(read, options.lab !== undefined)]);
    checked.push(read.checked);
    diagnostics.push(...found);
    if (found.length === 0) clean.push(file);
  }
  const isWrong = options.strict ? diagnostics.length > 0 : hasErrors(diagnostics);
  const exit = exitOf(isWrong ? 'INVALID' : 'OK');
  const lead = clean.map((file) => `${printable(file)}: no warnings\n`).join('');
  return diagnosticsAnswer({ command: 'lint', exit, checked, diagnostics }, lead, options, io);
}

function warningsOf({ playbook, resolved }: ReadPlaybook, isLab: boolean): readonly Diagnostic[] {
  if (playbook === null) return [];
  const doubts = resolved === null || isLab ? [] : imageWarnings(playbook, resolved);
  const writers = isLab ? [] : writerWarnings(playbook);
  return [...lintPlaybook(playbook, resolved), ...doubts, ...writers];
}

/** `validate` has warnings too; these can be accepted like any other. */
const unaccepted = ({ playbook, diagnostics }: ReadPlaybook): readonly Diagnostic[] =>
  diagnostics.filter(
    ({ severity, path, code }) => severity === 'error' || !isAccepted(playbook?.words, path, code),
  );
