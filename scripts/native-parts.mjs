// koffi's native parts for every processor that the program runs on. npm installs those of this machine only; a package that
// `npm pack` makes goes to others, too.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** As in README.md, Requirements; names of Node.js. */
export const PROCESSORS = ['x64', 'arm64'];

/**
 * Puts `linux_<arch>/koffi.node` and `musl_<arch>/koffi.node` of every processor of PROCESSORS into `directory`. What is not
 * installed below `root` is fetched with `npm pack`, in the version and with the hash of the lockfile, and kept in
 * `root/.cache`. Throws an Error that says what is missing, and then that package's parts are not in `directory`.
 */
export function addNativeParts(root, directory) {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  for (const processor of PROCESSORS) {
    const name = `@koromix/koffi-linux-${processor}`;
    const place = `node_modules/${name}`;
    if (existsSync(path.join(root, place))) continue; // the build has copied them
    const folders = [`linux_${processor}`, `musl_${processor}`];
    // Those of an older version must not be left when this one cannot be had.
    for (const folder of folders) rmSync(path.join(directory, folder), { recursive: true, force: true });
    const { version, integrity } = packages[place];
    const archive = fetched(root, { name, version, integrity });
    mkdirSync(directory, { recursive: true });
    const members = folders.map((folder) => `package/${folder}`);
    run('tar', ['-xzf', archive, '-C', directory, '--strip-components=1', ...members]);
  }
}

/** Path of the package's archive, whose hash is right. */
function fetched(root, { name, version, integrity }) {
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

/** stdout belongs to the caller: `npm pack --json` prints a document there. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}`);
}
