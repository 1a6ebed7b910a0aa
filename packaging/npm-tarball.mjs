// What `npm install -g FILE` takes: for people who bring their own Node.js. Everything is inside, so npm fetches nothing.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { entryText } from '../scripts/build.mjs';
import { root } from '../scripts/paths.mjs';
import { licenceTexts } from './licences.mjs';

/** Writes `runbook-VERSION.tgz`. */
export async function makeNpmTarball({ bundle, native, out, work }) {
  const folder = path.join(work, 'npm');
  const {
    dependencies,
    devDependencies,
    scripts,
    allowScripts,
    private: isPrivate,
    ...manifest
  } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  mkdirSync(path.join(folder, 'dist'), { recursive: true });
  for (const name of [
    'docs',
    'schemas',
    'playbooks',
    'ansible',
    'README.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'LICENSE',
  ])
    cpSync(path.join(root, name), path.join(folder, name), {
      recursive: true,
      filter: (place) => path.basename(place) !== '__pycache__',
    });
  writeFileSync(path.join(folder, 'LICENSES.txt'), licenceTexts(bundle.packages, { withNode: false }));
  cpSync(bundle.file, path.join(folder, 'dist/program.cjs'));
  writeFileSync(path.join(folder, 'dist/runbook.cjs'), await entryText());
  chmodSync(path.join(folder, 'dist/runbook.cjs'), 0o755);
  cpSync(native, path.join(folder, 'dist'), { recursive: true });
  const files = [...manifest.files, 'ansible', 'LICENSES.txt'];
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ ...manifest, files }, null, 2)}\n`);
  const options = ['--silent', '--ignore-scripts', `--pack-destination=${out}`];
  execFileSync('npm', ['pack', ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}
