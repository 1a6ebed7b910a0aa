import * as assert from 'uvu/assert';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inProject, root } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { findCycle, readSourceFiles, withoutComments } from './source-files.ts';

/** The floors of a run, the lowest first: each may import those below it. */
const FLOORS = ['facts', 'records', 'guards', 'plan', 'unit', 'engine'].map((name) => `run/${name}`);
const below = (floor: string): string[] => FLOORS.slice(0, FLOORS.indexOf(floor));
/** What a run, and what stands beside it, is built on. */
const CORE = ['base', 'scsi', 'ses', 'transport', 'host', 'device', 'playbook', 'firmware'];
const DOWNLOADS = ['microcode', 'microcode/write-buffer', 'microcode/ses'];

/** Which room may import which, types included. This table is the rule: a file outside of these rooms may not exist. */
const ROOMS: Readonly<Record<string, readonly string[] | 'all'>> = {
  base: [],
  generated: [],
  native: ['base'],
  scsi: ['base'],
  firmware: ['base'],
  ses: ['base', 'scsi'],
  transport: ['base', 'native', 'scsi', 'ses'],
  host: ['base', 'native', 'scsi', 'transport'],
  simulator: ['base', 'native', 'scsi', 'ses', 'transport', 'host', 'generated'],
  'served-lab': ['base', 'native', 'scsi', 'host', 'simulator', 'generated'],
  device: ['base', 'scsi', 'ses', 'transport', 'host'],
  microcode: ['base', 'scsi', 'ses', 'transport', 'device'],
  'microcode/write-buffer': ['base', 'scsi', 'ses', 'transport', 'device', 'microcode'],
  'microcode/ses': ['base', 'scsi', 'ses', 'transport', 'device', 'microcode'],
  playbook: ['base', 'scsi', 'firmware', 'generated'],
  ...Object.fromEntries(FLOORS.map((floor) => [floor, [...CORE, ...DOWNLOADS, ...below(floor)]])),
  jobs: ['base', 'host', ...below('run/guards')],
  inventory: [...CORE, ...below('run/unit')],
  explain: [...CORE, ...DOWNLOADS, ...below('run/engine')],
  rehearsal: [...CORE, 'generated', 'simulator', ...FLOORS],
  report: ['base', 'scsi', 'playbook', 'host', 'inventory', 'jobs', 'explain', 'rehearsal', ...FLOORS],
  cli: 'all',
};

/** Each foreign package lives behind one file or folder, with its traps. ajv only runs when code is generated. */
const IMPORTERS: Readonly<Record<string, string>> = {
  koffi: 'src/native/koffi.ts',
  'js-yaml': 'src/playbook/yaml.ts',
  listr2: 'src/run/engine/tasks.ts',
  commander: 'src/cli/program/',
  'fastest-levenshtein': 'src/base/suggest.ts',
  yauzl: 'src/firmware/zip.ts',
  zstddec: 'src/firmware/zstd.ts',
  'xz-decompress': 'src/firmware/xz.ts',
};

/** Bytes in, value out: what these folders hold can be tested without a machine. */
const PURE = ['scsi', 'ses'];

const EXPORTED = /^export (?:async )?(?:function|class|interface|type|const) (\w+)/gm;

const LONGEST_FILE_LINES = 400;
/** Tables, which may be as long as what they list. */
const TABLES = ['src/scsi/additional-sense.ts'];

const TOP_LEVEL = [
  ...['.ci', '.gitignore', '.npmrc', '.pre-commit-hooks.yaml', '.prettierignore', '.prettierrc.json'],
  ...[
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'eslint.config.js',
    'knip.json',
    'package-lock.json',
    'package.json',
  ],
  ...['ansible', 'docs', 'packaging', 'playbooks', 'schemas', 'scripts', 'src', 'test', 'tsconfig.json'],
];
/** Made on a machine, never committed. */
const LOCAL = ['.git', 'node_modules', 'dist', 'coverage', '.cache'];

const files = readSourceFiles();
/** `src/run/facts/inspect.ts` → `run/facts`; null: the file is in none. */
function roomOf(file: string): string | null {
  const folders = path.dirname(file).split(path.sep);
  if (folders.shift() !== 'src') return null;
  for (; folders.length > 0; folders.pop()) {
    const room = folders.join('/');
    if (Object.hasOwn(ROOMS, room)) return room;
  }
  return null;
}
const test = suite('layers');

test('every file of src is in a room of the table', () => {
  const strangers = files.filter((file) => roomOf(file.path) === null).map((file) => file.path);
  assert.equal(strangers, []);
});

