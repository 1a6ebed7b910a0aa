import * as assert from 'uvu/assert';
import { exitCodesHelp, exitText } from '../../../src/report/exit-text.ts';
import { EXIT_CODES, exitOf } from '../../../src/run/facts/outcome.ts';
import { suite } from '../../support/suite.ts';

const test = suite('exit codes in words');

test('the report names code, name and meaning', () => {
  assert.is(
    exitText(exitOf('UNVERIFIED')),
    'exit 12 (UNVERIFIED): accepted, but nothing shows that the new code runs',
  );
});

test('--help lists every code', () => {
  for (const code of Object.values(EXIT_CODES))
    assert.match(exitCodesHelp(), new RegExp(`^ +${code}  `, 'm'));
});

test.run();
