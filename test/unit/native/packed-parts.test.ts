import '../../support/own-folder.ts';
import * as assert from 'uvu/assert';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild, type Finished } from '../../support/child.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const SCRIPT = inProject('scripts/native-parts.mjs');
const VERSION = '1.2.3';

/** A project in which x64 is installed, with a stand-in for npm that "fetches" a package made here. */
async function project(): Promise<{ root: string; archive: string; integrity: string }> {
  const root = mkdtempSync(path.join(tmpdir(), 'packed-parts-'));
  mkdirSync(path.join(root, 'node_modules/@koromix/koffi-linux-x64'), { recursive: true });
  for (const folder of ['linux_arm64', 'musl_arm64']) {
    mkdirSync(path.join(root, 'registry/package', folder), { recursive: true });
    writeFileSync(path.join(root, 'registry/package', folder, 'koffi.node'), `part ${folder}`);
  }
  writeFileSync(path.join(root, 'registry/package/index.js'), 'not wanted');
  const archive = path.join(root, `registry/koromix-koffi-linux-arm64-${VERSION}.tgz`);
  const made = await runChild('tar', ['-czf', archive, '-C', path.join(root, 'registry'), 'package']);
  assert.is(made.exitCode, 0, made.stderr);
  mkdirSync(path.join(root, 'bin'));
  const npm = `#!/bin/sh
echo "$*" >>'${root}/asked'
[ -e '${archive}' ] || { echo 'npm error 404' >&2; exit 1; }
for word; do case $word in --pack-destination=*) cp '${archive}' "\${word#*=}";; esac; done
`;
  writeFileSync(path.join(root, 'bin/npm'), npm);
  chmodSync(path.join(root, 'bin/npm'), 0o755);
  return { root, archive, integrity: integrityOf(archive) };
}

const integrityOf = (file: string): string =>
  `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

function addParts(root: string, integrity: string): Promise<Finished> {
  const lockfile = {
    packages: { 'node_modules/@koromix/koffi-linux-arm64': { version: VERSION, integrity } },
  };
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify(lockfile));
  const code = `import { addNativeParts } from ${JSON.stringify(SCRIPT)};
    addNativeParts(${JSON.stringify(root)}, ${JSON.stringify(path.join(root, 'dist'))});`;
  return runChild(process.execPath, ['--input-type=module', '--eval', code], {
    env: { PATH: `${path.join(root, 'bin')}:${process.env['PATH']}` },
  });
}

const part = (root: string, folder: string): string => path.join(root, 'dist', folder, 'koffi.node');

const test = suite('native parts of what is packed');

test('those of the other processor are fetched, in the version of the lockfile, and once', async () => {
  const { root, integrity } = await project();
  for (let time = 1; time <= 2; time++) {
    const { exitCode, stdout, stderr } = await addParts(root, integrity);
    assert.is(exitCode, 0, stderr);
    assert.is(stdout, '');
    for (const folder of ['linux_arm64', 'musl_arm64']) {
      assert.is(readFileSync(part(root, folder), 'utf8'), `part ${folder}`);
    }
    assert.not(existsSync(path.join(root, 'dist/index.js')));
  }
  const asked = readFileSync(path.join(root, 'asked'), 'utf8').trim().split('\n');
  assert.is(asked.length, 1);
  assert.match(asked[0]!, / @koromix\/koffi-linux-arm64@1\.2\.3$/);
});

test('a package with another hash is refused, and an older part does not stay', async () => {
  const { root } = await project();
  mkdirSync(path.dirname(part(root, 'linux_arm64')), { recursive: true });
  writeFileSync(part(root, 'linux_arm64'), 'older');
  const { exitCode, stderr } = await addParts(root, integrityOf(SCRIPT));
  assert.is(exitCode, 1);
  assert.match(stderr, /koffi-linux-arm64@1\.2\.3: what npm fetched has not the hash of package-lock\.json/);
  assert.not(existsSync(part(root, 'linux_arm64')));
});

test('a registry that does not have it is an error', async () => {
  const { root, archive, integrity } = await project();
  rmSync(archive);
  const { exitCode, stderr } = await addParts(root, integrity);
  assert.is(exitCode, 1);
  assert.match(stderr, /npm error 404/);
});

test.run();
