// Set-up that the other scripts do by themselves: packages installed, program built. Imports nothing that has to be
// installed, for it runs on a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { program, root } from './paths.mjs';

const LOCKFILE = path.join(root, 'package-lock.json');
const INSTALLED = path.join(root, 'node_modules/.package-lock.json');

/** Runs `npm ci` where the installed packages are missing or not those of the lockfile. */
export function ensureInstalled() {
  if (existsSync(INSTALLED) && (isNewer(INSTALLED, LOCKFILE) || isSameTree())) return;
  run('npm', ['ci', '--no-audit', '--no-fund']);
}

/** Builds the program where it is missing or older than what it is made of. */
export function ensureBuilt() {
  const built = mtimeMs(program); // the last file that a build makes
  const sources = ['src', 'schemas', 'scripts/build.mjs', 'package.json', 'package-lock.json'];
  if (sources.some((source) => newestMs(path.join(root, source)) > built)) run('node', ['scripts/build.mjs']);
}

/** Both, in order. What is done is told on stderr, so that stdout stays the caller's. */
export function ensureReady() {
  ensureInstalled();
  ensureBuilt();
}

function run(command, args) {
  console.error(`$ ${command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** A checkout touches the lockfile without changing it: then the versions decide, not the clock. */
function isSameTree() {
  const wanted = JSON.parse(readFileSync(LOCKFILE, 'utf8')).packages;
  const installed = JSON.parse(readFileSync(INSTALLED, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([place, { version, optional }]) =>
      place === '' || (installed[place] ? installed[place].version === version : optional === true),
  );
}

const mtimeMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const isNewer = (file, other) => mtimeMs(file) >= mtimeMs(other);

/** The newest file below a folder, or the file itself. A folder's own time tells of files taken away. */
function newestMs(place) {
  const stat = statSync(place, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(stat.mtimeMs, ...readdirSync(place).map((name) => newestMs(path.join(place, name))));
}

if (process.argv[1] === import.meta.filename) ensureReady();
