import * as assert from 'uvu/assert';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { formatDiagnostic } from '../../../src/playbook/diagnostics.ts';
import { pinPlaybook, type Pinning } from '../../../src/playbook/pin.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { createPlaybook, savePlaybook } from '../../../src/playbook/save-playbook.ts';
import { suite } from '../../support/suite.ts';
import { brief, SAMPLE, sampleWith } from './sample.ts';

const test = suite('playbook/pin');

const IMAGE = Buffer.from('new code');
const OTHER = Buffer.from('other code');
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const HASH = hashOf(IMAGE);
const OLD = '2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9';
const labImages = new Map<string, Uint8Array>([
  ['PUF21000.bin', IMAGE],
  ['other.bin', OTHER],
]);

const pin = (text: string): Promise<Pinning> =>
  pinPlaybook('x.yml', text, { directory: '/nonexistent', labImages });

async function pinned(text: string): Promise<string> {
  const { text: made, diagnostics } = await pin(text);
  assert.equal(diagnostics.map(formatDiagnostic), []);
  assert.not.equal(made, null);
  assert.ok(loadPlaybook('x.yml', made!).playbook, 'the result validates');
  return made!;
}

const WAYS: readonly (readonly [name: string, from: string, to: string])[] = [
  ['plain becomes quoted', `sha256: ${OLD} # why`, `sha256: "${HASH}" # why`],
  ['single quotes stay', `'sha256' :  '${OLD}'`, `'sha256' :  '${HASH}'`],
  ['double quotes stay', `sha256: "${OLD}"   `, `sha256: "${HASH}"   `],
  ['a word in its place', 'sha256: TODO', `sha256: "${HASH}"`],
  ['a number in its place', 'sha256: 0', `sha256: "${HASH}"`],
  ['nothing behind the key', 'sha256:   # later', `sha256: "${HASH}"   # later`],
  ['null', 'sha256: ~', `sha256: "${HASH}"`],
  ['a value in the next line', `sha256:\n        ${OLD}`, `sha256:\n        "${HASH}"`],
  ['an anchor before it', `sha256: &h ${OLD}`, `sha256: &h "${HASH}"`],
];
for (const [name, from, to] of WAYS) {
  test(`the hash is replaced: ${name}`, async () => {
    const text = (line: string): string => sampleWith([`sha256: ${OLD}`, line]);
    assert.is(await pinned(text(from)), text(to));
  });
}

test('a missing key is written behind file, member and strip, whatever their order, with their indent', async () => {
  const without = sampleWith([`      sha256: ${OLD}\n`, '']);
  assert.is(
    await pinned(without),
    sampleWith([`sha256: ${OLD}`, `sha256: "${HASH}"`]),
    'in the place where the sample has it',
  );
  const commented = without.replace('file: PUF21000.bin', 'file: PUF21000.bin # from CP022989');
  assert.match(await pinned(commented), `# from CP022989\n      sha256: "${HASH}"\n      revision`);
  const stripped = without.replace(
    '      file: PUF21000.bin\n      revision: "2.10"\n',
    '      revision: "2.10"\n      strip: 4\n      file: PUF21000.bin\n',
  );
  assert.match(
    await pinned(stripped),
    `strip: 4\n      file: PUF21000.bin\n      sha256: "${hashOf(IMAGE.subarray(4))}"\n    download`,
  );
});

test('flow mappings and JSON get the key in their own way', async () => {
  const [before, after] = SAMPLE.split(/ {4}firmware:\n(?: {6}.*\n)+/);
  const flow = (text: string): string => `${before}    firmware: ${text}\n${after}`;
  assert.is(
    await pinned(flow('{ file: PUF21000.bin, revision: "2.10" } # x')),
    flow(`{ file: PUF21000.bin, sha256: "${HASH}", revision: "2.10" } # x`),
  );
  assert.is(
    await pinned(flow("{revision: '2.10',\n      file: PUF21000.bin}")),
    flow(`{revision: '2.10',\n      file: PUF21000.bin, sha256: "${HASH}"}`),
  );
  const json = JSON.stringify(loadPlaybook('x.yml', SAMPLE).playbook!.words);
  assert.is(await pinned(json), json.replace(OLD, HASH));
  const made = await pinned(json.replace(`"sha256":"${OLD}",`, ''));
  assert.is(
    (JSON.parse(made) as { plays: [{ firmware: { sha256: string } }] }).plays[0].firmware.sha256,
    HASH,
  );
});

test('line ends stay, and a file that does not end with one still does not', async () => {
  const windows = SAMPLE.replaceAll('\n', '\r\n');
  assert.is(
    await pinned(windows.replace(`      sha256: ${OLD}\r\n`, '')),
    windows.replace(`sha256: ${OLD}`, `sha256: "${HASH}"`),
  );
  const firmware = /( {4}firmware:\n(?: {6}.*\n)+)/.exec(SAMPLE)![1]!;
  const last =
    SAMPLE.replace(firmware, '') + `    firmware:\n      revision: "2.10"\n      file: PUF21000.bin`;
  assert.is(await pinned(last), `${last}\n      sha256: "${HASH}"`);
});

