import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OUTCOMES } from '../../scripts/reference/outcomes.ts';
import { runbook } from '../support/child.ts';
import { inProject, root } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { program } from '../unit/reference/program.ts';

const readme = readFileSync(inProject('README.md'), 'utf8');
/** Fenced blocks: language and text. */
const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
  language,
  text: text!,
}));

const test = suite('README');

test('the plan that it shows is what the program prints', async () => {
  const shown = blocks.find(({ text }) => text.startsWith('$ runbook plan '))!.text;
  const [command, ...output] = shown.split('\n');
  const { stdout } = await runbook(command!.split(' ').slice(2), { cwd: root });
  assert.equal(stdout.split('\n'), output);
});

test('its playbook is valid', async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'runbook-readme-')), 'upgrade.yml');
  writeFileSync(file, blocks.find(({ language }) => language === 'yaml')!.text);
  const { exitCode, stdout } = await runbook([
    'validate',
    file,
    '--lab',
    inProject('playbooks/upgrade-expanders.lab.yml'),
  ]);
  assert.is(exitCode, 0, stdout);
});

test('every command of the program is in its table', () => {
  for (const { words } of program.commands.filter(({ words }) => words[0] !== 'help'))
    assert.match(readme, new RegExp(`^\\| .*\`${words[0]!}\\b`, 'm'), words[0]);
});

test('every outcome is in its table', () => {
  for (const outcome of Object.keys(OUTCOMES)) assert.match(readme, new RegExp(`^\\| \`${outcome}\` `, 'm'));
});

test.run();
