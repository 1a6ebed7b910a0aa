import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../../src/playbook/diagnostic-codes.ts';
import { LINT_CODES } from '../../src/playbook/lint/lint-codes.ts';
import { code, page, table } from './markdown.ts';

/** The first code of each group, in the order of the table. */
const GROUPS: Readonly<Partial<Record<DiagnosticCode, string>>> = {
  'no-file': 'The file itself',
  'unknown-key': 'The language',
  expect: 'What a careful operator would check',
  'plan-file': 'Other files',
  'image-missing': 'The image',
};

export function diagnosticsPage(): string {
  const parts = Object.entries(DIAGNOSTIC_CODES).flatMap(([name, meaning]) => {
    const heading = GROUPS[name as DiagnosticCode];
    return [...(heading === undefined ? [] : [`## ${heading}`]), `### ${code(name)}`, meaning];
  });
  return page(
    'Diagnostics',
    'src/playbook/diagnostic-codes.ts',
    'Every problem in a playbook or lab file has a code, in text between brackets, in JSON as `code`. Each message says what to write instead. The additional codes of `runbook lint` are [at the end](#what-lint-warns-of).',
    ...parts,
    '## What `lint` warns of',
    'Warnings about valid but risky choices, each with its reason and the way to accept it: [lint](../lint.md).',
    table(
      ['code', 'meaning'],
      Object.entries(LINT_CODES).map(([name, meaning]) => [`[${code(name)}](../lint.md#${name})`, meaning]),
    ),
  );
}
