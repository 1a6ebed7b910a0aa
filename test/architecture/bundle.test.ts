import * as assert from 'uvu/assert';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { runChild } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { scanned, sysfsTree } from '../support/sysfs-tree.ts';

/** Tells on stderr which native libraries the program loads. */
const TELL_LIBRARIES = `
const { dlopen } = process;
process.dlopen = (module, file, ...rest) => {
  process.stderr.write('loads ' + file + '\\n');
  return dlopen.call(process, module, file, ...rest);
};
`;

/** Tells on stderr what V8 says to the cache of each part. */
const TELL_CACHE = `
const vm = require('node:vm');
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    const said = options.cachedData === undefined ? 'none' : this.cachedDataRejected ? 'rejected' : 'used';
    process.stderr.write('cache ' + said + '\\n');
  }
};
`;

/** Makes a bug: reading the playbook throws what nobody expects. */
const MAKE_BUG = `
const fs = require('node:fs');
const { statSync } = fs;
fs.statSync = (file, ...rest) => {
  if (String(file).endsWith('.yml')) throw new Error('unforeseen');
  return statSync(file, ...rest);
};
`;

const PLAYBOOK = inProject('playbooks/upgrade-expanders.yml');

const test = suite('bundle');
let folder = '';
let installed = '';

/** Starts the program from a folder that holds nothing of the project but what was built. */
async function start(...args: string[]) {
  const finished = await startWith(TELL_LIBRARIES, installed, ...args);
  return { ...finished, libraries: [...finished.stderr.matchAll(/^loads (.*)$/gm)].map(([, file]) => file!) };
}

async function startWith(hook: string, ...args: string[]) {
  const file = path.join(folder, 'hook.cjs');
  await writeFile(file, hook);
  return runChild(process.execPath, ['--require', file, ...args], { cwd: folder });
}

test.before(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'runbook-bundle-')));
  await cp(inProject('dist'), path.join(folder, 'dist'), { recursive: true });
  installed = path.join(folder, 'dist/runbook.cjs');
});
test.after(() => rm(folder, { recursive: true, force: true }));

test('is a program of its own, with the version of the package', async () => {
  assert.is((await readFile(program, 'utf8')).split('\n', 1)[0], '#!/usr/bin/env node');
  assert.ok(((await stat(program)).mode & 0o111) === 0o111, 'executable');
  const { version } = JSON.parse(await readFile(inProject('package.json'), 'utf8')) as { version: string };
  const { exitCode, stdout } = await runChild(installed, ['--version']);
  assert.is(stdout, `${version}\n`);
  assert.is(exitCode, 0);
});

test('finds the native library beside itself when a device is opened', async () => {
  const tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas' }],
    [{ hctl: '6:0:1:0', sg: 'sg9876', attributes: scanned(13, 'HP', 'HP SAS EXP Card', '2.08') }],
  );
  try {
    const { stdout, stderr, libraries } = await start(
      ...['devices', '--probe', '--format', 'json', '--sysfs', tree.sysfsRoot, '--proc', tree.procRoot],
    );
    assert.is(libraries.length, 1, `${stdout}\n${stderr}`);
    assert.match(libraries[0]!, new RegExp(`^${folder}/dist/(linux|musl)_\\w+/koffi\\.node$`));
    // There is no such node: the library was loaded and the program got as far as opening it.
    const { devices } = JSON.parse(stdout) as { devices: { probeError: string | null }[] };
    assert.match(devices[0]?.probeError ?? '', 'sg9876');
  } finally {
    tree.remove();
  }
});

test('loads no native library for commands that open no device', async () => {
  for (const args of [['--help'], ['validate', '--without-image', PLAYBOOK], ['devices']]) {
    const { exitCode, libraries, stderr } = await start(...args);
    assert.is(exitCode, 0, `${args.join(' ')}: ${stderr}`);
    assert.equal(libraries, [], args.join(' '));
  }
});

test('starts with what V8 has compiled before, all of it', async () => {
  for (const args of [['--help'], ['validate', '--without-image', PLAYBOOK]]) {
    const { exitCode, stderr } = await startWith(TELL_CACHE, installed, ...args);
    assert.is(exitCode, 0, stderr);
    assert.ok(stderr.startsWith('cache used\n'), stderr);
    assert.not.match(stderr, /none|rejected/);
  }
});

test('works the same without a cache, and with one that is damaged or not its own', async () => {
  const good = await readFile(path.join(folder, 'dist/runbook.cache'));
  const head = good.indexOf('\n', 4);
  const changed = (at: number) => Buffer.from(good).fill(good[at]! ^ 1, at, at + 1);
  /** Whole, but with another first line. */
  const header = (from: string | RegExp, to: string) => {
    const line = Buffer.from(good.toString('latin1', 0, head).replace(from, to), 'latin1');
    const file = Buffer.concat([line, good.subarray(head)]);
    file.writeUInt32LE(crc32(file.subarray(4)));
    return file;
  };
  assert.equal(header('', ''), good);
  const caches: Readonly<Record<string, Buffer | null>> = {
    missing: null,
    empty: Buffer.alloc(0),
    garbage: Buffer.alloc(100_000, 0xa5),
    'cut off': good.subarray(0, good.length - 1000),
    'one byte of the places changed': changed(head - 5),
    'one byte of the code changed': changed(head + ((good.length - head) >> 1)),
    'zeros for the code': Buffer.from(good).fill(0, head + 1),
    'of another program': header(/"made":"\w{8}/, '"made":"00000000'),
    'of another Node': header(process.version, 'v20.0.0'),
  };
  const alone = path.join(folder, 'alone');
  const copy = path.join(alone, 'runbook.cjs');
  await mkdir(alone);
  await cp(installed, copy);
  const expected = await runChild(process.execPath, [installed, 'validate', '--without-image', PLAYBOOK]);
  assert.is(expected.exitCode, 0);
  for (const [what, bytes] of Object.entries(caches)) {
    if (bytes !== null) await writeFile(path.join(alone, 'runbook.cache'), bytes);
    const found = await startWith(TELL_CACHE, copy, 'validate', '--without-image', PLAYBOOK);
    assert.is(found.exitCode, 0, what);
    assert.is(found.stdout, expected.stdout, what);
    assert.match(found.stderr, /^(cache none\n)+$/, what);
  }
});

test('names part, line and column where a bug was met, with the cache and without', async () => {
  const copy = path.join(folder, 'without-cache.cjs');
  await cp(installed, copy);
  const stacks: string[] = [];
  for (const file of [installed, copy]) {
    const { exitCode, stderr } = await startWith(MAKE_BUG, file, 'validate', '-v', PLAYBOOK);
    assert.is(exitCode, 70, stderr);
    assert.match(stderr, /unforeseen[^]* at readText \(runbook\.cjs\/chunk-\w+\.js:\d+:\d+\)\n/);
    stacks.push(stderr.slice(stderr.indexOf(' at readText')));
  }
  assert.is(stacks[0], stacks[1]);
});

test.run();
