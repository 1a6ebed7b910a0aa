import * as assert from 'uvu/assert';
import { diagnosticAt, diagnosticOfFile } from '../../../src/playbook/diagnostics.ts';
import { SourceText } from '../../../src/playbook/source-text.ts';
import { diagnosticsGithub } from '../../../src/report/diagnostics-github.ts';
import { suite } from '../../support/suite.ts';

const test = suite('workflow commands');

test('one line per problem, with its place, its code and the hint below the message', () => {
  const source = new SourceText('/tree/plays/a.yml', 'x: 1\nrevision: 2.10\n');
  const wrong = diagnosticAt(
    source,
    { start: 15, end: 19 },
    { code: 'quote', path: '/revision', message: 'must be text', hint: 'write "2.10"' },
  );
  assert.is(
    diagnosticsGithub([wrong, { ...wrong, severity: 'warning', hint: null }], '/tree'),
    '::error file=plays/a.yml,line=2,col=11,title=quote::must be text%0Awrite "2.10"\n' +
      '::warning file=plays/a.yml,line=2,col=11,title=quote::must be text\n',
  );
});

test('nothing of a text ends the command or its properties', () => {
  const evil = diagnosticOfFile('/tree/a:b,c%25\r\n::error::x.yml', {
    code: 'no-file',
    message: '100%\r\n::stop-commands::t: a, b',
  });
  assert.is(
    diagnosticsGithub([evil], '/tree'),
    '::error file=a%3Ab%2Cc%2525%0D%0A%3A%3Aerror%3A%3Ax.yml,title=no-file::100%25\ufffd\ufffd::stop-commands::t: a, b\n',
  );
});

test('a file outside of the checkout keeps its whole path', () => {
  const problem = diagnosticOfFile('/tmp/a.yml', { code: 'empty', message: 'm' });
  assert.is(diagnosticsGithub([problem], '/tree'), '::error file=/tmp/a.yml,title=empty::m\n');
});

test('nothing wrong gives no line', () => assert.is(diagnosticsGithub([], '/tree'), ''));

test.run();
