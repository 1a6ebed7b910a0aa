import { visible, type Diagnostic } from '../playbook/diagnostics.ts';
import { pathBelow } from './file-uri.ts';

/**
 * Workflow commands of GitHub Actions, one line each: they show as annotations in the changed files.
 *
 * @param root directory that the paths are relative to: the checkout
 */
export function diagnosticsGithub(diagnostics: readonly Diagnostic[], root: string): string {
  return diagnostics.map((diagnostic) => `${workflowCommand(diagnostic, root)}\n`).join('');
}

function workflowCommand(
  { file, line, column, code, severity, message, hint }: Diagnostic,
  root: string,
): string {
  const properties = [
    `file=${escapeProperty(pathBelow(root, file))}`,
    // Line 0: the file as a whole.
    ...(line === 0 ? [] : [`line=${line}`, `col=${column}`]),
    `title=${escapeProperty(code)}`,
  ];
  const text = [message, ...(hint === null ? [] : [hint])].map(visible).join('\n');
  return `::${severity} ${properties.join(',')}::${escapeData(text)}`;
}

/** A line break would end the command, and `%` begins an escape. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
