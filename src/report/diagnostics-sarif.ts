import { DIAGNOSTIC_CODES } from '../playbook/diagnostic-codes.ts';
import type { Diagnostic } from '../playbook/diagnostics.ts';
import { LINT_CODES } from '../playbook/lint/lint-codes.ts';
import type { Exit } from '../run/facts/outcome.ts';
import { exitText } from './exit-text.ts';
import { uriBelow } from './file-uri.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** Name of the directory that relative URIs start from (SARIF 2.1.0, uriBaseId). */
const ROOT = '%SRCROOT%';

/** What a log needs beside the diagnostics. */
export interface SarifFacts {
  readonly version: string;
  readonly exit: Exit;
  /** Directory that the paths are relative to: the checkout. */
  readonly root: string;
  /** The files that were looked at, those without a problem too; `sha256` is that of the text. */
  readonly files: readonly { readonly file: string; readonly sha256: string | null }[];
}

/** One log of SARIF 2.1.0 (OASIS), for code scanning. `results` is there even when nothing is wrong. */
export function diagnosticsSarif(diagnostics: readonly Diagnostic[], facts: SarifFacts): object {
  const { version, exit, root, files } = facts;
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'runbook', version, rules: RULES.map(ruleOf) } },
        invocations: [
          { executionSuccessful: true, exitCode: exit.code, exitCodeDescription: exitText(exit) },
        ],
        originalUriBaseIds: { [ROOT]: { description: { text: 'The directory in which runbook ran.' } } },
        columnKind: 'utf16CodeUnits',
        artifacts: files.map(({ file, sha256 }) => ({
          location: locationOf(root, file),
          ...(sha256 === null ? {} : { hashes: { 'sha-256': sha256 } }),
        })),
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, root)),
      },
    ],
  };
}

interface Rule {
  readonly id: string;
  readonly text: string;
  readonly level: 'error' | 'warning';
  readonly page: string;
}

const rules = (table: Readonly<Record<string, string>>, level: Rule['level'], page: string): Rule[] =>
  Object.entries(table).map(([id, text]) => ({ id, text, level, page }));

/** All codes, whichever command writes the log: an index means the same in each. */
const RULES: readonly Rule[] = [
  ...rules(DIAGNOSTIC_CODES, 'error', 'docs/reference/diagnostics.md'),
  ...rules(LINT_CODES, 'warning', 'docs/lint.md'),
];

function ruleOf({ id, text, level, page }: Rule): object {
  return {
    id,
    shortDescription: { text: escapeMessage(text) },
    help: {
      text: escapeMessage(`${text} See ${page}.`),
      markdown: escapeMessage(`${text}\n\nSee \`${page}\`, section \`${id}\`.`),
    },
    defaultConfiguration: { level },
  };
}

function resultOf(diagnostic: Diagnostic, root: string): object {
  const { file, line, column, length, path, code, severity, message, hint, source } = diagnostic;
  const region = {
    startLine: line,
    startColumn: column,
    endColumn: column + length,
    ...(source === null ? {} : { snippet: { text: source.slice(column - 1, column - 1 + length) } }),
  };
  return {
    ruleId: code,
    ruleIndex: RULES.findIndex(({ id }) => id === code),
    level: severity,
    message: { text: escapeMessage(hint === null ? message : `${message}; ${hint}`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: locationOf(root, file),
          // Line 0: the file as a whole.
          ...(line === 0 ? {} : { region }),
        },
        ...(path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }),
      },
    ],
  };
}

function locationOf(root: string, file: string): object {
  const { uri, relative } = uriBelow(root, file);
  return relative ? { uri, uriBaseId: ROOT } : { uri };
}

/** In a message string `{0}` is a placeholder, so that braces are doubled (SARIF 2.1.0, "Messages with placeholders"). */
function escapeMessage(text: string): string {
  return text.replaceAll(/[{}]/g, '$&$&');
}
