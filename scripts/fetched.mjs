// Packages of npm that are not installed: fetched with `npm pack` and compared with the hash of a lockfile.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Path of the package's archive, kept in `root/.cache`. Throws an Error where it cannot be had, or has another hash. */
export function fetchedPackage(root, { name, version, integrity }) {
  const cache = path.join(root, '.cache');
  const archive = path.join(cache, `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`);
  if (existsSync(archive) && hasIntegrity(archive, integrity)) return archive;
  const unfinished = path.join(cache, `fetched-${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    console.error(`$ npm pack ${name}@${version}`);
    // npm hands its own options down: an outer `npm pack --dry-run` must not make this one dry.
    const options = [
      '--dry-run=false',
      '--json=false',
      '--workspaces=false',
      `--pack-destination=${unfinished}`,
    ];
    run('npm', ['pack', ...options, `${name}@${version}`]);
    const file = path.join(unfinished, path.basename(archive));
    if (!hasIntegrity(file, integrity)) {
      throw new Error(
        `${name}@${version}: what npm fetched has not the hash of package-lock.json (${integrity})`,
      );
    }
    renameSync(file, archive);
    return archive;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** `integrity` is that of the lockfile: `<algorithm>-<base64>`. */
function hasIntegrity(file, integrity) {
  const [algorithm] = integrity.split('-', 1);
  return `${algorithm}-${createHash(algorithm).update(readFileSync(file)).digest('base64')}` === integrity;
}

/** Throws an Error where the program fails. stdout belongs to the caller: `npm pack --json` prints a document there. */
export function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}`);
}
