// The licence texts of everything that is inside of a package.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../scripts/paths.mjs';
import { nodeRuntime } from './runtime.mjs';

const RULE = '='.repeat(78);

/** The texts of all foreign packages, one behind the other. `withNode`: those of Node.js, too. Throws where one has none. */
export function licenceTexts(packages, { withNode }) {
  const parts = packages.map(({ name, version, license, folder }) => [
    `${name} ${version} (${license})`,
    licenceFiles(folder, name)
      .map((file) => readFileSync(file, 'utf8').trim())
      .join('\n\n'),
  ]);
  if (withNode) {
    const { version, licence } = nodeRuntime(process.arch);
    parts.push([`Node.js ${version}`, readFileSync(licence, 'utf8').trim()]);
  }
  const head =
    'runbook is under the Apache License, Version 2.0. It contains the following works, each under its own licence.';
  return `${[head, ...parts.map(([title, text]) => `${RULE}\n${title}\n${RULE}\n\n${text}`)].join('\n\n')}\n`;
}

function licenceFiles(folder, name) {
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  if (files.length > 0) return files.map((file) => path.join(folder, file));
  // Written down here, for a package that has forgotten it.
  const own = path.join(root, 'packaging/files/licences', `${name.replace('/', '-')}.txt`);
  if (existsSync(own)) return [own];
  throw new Error(`${name} has no file with its licence, and it goes into the packages`);
}
