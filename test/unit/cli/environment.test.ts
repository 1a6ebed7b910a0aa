import * as assert from 'uvu/assert';
import { GLOBAL_OPTIONS, withEnvironment } from '../../../src/cli/environment.ts';
import { describeProgram } from '../../../src/cli/program/describe.ts';
import { buildProgram } from '../../../src/cli/program/tree.ts';
import type { Io } from '../../../src/cli/io.ts';
import { runbook } from '../../support/child.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const test = suite('options from the environment');
const argv = (words: string, env: Record<string, string>): readonly string[] =>
  withEnvironment(words.split(' '), env).argv;

test('every option that all commands have can come from the environment, and its help names the variable', () => {
  const { options } = describeProgram(buildProgram({} as Io, () => undefined));
  const own = options.filter(({ long }) => !['--version', '--help'].includes(long));
  assert.equal(
    own.map(({ long, value }) => [long, value === null]),
    GLOBAL_OPTIONS.map(({ option, isSwitch }) => [option, isSwitch]),
  );
  for (const { option, variable } of GLOBAL_OPTIONS) {
    assert.is(variable, `RUNBOOK_${option.slice(2).replace('-', '_').toUpperCase()}`);
    assert.match(own.find(({ long }) => long === option)!.meaning, `(${variable})`);
  }
});

test('they stand in front of the words, and each is named', () => {
  const { argv: all, fromEnvironment } = withEnvironment(['plan', 'a.yml'], {
    RUNBOOK_LAB: 'cards.lab.yml',
    RUNBOOK_VERBOSE: '1',
    RUNBOOK_TRACE: 'two words\n',
    RUNBOOK_OTHER: 'x',
  });
  assert.equal(all, ['--lab=cards.lab.yml', '--trace=two words\n', '--verbose', 'plan', 'a.yml']);
  assert.equal(fromEnvironment, [
    'RUNBOOK_LAB=cards.lab.yml',
    String.raw`RUNBOOK_TRACE="two words\n"`,
    'RUNBOOK_VERBOSE=1',
  ]);
});

test('what is typed is stronger, in each of its spellings', () => {
  const lab = { RUNBOOK_LAB: 'env.yml' };
  for (const words of ['plan a.yml --lab b.yml', '--lab=b.yml plan a.yml'])
    assert.equal(argv(words, lab), words.split(' '));
  assert.equal(argv('plan -v a.yml', { RUNBOOK_VERBOSE: '1' }), ['plan', '-v', 'a.yml']);
  // Behind -- there are no options.
  assert.equal(argv('plan -- --lab', lab), ['--lab=env.yml', 'plan', '--', '--lab']);
});

test('an empty variable is none, and a switch can be off', () => {
  for (const value of ['', '0', 'false', 'No', 'OFF']) {
    assert.equal(argv('devices', { RUNBOOK_NO_COLOR: value, RUNBOOK_VERBOSE: value }), ['devices'], value);
  }
  assert.equal(argv('devices', { RUNBOOK_LAB: '' }), ['devices']);
});

test('a rehearsal by the environment is told before anything else, in every format', async () => {
  const env = { RUNBOOK_LAB: inProject('playbooks/upgrade-expanders.lab.yml') };
  for (const format of ['text', 'json']) {
    const words = ['plan', inProject('playbooks/upgrade-expanders.yml'), '--format', format];
    const { exitCode, stdout, stderr } = await runbook(words, { env });
    assert.is(exitCode, 0, stderr);
    assert.is(stderr.split('\n')[0], `runbook: options from the environment: RUNBOOK_LAB=${env.RUNBOOK_LAB}`);
    if (format === 'json') assert.is((JSON.parse(stdout) as { simulated: boolean }).simulated, true);
  }
  const { stderr } = await runbook(['devices', '--lab', env.RUNBOOK_LAB], { env });
  assert.not.match(stderr, 'environment');
});

test('a mistake in the environment is a mistake of the command line', async () => {
  const { exitCode, stderr } = await runbook(['devices'], { env: { RUNBOOK_FORMAT: 'yaml' } });
  assert.is(exitCode, 2);
  assert.match(stderr, /^runbook: options from the environment: RUNBOOK_FORMAT=yaml\n/);
});

test.run();
