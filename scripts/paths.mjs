// Places of the project, for the scripts. Imports nothing that has to be installed, and comes first in each of them: it
// says which Node is needed before one that is too old stumbles over what follows.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the project. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The built program. */
export const program = path.join(root, 'dist/runbook.cjs');

const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const needed = engines.node.replace('>=', '');
const [major, minor] = needed.split('.').map(Number);
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  console.error(`runbook needs Node.js ${needed} or later, this is ${process.versions.node}
  next: Install a newer Node.js (https://nodejs.org), or use the package, which brings its own.`);
  process.exit(4);
}