test('two plays of one alias are pinned once', async () => {
  const play = SAMPLE.slice(SAMPLE.indexOf('  - name: card'));
  const text =
    SAMPLE.replace('firmware:\n', 'firmware: &fw\n').replace(`      sha256: ${OLD}\n`, '') +
    play.replace('name: card', 'name: second').replace(/ {4}firmware:\n(?: {6}.*\n)+/, '    firmware: *fw\n');
  const made = await pinned(text);
  assert.is(made.split('sha256').length, 2);
  assert.match(made, `&fw\n      file: PUF21000.bin\n      sha256: "${HASH}"\n`);
});

test('an alias that would stand for two images is told, and nothing is changed', async () => {
  const play = SAMPLE.slice(SAMPLE.indexOf('  - name: card'));
  const text =
    SAMPLE.replace('sha256: ', 'sha256: &h ') +
    play.replace('name: card', 'name: second').replace('PUF21000.bin', 'other.bin').replace(OLD, '*h');
  const { text: made, diagnostics, pins } = await pin(text);
  assert.is(made, null);
  assert.is(pins.length, 2);
  assert.match(
    brief(diagnostics[0]!),
    /^13:18 format: the hash cannot be written here .* \| write it by hand/,
  );
});

test('says what was there, and what is', async () => {
  const { pins } = await pin(SAMPLE);
  assert.equal(pins, [
    {
      play: 'card',
      path: '/plays/0/firmware/sha256',
      image: 'PUF21000.bin',
      bytes: IMAGE.length,
      before: OLD,
      after: HASH,
    },
  ]);
  assert.is((await pin(SAMPLE.replace(`      sha256: ${OLD}\n`, ''))).pins[0]!.before, null);
});

test('a hash that is right keeps its case and its quotes', async () => {
  const right = sampleWith([OLD, HASH.toUpperCase()]);
  assert.is(await pinned(right), right);
});

test('sections with their own image are pinned as well', async () => {
  const text = sampleWith(['      bpw: 4096\n', '      bpw: 4096\n      file: other.bin\n']);
  const made = await pinned(text);
  assert.match(made, `file: other.bin\n      sha256: "${hashOf(OTHER)}"\n    activate`);
  assert.match(made, `sha256: "${HASH}"\n      revision`);
});

test('any other mistake stays one, at its place in the text as given', async () => {
  const wrong = sampleWith(
    [`      sha256: ${OLD}\n`, ''],
    ['mode: dmc_offs_defer', 'mode: dmc_offs_defered'],
  );
  const { text, diagnostics, pins } = await pin(wrong);
  assert.is(text, null);
  assert.equal(pins, []);
  assert.match(diagnostics.map(brief).join('\n'), /^16:13 word: mode cannot be dmc_offs_defered [^\n]*$/);
  const missing = await pin(sampleWith(['PUF21000.bin', 'none.bin']));
  assert.is(missing.text, null);
  assert.match(missing.diagnostics.map(brief).join('\n'), /^12:13 image-missing: /);
  const cut = await pin(
    sampleWith([`      sha256: ${OLD}\n`, ''], ['bpw: 4096', 'bpw: 4096\n      length: 1k']),
  );
  assert.is(cut.text, null);
  assert.match(cut.diagnostics.map(brief).join('\n'), /^18:15 image-cut: /);
});

test('whatever surrounds it, only the hash changes', async () => {
  const space = fc.stringMatching(/^ {0,3}$/);
  const comment = fc.stringMatching(/^( # [a-z*&'"{}: ]{0,12})?$/);
  const quote = fc.constantFrom('"', "'");
  await fc.assert(
    fc.asyncProperty(space, comment, quote, fc.constantFrom('\n', '\r\n'), async (gap, end, q, eol) => {
      const text = (hash: string): string =>
        sampleWith([`sha256: ${OLD}`, `sha256: ${gap}${q}${hash}${q}${end}`]).replaceAll('\n', eol);
      assert.is(await pinned(text(OLD)), text(HASH));
    }),
    { numRuns: 50 },
  );
});

test('saving keeps mode and link; a new file never replaces one', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-pin-'));
  const file = path.join(directory, 'a.yml');
  const link = path.join(directory, 'link.yml');
  writeFileSync(file, 'old');
  chmodSync(file, 0o666);
  symlinkSync('a.yml', link);
  await savePlaybook(link, 'new', statSync(file, { bigint: true }));
  assert.is(readFileSync(file, 'utf8'), 'new');
  assert.is(statSync(file).mode & 0o777, 0o666);
  const failure = await createPlaybook(file, 'newer').catch((error: unknown) => error);
  assert.is((failure as NodeJS.ErrnoException).code, 'EEXIST');
  assert.is(readFileSync(file, 'utf8'), 'new');
});

test.run();
