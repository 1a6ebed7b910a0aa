import * as assert from 'uvu/assert';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readText } from '../../src/cli/read-text.ts';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const LAB = ['--lab', fixture('three.lab.yml')];
const test = suite('validate');

test('says what a valid playbook sends', async () => {
  const { exitCode, stdout, stderr } = await runbook(['validate', fixture('cards.yml'), ...LAB]);
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  assert.equal(stdout.split('\n'), [
    `${fixture('cards.yml')}: valid: HP cards to 2.10`,
    '  play hp-cards: PUF21000.bin, 64 KiB (65536 bytes), sha256 a20c93213024, revision 2.10',
    '',
  ]);
});

test('shows every mistake at its place, with the fix', async () => {
  const { exitCode, stdout } = await runbook(['validate', 'wrong.yml'], { cwd: fixture('') });
  assert.is(exitCode, 3);
  assert.equal(
    stdout.split('\n').filter((line) => line.startsWith('wrong.yml:')),
    [
      'wrong.yml:9:18: error: entry 1 of revision must be text, but YAML reads 2.08 as a number [quote]',
      'wrong.yml:13:7: error: there is no key revison in firmware [unknown-key]',
      'wrong.yml:16:13: error: mode cannot be dmc_offs_defered [word]',
    ],
  );
  assert.match(
    stdout,
    '   9 |       revision: [2.08]\n     |                  ^^^^\n     = write it in quotes: "2.08"\n',
  );
  assert.match(stdout, 'did you mean dmc_offs_defer?');
  assert.match(stdout, /\n3 errors\n$/);
});

test('needs no image with --without-image', async () => {
  assert.is(
    (await runbook(['validate', fixture('cards.yml')])).exitCode,
    3,
    'the image is not beside the playbook',
  );
  const { exitCode, stdout } = await runbook(['validate', fixture('cards.yml'), '--without-image']);
  assert.is(exitCode, 0);
  assert.match(stdout, 'valid, images not read: HP cards to 2.10');
});

test('several files: one document, exit 3 when one is wrong', async () => {
  const { document } = await runJson([
    'validate',
    fixture('cards.yml'),
    fixture('wrong.yml'),
    'none.yml',
    ...LAB,
  ]);
  assert.is(document.format, 'runbook.diagnostics/1');
  assert.equal(document.exit, { code: 3, name: 'INVALID' });
  assert.equal(
    document.playbooks!.map(({ valid }) => valid),
    [true, false, false],
  );
  assert.equal(
    document.diagnostics.map(({ line, column, path: at, code }) => [line, column, at, code]),
    [
      [9, 18, '/plays/0/match/revision/0', 'quote'],
      [13, 7, '/plays/0/firmware/revison', 'unknown-key'],
      [16, 13, '/plays/0/download/mode', 'word'],
      [0, 0, '', 'no-file'],
    ],
  );
});

test('a directory, bytes that are not text and an empty file have their own words', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-cli-'));
  const bytes = path.join(directory, 'firmware.yml');
  const empty = path.join(directory, 'empty.yml');
  writeFileSync(bytes, Buffer.from([0x7f, 0x45, 0xff, 0xfe, 0xc3]));
  writeFileSync(empty, '');
  const { stdout, exitCode } = await runbook(['validate', directory, bytes, empty]);
  assert.is(exitCode, 3);
  assert.match(stdout, `${directory}: error: is a directory [no-file]`);
  assert.match(stdout, `${bytes}: error: is not UTF-8 text [encoding]`);
  assert.match(stdout, /empty\.yml.*\[empty\]/);
});

test('a file that this user may not read is not a wrong path', async () => {
  const secret = path.join(mkdtempSync(path.join(tmpdir(), 'runbook-cli-')), 'secret.yml');
  writeFileSync(secret, 'runbook: v1\n', { mode: 0 });
  const isRoot = process.geteuid!() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    const { problem } = await readText(secret);
    assert.is(problem?.code, 'no-file');
    assert.match(problem!.hint ?? '', 'a user who may read it');
  } finally {
    if (isRoot) process.seteuid!(0);
  }
});

test('a document that runbook wrote is one mistake, with what to do with it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-cli-'));
  const plan = path.join(folder, 'plan.json');
  await runbook(['plan', fixture('cards.yml'), ...LAB, '--out', plan]);
  const report = path.join(folder, 'report.json');
  await runbook(['plan', fixture('cards.yml'), ...LAB, '--report', `json=${report}`]);
  const told = async (words: string[]) =>
    (await runJson(words)).document.diagnostics.map(({ code, message, hint }) => [code, message, hint]);
  const asPlan = 'give it to apply, or give the playbook';
  assert.equal(await told(['validate', plan]), [
    ['other-file', 'this is a plan file, but a playbook is needed', asPlan],
  ]);
  assert.equal(await told(['plan', plan, ...LAB]), [
    ['other-file', 'this is a plan file, but a playbook is needed', asPlan],
  ]);
  assert.equal(await told(['validate', fixture('cards.yml'), '--lab', report]), [
    [
      'other-file',
      'this is an answer of runbook, but a lab file is needed',
      'give the playbook or lab file itself',
    ],
  ]);
});

test('a wrong lab file is exit 3 and named', async () => {
  const { document } = await runJson(['validate', fixture('cards.yml'), '--lab', fixture('cards.yml')]);
  assert.is(document.exit.name, 'INVALID');
  assert.ok(document.diagnostics.every(({ file }) => file === fixture('cards.yml')));
});

test.run();
