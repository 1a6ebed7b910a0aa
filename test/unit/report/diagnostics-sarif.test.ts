import * as assert from 'uvu/assert';
import path from 'node:path';
import { DIAGNOSTIC_CODES } from '../../../src/playbook/diagnostic-codes.ts';
import { diagnosticAt, diagnosticOfFile, type Diagnostic } from '../../../src/playbook/diagnostics.ts';
import { LINT_CODES } from '../../../src/playbook/lint/lint-codes.ts';
import { SourceText } from '../../../src/playbook/source-text.ts';
import { diagnosticsSarif } from '../../../src/report/diagnostics-sarif.ts';
import { exitOf } from '../../../src/run/facts/outcome.ts';
import { suite } from '../../support/suite.ts';
import { isSarif } from './sarif-schema.ts';

interface Log {
  readonly runs: readonly {
    readonly columnKind: string;
    readonly artifacts: readonly { readonly location: object; readonly hashes?: object }[];
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly [
        {
          readonly physicalLocation: { readonly artifactLocation: object; readonly region?: object };
          readonly logicalLocations?: readonly object[];
        },
      ];
    }[];
  }[];
}

const ROOT = '/work tree';

function runOf(
  diagnostics: readonly Diagnostic[],
  files: readonly { file: string; sha256: string | null }[] = [],
): Log['runs'][number] {
  const log = diagnosticsSarif(diagnostics, {
    version: '0.1.0',
    exit: exitOf('INVALID'),
    root: ROOT,
    files,
  });
  isSarif(log);
  return (log as Log).runs[0]!;
}

const inRoot = (name: string): string => path.join(ROOT, name);

const at = (file: string, text: string, word: string, hint: string | null = null): Diagnostic => {
  const source = new SourceText(file, text);
  const start = source.text.indexOf(word);
  return diagnosticAt(
    source,
    { start, end: start + word.length },
    { code: 'quote', path: '/plays/0/match/revision', message: 'must be {text}', hint },
  );
};

const test = suite('SARIF');

test('a problem has rule, level, message, place and JSON pointer', () => {
  const { results, tool } = runOf([at(inRoot('a.yml'), 'x: 1\nrevision: 2.10\n', '2.10', 'quote it')]);
  assert.equal(results, [
    {
      ruleId: 'quote',
      ruleIndex: tool.driver.rules.findIndex(({ id }) => id === 'quote'),
      level: 'error',
      message: { text: 'must be {{text}}; quote it' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'a.yml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 2, startColumn: 11, endColumn: 15, snippet: { text: '2.10' } },
          },
          logicalLocations: [{ fullyQualifiedName: '/plays/0/match/revision' }],
        },
      ],
    },
  ]);
});

test('columns count UTF-16 units, as the log says', () => {
  const { columnKind, results } = runOf([at(inRoot('a.yml'), '😀: 2.10', '2.10')]);
  assert.is(columnKind, 'utf16CodeUnits');
  assert.equal(results[0]!.locations[0].physicalLocation.region, {
    startLine: 1,
    startColumn: 5,
    endColumn: 9,
    snippet: { text: '2.10' },
  });
});

const URIS: readonly (readonly [string, object])[] = [
  ['plays/a b#1%.yml', { uri: 'plays/a%20b%231%25.yml', uriBaseId: '%SRCROOT%' }],
  ['a:b?.yml', { uri: 'a%3Ab%3F.yml', uriBaseId: '%SRCROOT%' }],
  ['größe.yml', { uri: 'gr%C3%B6%C3%9Fe.yml', uriBaseId: '%SRCROOT%' }],
  ['..yml', { uri: '..yml', uriBaseId: '%SRCROOT%' }],
  ['../other/a b.yml', { uri: 'file:///other/a%20b.yml' }],
];
for (const [file, location] of URIS) {
  test(`${file} is named by an encoded URI`, () => {
    const { results, artifacts } = runOf(
      [at(inRoot(file), 'x: 2.10', '2.10')],
      [{ file: inRoot(file), sha256: null }],
    );
    assert.equal(results[0]!.locations[0].physicalLocation.artifactLocation, location);
    assert.equal(artifacts, [{ location }]);
  });
}

test('a problem of a whole file has no region', () => {
  const { results } = runOf([diagnosticOfFile(inRoot('a.yml'), { code: 'no-file', message: 'is gone' })]);
  assert.equal(results[0]!.locations, [
    { physicalLocation: { artifactLocation: { uri: 'a.yml', uriBaseId: '%SRCROOT%' } } },
  ]);
});

test('with nothing wrong there are results nevertheless, none, and the files with their hashes', () => {
  const { results, artifacts } = runOf([], [{ file: inRoot('a.yml'), sha256: 'a'.repeat(64) }]);
  assert.equal(results, []);
  assert.equal(artifacts, [
    { location: { uri: 'a.yml', uriBaseId: '%SRCROOT%' }, hashes: { 'sha-256': 'a'.repeat(64) } },
  ]);
});

test('every code of validate and lint is a rule, once', () => {
  const ids = runOf([]).tool.driver.rules.map(({ id }) => id);
  assert.equal(ids, [...Object.keys(DIAGNOSTIC_CODES), ...Object.keys(LINT_CODES)]);
  assert.is(new Set(ids).size, ids.length);
});

test('a warning is one', () => {
  const { results } = runOf([{ ...at(inRoot('a.yml'), 'x: 2.10', '2.10'), severity: 'warning' }]);
  assert.is(results[0]!.level, 'warning');
});

test('the check finds a log that is wrong', () => {
  const log = diagnosticsSarif([], { version: '1', exit: exitOf('OK'), root: ROOT, files: [] });
  assert.throws(() => isSarif({ ...log, version: '2.2' }), /\/version/);
  assert.throws(() => isSarif({ ...log, more: 1 }), /additional properties/);
});

test.run();
