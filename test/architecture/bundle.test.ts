import * as assert from 'uvu/assert';
import { cp, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
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

const test = suite('bundle');
let folder = '';
let installed = '';

/** Starts the program from a folder that holds nothing of the project but what was built. */
async function start(...args: string[]) {
  const hook = path.join(folder, 'tell-libraries.cjs');
  await writeFile(hook, TELL_LIBRARIES);
  const finished = await runChild(process.execPath, ['--require', hook, installed, ...args], { cwd: folder });
  return { ...finished, libraries: [...finished.stderr.matchAll(/^loads (.*)$/gm)].map(([, file]) => file!) };
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
  const playbook = inProject('playbooks/upgrade-expanders.yml');
  for (const args of [['--help'], ['validate', '--without-image', playbook], ['devices']]) {
    const { exitCode, libraries, stderr } = await start(...args);
    assert.is(exitCode, 0, `${args.join(' ')}: ${stderr}`);
    assert.equal(libraries, [], args.join(' '));
  }
});

test.run();
