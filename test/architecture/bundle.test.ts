import * as assert from 'uvu/assert';
import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
const start = (...args: string[]) => startIn(path.dirname(installed), ...args);

/** The same of another folder. */
async function startIn(directory: string, ...args: string[]) {
  const finished = await startWith(TELL_LIBRARIES, path.join(directory, 'runbook.cjs'), ...args);
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
  assert.match(stdout, `runbook ${version} (`);
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

test('names the function, the line and the column where a bug was met', async () => {
  const { exitCode, stderr } = await startWith(
    MAKE_BUG,
    installed,
    'validate',
    '--without-image',
    '-v',
    PLAYBOOK,
  );
  assert.is(exitCode, 70, stderr);
  const [, line, column] =
    /unforeseen[^]* at readText \(\S+\/dist\/program\.cjs:(\d+):(\d+)\)\n/.exec(stderr) ?? [];
  // Lines are short enough to be looked up.
  assert.ok(Number(line) > 100, stderr);
  assert.ok(Number(column) < 10_000, stderr);
});

test('says where it looked when there is no native part for this machine', async () => {
  const bare = path.join(folder, 'bare');
  await mkdir(bare);
  for (const name of ['runbook.cjs', 'program.cjs'])
    await cp(path.join(folder, 'dist', name), path.join(bare, name));
  for (const args of [['status'], ['devices', '--probe'], ['verify'], ['apply', PLAYBOOK, '--yes']]) {
    const { exitCode, stdout, stderr } = await runChild(process.execPath, [
      path.join(bare, 'runbook.cjs'),
      ...args,
    ]);
    assert.is(exitCode, 4, `${args.join(' ')}: ${stdout}${stderr}`);
    assert.match(stderr, `there is no native part for this platform (linux-${process.arch}); looked for `);
    assert.match(stderr, `${bare}/linux_${process.arch}/koffi.node`);
    assert.match(stderr, `the package @koromix/koffi-linux-${process.arch}`);
  }
  // What needs no device goes on without.
  const { exitCode } = await runChild(process.execPath, [path.join(bare, 'runbook.cjs'), 'devices']);
  assert.is(exitCode, 0);
});

test('the native part for the other libc is not taken in place of the right one', async () => {
  const other = path.join(folder, 'other-libc');
  await cp(path.join(folder, 'dist'), other, { recursive: true });
  const { libraries } = await startIn(other, 'status');
  await rm(path.dirname(libraries[0]!), { recursive: true });
  const { exitCode, stderr } = await startIn(other, 'status');
  assert.is(exitCode, 4, stderr);
  assert.match(stderr, 'there is no native part for this platform');
});

test('finds the native part in the package that npm has installed', async () => {
  const modules = path.join(folder, 'installed/node_modules');
  const dist = path.join(modules, 'runbook/dist');
  const part = `@koromix/koffi-linux-${process.arch}`;
  await mkdir(dist, { recursive: true });
  for (const name of ['runbook.cjs', 'program.cjs'])
    await cp(path.join(folder, 'dist', name), path.join(dist, name));
  await cp(inProject('node_modules', part), path.join(modules, part), { recursive: true });
  const { exitCode, libraries, stderr } = await startIn(dist, 'status');
  assert.is(libraries.length, 1, stderr);
  assert.match(libraries[0]!, new RegExp(`^${modules}/${part}/(linux|musl)_\\w+/koffi\\.node$`));
  assert.not.match(stderr, 'native part');
  assert.not(exitCode === 70, stderr);
});

test('a native part that is damaged is told, with the reason', async () => {
  const damaged = path.join(folder, 'damaged');
  await cp(path.join(folder, 'dist'), damaged, { recursive: true });
  for (const name of await readdir(damaged)) {
    if (/^(linux|musl)_/.test(name)) await writeFile(path.join(damaged, name, 'koffi.node'), 'not a library');
  }
  const { exitCode, stderr } = await startIn(damaged, 'status');
  assert.is(exitCode, 4, stderr);
  assert.match(stderr, /the native part for \S+ cannot be loaded: .*(invalid ELF header|file too short)/);
});

test.run();
