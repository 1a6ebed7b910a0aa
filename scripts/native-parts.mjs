// koffi's native parts for every processor that the program runs on. npm installs those of this machine only; a package that
// `npm pack` makes goes to others, too.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fetchedPackage, run } from './fetched.mjs';

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
    const archive = fetchedPackage(root, { name, version, integrity });
    mkdirSync(directory, { recursive: true });
    const members = folders.map((folder) => `package/${folder}`);
    run('tar', ['-xzf', archive, '-C', directory, '--strip-components=1', ...members]);
  }
}
