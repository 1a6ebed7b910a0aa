import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { EXIT_MEANINGS, exitCodesHelp, exitText } from '../../../src/report/exit-text.ts';
import { EXIT_CODES, exitOf, type ExitName } from '../../../src/run/outcome.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const test = suite('exit codes in words');

test('the report names code, name and meaning', () => {
  assert.is(
    exitText(exitOf('UNVERIFIED')),
    'exit 12 (UNVERIFIED): accepted, but the revision did not change',
  );
});

test('--help lists every code', () => {
  for (const code of Object.values(EXIT_CODES))
    assert.match(exitCodesHelp(), new RegExp(`^ +${code}  `, 'm'));
});

test('the README says the same as the program', () => {
  const readme = readFileSync(inProject('README.md'), 'utf8');
  for (const [name, code] of Object.entries(EXIT_CODES)) {
    if (code >= 128) continue; // one row for both signals
    const row = readme.split('\n').find((line) => new RegExp(`^\\| ${code} +\\| ${name} `).test(line));
    assert.ok(row?.includes(EXIT_MEANINGS[name as ExitName]), `${code} ${name}: ${row ?? 'no row'}`);
  }
});

test.run();
