// The Node.js that goes into the executables: npm's package of it, in the version and with the hash of packaging/package-lock.json.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fetchedPackage } from '../scripts/fetched.mjs';
import { root } from '../scripts/paths.mjs';

const LOCK = path.join(root, 'packaging/package-lock.json');

/** Fetched and unpacked once, below .cache. `node`: the program, `licence`: the text of its licences. */
export function nodeRuntime(processor) {
  const name = `node-linux-${processor}`;
  const { version, integrity } = JSON.parse(readFileSync(LOCK, 'utf8')).packages[`node_modules/${name}`];
  const folder = path.join(root, '.cache', `${name}-${version}`);
  if (!existsSync(folder)) {
    const archive = fetchedPackage(root, { name, version, integrity });
    mkdirSync(path.dirname(folder), { recursive: true });
    const unfinished = mkdtempSync(`${folder}-`);
    try {
      const members = ['package/bin/node', 'package/LICENSE'];
      execFileSync('tar', [
        '-xzf',
        archive,
        '-C',
        unfinished,
        '--strip-components=1',
        '--no-same-owner',
        ...members,
      ]);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return {
    name,
    version,
    integrity,
    node: path.join(folder, 'bin/node'),
    licence: path.join(folder, 'LICENSE'),
  };
}