test('a room imports only the rooms that the table allows', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const own = roomOf(file.path);
    const allowed = ROOMS[own ?? ''] ?? [];
    for (const imported of file.imports) {
      const room = roomOf(imported);
      const fine =
        (room !== null && (room === own || allowed === 'all' || allowed.includes(room))) ||
        (imported.startsWith('schemas/') && allowed === 'all'); // `runbook schema` prints them
      if (!fine) wrong.push(`${file.path} → ${imported}`);
    }
  }
  assert.equal(wrong, []);
});

test('no room is above itself', () => {
  const below = new Map(
    Object.entries(ROOMS).flatMap(([room, rooms]) => (rooms === 'all' ? [] : [[room, rooms]])),
  );
  const cycle = findCycle(below);
  assert.is(cycle === null ? null : cycle.join(' → '), null);
});

test('the page about the architecture has every room', () => {
  const page = readFileSync(inProject('docs/design/architecture.md'), 'utf8');
  assert.equal(
    Object.keys(ROOMS).filter((room) => !page.includes(`\`src/${room}\``)),
    [],
  );
});

test('an import names a file that exists, with its ending', () => {
  const wrong = files.flatMap((file) =>
    file.imports.filter((name) => !existsSync(inProject(name))).map((name) => `${file.path} → ${name}`),
  );
  assert.equal(wrong, []);
});

test('a foreign package has one importing file or folder', () => {
  const wrong: string[] = [];
  for (const file of files) {
    for (const name of file.packages) {
      if (name.startsWith('node:') || (name === 'ajv' && file.folder === 'generated')) continue;
      const home = IMPORTERS[name];
      const isHome = home?.endsWith('/') ? file.path.startsWith(home) : file.path === home;
      if (!isHome) wrong.push(`${file.path} → ${name}`);
    }
  }
  assert.equal(wrong, []);
});

test('codecs need no module of Node', () => {
  const wrong = files
    .filter(({ folder }) => PURE.includes(folder))
    .flatMap((file) => file.packages.map((name) => `${file.path} → ${name}`));
  assert.equal(wrong, []);
});

test('arguments, streams and the exit code belong to the command line', () => {
  const wrong = files
    .filter(({ folder }) => folder !== 'cli' && folder !== 'generated')
    .filter(({ text }) =>
      /\bprocess\.(argv|stdin|stdout|stderr|exit|exitCode)\b|\bconsole\./.test(withoutComments(text)),
    )
    .map((file) => file.path);
  assert.equal(wrong, []);
});

test('no file imports itself by a detour, not even for its types', () => {
  const cycle = findCycle(new Map(files.map((file) => [file.path, file.imports])));
  assert.is(cycle === null ? null : cycle.join(' → '), null);
});

test('no two things are exported under one name', () => {
  const homes = new Map<string, string[]>();
  for (const { folder, path: file, text } of files) {
    if (folder === 'generated') continue;
    for (const [, name] of text.matchAll(EXPORTED)) homes.set(name!, [...(homes.get(name!) ?? []), file]);
  }
  const wrong = [...homes].filter(([, where]) => where.length > 1);
  assert.equal(wrong, []);
});

test('there are no barrels and no folder for odds and ends', () => {
  const wrong = files
    .map((file) => file.path)
    .filter((file) => /(^|\/)index\.ts$|\/(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file));
  assert.equal(wrong, []);
});

test('files have kebab-case names', () => {
  const written = files.filter(({ folder }) => folder !== 'generated');
  const wrong = written.filter((file) => !/^src(\/[a-z0-9]+(-[a-z0-9]+)*)+\.ts$/.test(file.path));
  assert.equal(
    wrong.map((file) => file.path),
    [],
  );
});

test(`no file is longer than ${LONGEST_FILE_LINES} lines, tables apart`, () => {
  const wrong = files
    .filter(({ folder, path: name }) => folder !== 'generated' && !TABLES.includes(name))
    .map((file) => ({ file: file.path, lines: file.text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LONGEST_FILE_LINES);
  assert.equal(wrong, []);
});

test('the root of the project holds what it is meant to hold', () => {
  const strangers = readdirSync(root).filter((name) => ![...TOP_LEVEL, ...LOCAL].includes(name));
  assert.equal(strangers, []);
});

test.run();

const finder = suite('cycle finder');

finder('finds a cycle through several files', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', []],
    ['d', ['b']],
  ]);
  assert.equal(findCycle(imports), ['b', 'd', 'b']);
});

finder('takes two ways to one file for no cycle', () => {
  const imports = new Map([
    ['a', ['b', 'c']],
    ['b', ['d']],
    ['c', ['d']],
    ['d', []],
  ]);
  assert.is(findCycle(imports), null);
});

finder.run();
