import * as assert from 'uvu/assert';
import { DIAGNOSTIC_CODES } from '../../../src/playbook/diagnostic-codes.ts';
import {
  diagnosticAt,
  diagnosticOfFile,
  formatDiagnostic,
  sortDiagnostics,
} from '../../../src/playbook/diagnostics.ts';
import { SourceText } from '../../../src/playbook/source-text.ts';
import { suite } from '../../support/suite.ts';

const test = suite('playbook/diagnostics');

const problem = { code: 'quote', path: '/a', message: 'wrong', hint: 'do this' } as const;

test('a diagnostic shows place, code, source line, caret and hint', () => {
  const source = new SourceText('a.yml', 'x: 1\nrevision: 2.10 # why\n');
  assert.is(
    formatDiagnostic(diagnosticAt(source, { start: 15, end: 19 }, problem)),
    [
      'a.yml:2:11: error: wrong [quote]',
      '   2 | revision: 2.10 # why',
      '     |           ^^^^',
      '     = do this',
    ].join('\n'),
  );
});

test('lines end with LF, CRLF or CR, and a byte order mark takes no column', () => {
  const source = new SourceText('a.yml', '\ufeffa\r\nb\rc\nd');
  assert.equal(source.positionOf(0), { line: 1, column: 1 });
  assert.equal(
    ['a', 'b', 'c', 'd'].map((letter) => source.positionOf(source.text.indexOf(letter)).line),
    [1, 2, 3, 4],
  );
  assert.equal(
    [1, 2, 3, 4, 5].map((line) => source.lineAt(line)),
    ['a', 'b', 'c', 'd', ''],
  );
});

test('an offset beyond the end is the end', () => {
  assert.equal(new SourceText('a.yml', 'ab').positionOf(99), { line: 1, column: 3 });
});

test('the caret keeps the tabs of its line', () => {
  const source = new SourceText('a.yml', 'a:\tb');
  assert.match(formatDiagnostic(diagnosticAt(source, { start: 3, end: 4 }, problem)), /\n {5}\| {3}\t\^\n/);
});

test('control characters of a file, of its name, and of what is said of it do not reach the terminal', () => {
  const source = new SourceText('a\u001b.yml', 'a: \u001b[2Jb');
  const evil = { ...problem, message: 'is \u001b[31mred\r\n', hint: 'write \u009b2J' };
  assert.equal(formatDiagnostic(diagnosticAt(source, { start: 3, end: 4 }, evil)).split('\n'), [
    'a\ufffd.yml:1:4: error: is \ufffd[31mred\ufffd\ufffd [quote]',
    '   1 | a: \ufffd[2Jb',
    '     |    ^',
    '     = write \ufffd2J',
  ]);
});

test('a very long line is cut around the place', () => {
  const source = new SourceText('a.yml', `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`);
  const [, line, caret] = formatDiagnostic(diagnosticAt(source, { start: 5000, end: 5004 }, problem)).split(
    '\n',
  );
  assert.ok(line!.length < 140);
  const at = caret!.indexOf('^');
  assert.is(line!.slice(at, caret!.lastIndexOf('^') + 1), 'HERE');
});

test('a caret never runs over the end of its line', () => {
  const source = new SourceText('a.yml', 'abc\ndef\n');
  assert.is(diagnosticAt(source, { start: 1, end: 7 }, problem).length, 2);
});

test('a problem of a whole file has no line', () => {
  const text = formatDiagnostic(diagnosticOfFile('a.yml', { code: 'no-file', message: 'is not there' }));
  assert.is(text, 'a.yml: error: is not there [no-file]');
});

test('diagnostics are sorted by place, and each comes once', () => {
  const source = new SourceText('a.yml', 'a\nb\nc\n');
  const at = (start: number): ReturnType<typeof diagnosticAt> =>
    diagnosticAt(source, { start, end: start + 1 }, problem);
  assert.equal(
    sortDiagnostics([at(4), at(0), at(2), at(0)]).map(({ line }) => line),
    [1, 2, 3],
  );
});

test('every code has a sentence', () => {
  for (const [code, text] of Object.entries(DIAGNOSTIC_CODES)) {
    assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    assert.match(text, /^[A-Z`].*\.$/, code);
  }
});

test.run();
