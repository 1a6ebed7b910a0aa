import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const LAB = ['--lab', fixture('three.lab.yml')];
const test = suite('lint');

test('warnings are shown at their place and end with exit 0, with --strict with 3', async () => {
  const { exitCode, stdout, stderr } = await runbook(['lint', 'cards.yml', ...LAB], { cwd: fixture('') });
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  assert.equal(
    stdout.split('\n').filter((line) => line.startsWith('cards.yml:')),
    [
      'cards.yml:2:7: warning: neither a reviewer nor the report can say what this is for [no-why]',
      'cards.yml:4:11: warning: without expect, any number of units is accepted [open-expect]',
      'cards.yml:20:9: warning: the device restarts here, but nothing waits for it [no-wait-ready]',
      'cards.yml:24:40: warning: drives behind a unit may be gone while it restarts [outage-accepted]',
    ],
  );
  assert.match(stdout, /\n4 warnings\n$/);
  assert.is((await runbook(['lint', '--strict', fixture('cards.yml'), ...LAB])).exitCode, 3);
});

test('errors end with exit 3, and come without warnings', async () => {
  const { document } = await runJson(['lint', fixture('wrong.yml'), fixture('cards.yml')]);
  assert.equal(document.exit, { code: 3, name: 'INVALID' });
  assert.is(document.format, 'runbook.diagnostics/1');
  assert.is(document.command, 'lint');
  assert.equal(
    document.diagnostics.map(({ line, code, severity }) => [line, code, severity]),
    [
      [9, 'quote', 'error'],
      [13, 'unknown-key', 'error'],
      [16, 'word', 'error'],
      [2, 'no-why', 'warning'],
      [4, 'open-expect', 'warning'],
      [11, 'image-missing', 'error'],
      [20, 'no-wait-ready', 'warning'],
      [24, 'outage-accepted', 'warning'],
    ],
  );
});

test('what is accepted with a reason is not told, not even with --strict', async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'runbook-lint-')), 'cards.yml');
  const text = readFileSync(fixture('cards.yml'), 'utf8')
    .replace('plays:', 'why: CHG-1\nplays:')
    .replace('    firmware:', '    expect: 3\n    firmware:')
    .replace('- activate_mc', '- activate_mc\n      - wait-ready: 1m')
    .replace('["2.06", "2.08"]', '["*"]\n      x-accept: { any-revision: lab cards }')
    .replace('outage-accepted }', 'outage-accepted, x-accept: { outage-accepted: storage is stopped } }');
  writeFileSync(file, text);
  const { exitCode, stdout } = await runbook(['lint', '--strict', '--without-image', file]);
  assert.is(stdout, `${file}: no warnings\n`);
  assert.is(exitCode, 0);
});

test.run();
