import { formatDiagnostic, type Diagnostic } from '../playbook/diagnostics.ts';
import type { Ink } from './ink.ts';
import { counted } from './quantities.ts';

/** All problems in the order of their files, each with its source line, and how many there are. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], ink: Ink): string {
  if (diagnostics.length === 0) return '';
  const blocks = diagnostics.map((diagnostic) => {
    const [first, ...rest] = formatDiagnostic(diagnostic).split('\n');
    return [ink(diagnostic.severity === 'error' ? 'bad' : 'warn', first!), ...rest].join('\n');
  });
  return `${blocks.join('\n\n')}\n\n${countText(diagnostics)}\n`;
}

/** `2 errors, 1 warning` */
function countText(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  return [errors > 0 ? counted(errors, 'error') : '', warnings > 0 ? counted(warnings, 'warning') : '']
    .filter((part) => part !== '')
    .join(', ');
}
