import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finished } from '../support/child.ts';
import { debianRootProblem, inDebianRoot, makeDebianRoot, succeed } from '../support/debian-root.ts';
import { root as project } from '../support/paths.ts';

/**
 * A machine on which nobody prepared anything: Debian's minimal base in a folder, with Node and npm from the registry and
 * nothing else. Programs run in it as root or as an ordinary user, in a space of processes and mounts that ends with them.
 */
const RELEASE = 'bookworm';
/** What Node asks for: version 26 needs this library, which the minimal base does not have. */
const NEEDED_BY_NODE = 'libatomic1';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** Where the ordinary user lives. */
export const HOME = '/home/reader';
const USER_ID = 1000;

/** Why no bare root can be made here; null: it can. */
export const bareRootProblem = (): string | null => debianRootProblem(['git', 'tar', 'npm']);

/** Makes the root file system in a folder that does not exist yet. */
export async function makeBareRoot(directory: string): Promise<void> {
  await makeDebianRoot(directory, RELEASE, [NEEDED_BY_NODE]);
  mkdirSync(path.join(directory, HOME), { recursive: true });
  await succeed('chown', ['-R', `${USER_ID}:${USER_ID}`, path.join(directory, HOME)]);
  const bundles = [await npmSetting('cafile'), process.env['NODE_EXTRA_CA_CERTS'], CERTIFICATES];
  const found = [...new Set(bundles)].filter((file) => file !== undefined && existsSync(file)) as string[];
  mkdirSync(path.join(directory, path.dirname(CERTIFICATES)), { recursive: true });
  writeFileSync(
    path.join(directory, CERTIFICATES),
    found.map((file) => readFileSync(file, 'utf8')).join('\n'),
  );
}

/** Puts a Node and an npm of these versions, or `latest`, into the root, in place of others. */
export async function installNode(directory: string, node: string, npm: string): Promise<void> {
  const local = path.join(directory, 'usr/local');
  const modules = path.join(local, 'lib/node_modules');
  for (const place of [modules, ...['node', 'npm', 'npx'].map((name) => path.join(local, 'bin', name))]) {
    rmSync(place, { recursive: true, force: true });
  }
  await unpack(`npm@${npm}`, path.join(modules, 'npm'));
  const unpacked = path.join(directory, 'opt/node');
  await unpack(`node-linux-${process.arch}@${node}`, unpacked);
  cpSync(path.join(unpacked, 'bin/node'), path.join(local, 'bin/node'));
  rmSync(unpacked, { recursive: true });
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(local, 'bin', name));
}

/** Puts what a fresh clone of this work tree holds into the root. */
export async function cloneInto(directory: string, folder: string): Promise<void> {
  const clone = path.join(directory, folder);
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const names = (await succeed('git', ['-C', project, ...list])).split('\0');
  for (const name of names.filter((name) => name !== '' && existsSync(path.join(project, name)))) {
    cpSync(path.join(project, name), path.join(clone, name));
  }
  await succeed('chown', ['-R', `${USER_ID}:${USER_ID}`, clone]);
}

/**
 * Runs a line of shell in the root, in one of its folders. Nothing of the environment of this process gets in but the
 * way to the registry.
 */
export async function inBareRoot(
  directory: string,
  folder: string,
  line: string,
  { as = 'user', timeoutMs = 300_000 }: { as?: 'root' | 'user'; timeoutMs?: number } = {},
): Promise<Finished> {
  const settings = ['registry', 'proxy', 'https-proxy', 'noproxy', 'strict-ssl'];
  const environment = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `HOME=${as === 'root' ? '/root' : HOME}`,
    `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`,
    `npm_config_cafile=${CERTIFICATES}`,
  ];
  for (const name of settings) {
    const value = await npmSetting(name);
    if (value !== undefined) environment.push(`npm_config_${name.replaceAll('-', '_')}=${value}`);
  }
  return inDebianRoot(directory, folder, line, {
    environment,
    user: as === 'root' ? undefined : USER_ID,
    timeoutMs,
  });
}

async function unpack(spec: string, target: string): Promise<void> {
  const packed = path.join(tmpdir(), 'packed');
  mkdirSync(packed);
  const args = ['pack', spec, '--silent', `--pack-destination=${packed}`];
  const name = (await succeed('npm', args)).trim().split('\n').at(-1)!;
  mkdirSync(target, { recursive: true });
  await succeed('tar', [
    '-xzf',
    path.join(packed, name),
    '-C',
    target,
    '--strip-components=1',
    '--no-same-owner',
  ]);
  rmSync(packed, { recursive: true });
}

/** A setting of this machine's npm; undefined: it has none. */
async function npmSetting(name: string): Promise<string | undefined> {
  const value = (await succeed('npm', ['config', 'get', name])).trim();
  return ['', 'null', 'undefined'].includes(value) ? undefined : value;
}
