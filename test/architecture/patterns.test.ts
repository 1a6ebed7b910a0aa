import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Linter } from 'eslint';
import regexp from 'eslint-plugin-regexp';
import * as assert from 'uvu/assert';
import { root } from '../support/paths.ts';
import { suite } from '../support/suite.ts';

const test = suite('architecture/patterns');

const RULES = {
  'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
  'regexp/no-super-linear-move': ['error', { report: 'potential' }],
} as const;

/** Expressions that may take longer than the text is long. */
function slowOnes(expressions: readonly string[]): string[] {
  const lines = expressions.map((expression) => `/${expression.replaceAll('/', '\\/')}/u;`);
  const messages = new Linter().verify(lines.join('\n'), [
    { plugins: { regexp }, rules: structuredClone(RULES) as never },
  ]);
  return messages.map(({ line, message }) => `${expressions[line - 1] ?? ''}: ${message}`);
}

test('no pattern of a schema goes back on what it reads', () => {
  const folder = path.join(root, 'schemas');
  const patterns = readdirSync(folder).flatMap((name) =>
    [...readFileSync(path.join(folder, name), 'utf8').matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, text]) => JSON.parse(text!) as string,
    ),
  );
  assert.ok(patterns.length > 20, String(patterns.length));
  assert.equal(slowOnes(patterns), []);
});

test('an expression that goes back is found', () => {
  assert.is(slowOnes(['^(a+)+$', '\\d+\\.', '^a+$']).length, 2);
});

test.run();
