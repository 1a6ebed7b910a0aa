import * as assert from 'uvu/assert';
import { diagnosticOfFile, type Diagnostic } from '../../../src/playbook/diagnostics.ts';
import { diagnosticsText } from '../../../src/report/diagnostics-text.ts';
import { createInk, noInk } from '../../../src/report/ink.ts';
import { suite } from '../../support/suite.ts';

const problem = (severity: Diagnostic['severity']): Diagnostic =>
  diagnosticOfFile('a.yml', { code: 'empty', message: 'holds nothing', severity });

const test = suite('diagnostics for a person');

test('nothing wrong gives no text', () => assert.is(diagnosticsText([], noInk), ''));

test('counts errors and warnings apart', () => {
  const text = diagnosticsText([problem('error'), problem('error'), problem('warning')], noInk);
  assert.match(text, /^a\.yml: error: holds nothing \[empty\]\n\na\.yml: error/);
  assert.match(text, /\n\n2 errors, 1 warning\n$/);
  assert.match(diagnosticsText([problem('warning')], noInk), /\n\n1 warning\n$/);
});

test('colours mark the first line of each', () => {
  assert.match(
    diagnosticsText([problem('warning')], createInk(true)),
    '\x1b[33ma.yml: warning: holds nothing [empty]\x1b[0m',
  );
});

test.run();
