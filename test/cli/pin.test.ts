import * as assert from 'uvu/assert';
import { copyFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const LAB = ['--lab', fixture('three.lab.yml')];
const HASH = 'a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97';
const test = suite('pin');

/** The playbook of the fixtures, changed, in a directory of its own. */
function playbook(change: (text: string) => string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'runbook-pin-')), 'cards.yml');
  copyFileSync(fixture('cards.yml'), file);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return file;
}

test('writes a missing hash, says so, and leaves a file that validates', async () => {
  const file = playbook((text) => `\ufeff${text.replace(/ *sha256.*\n/, '')}`);
  const { exitCode, stdout, stderr } = await runbook(['pin', file, ...LAB]);
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  assert.equal(stdout.split('\n'), [
    `${file}: 1 image pinned`,
    '  play hp-cards: PUF21000.bin, 64 KiB (65536 bytes)',
    `    sha256 none → ${HASH}`,
    '',
  ]);
  assert.is(
    readFileSync(file, 'utf8'),
    `\ufeff${readFileSync(fixture('cards.yml'), 'utf8').replace(HASH, `"${HASH}"`)}`,
    'a byte order mark stays',
  );
  assert.is((await runbook(['validate', file, ...LAB])).exitCode, 0);
});

test('a file whose hashes are right is not written', async () => {
  const file = playbook((text) => text);
  const { ino } = statSync(file);
  const { exitCode, stdout } = await runbook(['pin', file, ...LAB]);
  assert.is(exitCode, 0);
  assert.match(stdout, `${file}: nothing to change\n`);
  assert.match(stdout, `sha256 ${HASH} is right\n`);
  assert.is(statSync(file).ino, ino);
});

test('--check changes nothing, and is exit 3 when a hash is not right', async () => {
  const wrong = playbook((text) => text.replace(HASH, 'f'.repeat(64)));
  const right = playbook((text) => text);
  const before = readFileSync(wrong, 'utf8');
  const { document, exitCode } = await runJson(['pin', '--check', wrong, right, ...LAB]);
  assert.is(exitCode, 3);
  assert.is(document.format, 'runbook.pin/1');
  assert.equal(document.diagnostics, []);
  const pin = {
    play: 'hp-cards',
    path: '/plays/0/firmware/sha256',
    image: 'PUF21000.bin',
    bytes: 65536,
    after: HASH,
  };
  assert.equal(document.playbooks, [
    { file: wrong, changed: false, pins: [{ ...pin, before: 'f'.repeat(64) }] },
    { file: right, changed: false, pins: [{ ...pin, before: HASH }] },
  ]);
  assert.is(readFileSync(wrong, 'utf8'), before);
  assert.is((await runbook(['pin', '--check', right, ...LAB])).exitCode, 0);
  assert.match(
    (await runbook(['pin', '--check', wrong, ...LAB])).stdout,
    `${wrong}: not changed, 1 wrong pin\n`,
  );
});

test('without its image a playbook is not changed, and the place is shown', async () => {
  const file = playbook((text) => text.replace(/ *sha256.*\n/, ''));
  const before = readFileSync(file, 'utf8');
  const { exitCode, stdout } = await runbook(['pin', file]);
  assert.is(exitCode, 3);
  assert.match(stdout, `${file}: not changed\n`);
  assert.match(stdout, /cards\.yml:11:13: error: .*\[image-missing\]/);
  assert.is(readFileSync(file, 'utf8'), before);
});

test('a file that is not there is told like any other mistake', async () => {
  const { document } = await runJson(['pin', 'none.yml']);
  assert.equal(document.exit, { code: 3, name: 'INVALID' });
  assert.equal(
    document.diagnostics.map(({ code }) => code),
    ['no-file'],
  );
});

test.run();
