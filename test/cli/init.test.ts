import * as assert from 'uvu/assert';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { runJson, type AnyDocument } from './document.ts';

const test = suite('init');

const HASH = 'a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97';
const directory = mkdtempSync(path.join(tmpdir(), 'runbook-init-'));
writeFileSync(
  path.join(directory, 'mix.lab.yml'),
  `lab: v1
images: [{ name: a.bin, bytes: 64KiB, rule: standard, revision: "0107" }]
devices:
  - { persona: hp-sas-expander, revision: "2.08", node: sg1 }
  - { persona: ses-shelf, revision: "0106", node: sg2 }
  - { persona: disk, revision: "0106", node: sg3 }
  - { persona: disk, revision: "0105", node: sg4 }
`,
);
const LAB = ['--lab', 'mix.lab.yml'];
const args = (device: string, ...more: string[]): string[] => [
  'init',
  ...LAB,
  ...['--device', device, '--firmware', 'a.bin', '--revision', '0107', ...more],
];
const run = (...given: string[]): ReturnType<typeof runbook> => runbook(given, { cwd: directory });

/** Words of the playbook for a device, without comments and empty lines. */
async function linesFor(device: string): Promise<string[]> {
  const { exitCode, stdout, stderr } = await run(...args(device));
  assert.is(stderr, '');
  assert.is(exitCode, 0);
  return stdout
    .split('\n')
    .map((line) => line.replace(/(^| +)# .*$/, '').trim())
    .filter((line) => line !== '' && line !== '#');
}

test('a card that says little gets the careful mode, and a comment', async () => {
  const { stdout } = await run(...args('sg1'));
  assert.match(
    stdout,
    '# Made by runbook init from what one device reports about itself: HP SAS EXP Card, revision 2.08,\n',
  );
  assert.match(stdout, '# naa.50014380ab000000, serial number LAB0000001, /dev/sg1.\n');
  assert.match(stdout, '    # The device does not report its modes.');
  assert.equal(await linesFor('/dev/sg1'), [
    'runbook: v1',
    'name: "HP SAS EXP Card to 0107"',
    'plays:',
    '- name: "hp-sas-exp-card"',
    'match:',
    'type: enclosure',
    'vendor: "HP"',
    'product: "HP SAS EXP Card"',
    'revision: ["2.08"]',
    'expect: 1',
    'firmware:',
    'file: "a.bin"',
    `sha256: "${HASH}"`,
    'revision: "0107"',
    'download:',
    'via: write-buffer',
    'mode: dmc_offs_defer',
    'bpw: 4096',
    'activate:',
    '- activate_mc',
    '- wait-ready: 2m',
    'verify:',
    'within: 2m',
    'strategy:',
    'concurrent: 1',
    'max-failures: 0',
  ]);
});

test('a shelf that lists page 0Eh is asked by SES', async () => {
  const lines = await linesFor('sg2');
  const at = lines.indexOf('download:');
  assert.equal(lines.slice(at, at + 6), [
    'download:',
    'via: ses',
    'mode: dmc_offs_save',
    'bpw: 4096',
    'activate:',
    '- wait-ready: 2m',
  ]);
});

test('what lint says of a new playbook is said in its comments, and how to answer', async () => {
  const { stdout } = await run(...args('sg2'));
  const accept = 'x-accept: { self-activating: the reason }';
  assert.match(stdout, `    #   ${accept}\n    download:\n`);
  assert.match(stdout, '# why: ');
  const lint = async (text: string): Promise<string> => {
    writeFileSync(path.join(directory, 'shelf.yml'), text);
    return (await run('lint', '--strict', 'shelf.yml', ...LAB)).stdout;
  };
  assert.equal((await lint(stdout)).match(/\[[a-z-]+\]/g), ['[no-why]', '[self-activating]']);
  const answered = stdout.replace('# why: ', 'why: ').replace('via: ses\n', `via: ses\n      ${accept}\n`);
  assert.is(await lint(answered), 'shelf.yml: no warnings\n');
});

test('a drive that lists its modes gets one of them, and all units like it are expected', async () => {
  const { stdout } = await run(...args('sg3'));
  assert.match(
    stdout,
    '# The device lists dmc_offs_defer, dmc_offs_save, dmc_offs_ev_defer, dmc_save, dmc_offs, dmc.\n',
  );
  assert.match(stdout, '    expect: 2 #');
  assert.match(stdout, '      type: disk\n');
});

test('--out writes a file that validates, plans, and is never replaced', async () => {
  const written = await run(...args('sg1', '--out', 'new.yml'));
  assert.is(written.exitCode, 0);
  assert.is(written.stdout, 'new.yml: written; read it, then: runbook validate new.yml\n');
  assert.is((await run('validate', 'new.yml', ...LAB)).exitCode, 0);
  assert.is((await run('pin', '--check', 'new.yml', ...LAB)).exitCode, 0);
  assert.match((await run('plan', 'new.yml', ...LAB)).stdout, /update {2}sg1 .* 2\.08 → 0107/);
  const before = readFileSync(path.join(directory, 'new.yml'), 'utf8');
  const again = await run(...args('sg2', '--out', 'new.yml'));
  assert.is(again.exitCode, 2);
  assert.match(again.stderr, '--out new.yml: already exists\n  code: usage\n  next: Name a new file.');
  assert.is(readFileSync(path.join(directory, 'new.yml'), 'utf8'), before);
});

test('--strip leaves out a header of the vendor, by name or by size', async () => {
  const image = Buffer.alloc(8192, 'image ');
  writeFileSync(path.join(directory, 'b.lod'), Buffer.concat([Buffer.alloc(80, 'SEAGATE '), image]));
  const sha256 = createHash('sha256').update(image).digest('hex');
  for (const header of ['seagate-lod', '80']) {
    const out = `${header}.yml`;
    const words = ['--device', 'sg3', '--firmware', 'b.lod', '--revision', '0107'];
    assert.is((await run('init', ...LAB, ...words, '--strip', header, '--out', out)).exitCode, 0);
    const text = readFileSync(path.join(directory, out), 'utf8');
    assert.match(
      text,
      `      strip: ${header} # the header in front of the image\n      sha256: "${sha256}"`,
    );
    assert.is((await run('pin', '--check', out)).exitCode, 0);
  }
  const none = await run(...args('sg3', '--strip', 'seagate-lod'));
  assert.is(none.exitCode, 3);
  assert.match(none.stderr, /a\.bin has no seagate-lod header of 80 bytes.*\[image-strip\]/);
});

test('one JSON document holds the text', async () => {
  const { document } = await runJson(args('sg1'), { cwd: directory });
  assert.is(document.format, 'runbook.init/1');
  const { file, playbook, device } = document as AnyDocument & Readonly<Record<string, unknown>>;
  assert.is(file, null);
  assert.is(device, 'naa.50014380ab000000');
  assert.is(playbook, (await run(...args('sg1'))).stdout);
});

test('a device that is not there, or runs that revision, gets no playbook', async () => {
  const none = await run(...args('sg9'));
  assert.is(none.exitCode, 2);
  assert.match(
    none.stderr,
    'there is no device sg9\n  code: usage\n  next: See the devices of this host: runbook devices',
  );
  const current = await run('init', ...LAB, '--device', 'sg1', '--firmware', 'a.bin', '--revision', '2.08');
  assert.is(current.exitCode, 4);
  assert.match(current.stderr, 'HP SAS EXP Card runs 2.08 already');
  assert.is(current.stdout, '');
});

test('a wrong image or revision is told, and nothing is written', async () => {
  const image = await run('init', ...LAB, '--device', 'sg1', '--firmware', 'b.bin', '--revision', '2.10');
  assert.is(image.exitCode, 3);
  assert.match(image.stderr, /b\.bin.*\[image-missing\]/);
  const revision = await run(
    ...args('sg1', '--out', 'long.yml').map((word) => (word === '0107' ? '2.10.1' : word)),
  );
  assert.is(revision.exitCode, 3);
  assert.match(revision.stderr, /INQUIRY has room for 4 in the revision \[inquiry-field\]/);
  assert.throws(() => readFileSync(path.join(directory, 'long.yml')), /ENOENT/);
});

test('--revision is required: nobody guesses what new code shows', async () => {
  const { exitCode, stderr } = await run('init', ...LAB, '--device', 'sg1', '--firmware', 'a.bin');
  assert.is(exitCode, 2);
  assert.match(stderr, "required option '--revision <revision>' not specified");
});

test.run();
