// What an installed system has, as a folder: the .deb, the .rpm and the tar.xz hold these files.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../scripts/paths.mjs';
import { licenceTexts } from './licences.mjs';

export const DOC = 'usr/share/doc/runbook';

/** Made by the program itself, and where each shell looks for it. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/runbook',
  zsh: 'usr/share/zsh/site-functions/_runbook',
  fish: 'usr/share/fish/vendor_completions.d/runbook.fish',
};

/** Makes `work/<processor>/tree`. Returns its path. */
export async function makeTree({ processor, executable, native, bundle, release, work }) {
  const tree = path.join(work, processor, 'tree');
  const put = (name, bytes, mode = 0o644) => {
    const file = path.join(tree, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    chmodSync(file, mode);
  };
  const source = (name) => readFileSync(path.join(root, name));

  mkdirSync(path.join(tree, 'usr/bin'), { recursive: true });
  copyFileSync(executable, path.join(tree, 'usr/bin/runbook'));
  // A library is read, and not executed.
  put('usr/lib/runbook/koffi.node', readFileSync(path.join(native, `linux_${processor}`, 'koffi.node')));
  put('usr/lib/systemd/system/runbook-verify.service', source('packaging/files/runbook-verify.service'));
  put('usr/lib/tmpfiles.d/runbook.conf', source('packaging/files/runbook.tmpfiles'));
  for (const name of readdirSync(path.join(root, 'docs/man'))) {
    const section = name.split('.').at(-1);
    put(`usr/share/man/man${section}/${name}.gz`, gzipSync(source(`docs/man/${name}`), { level: 9 }));
  }
  for (const [shell, place] of Object.entries(COMPLETIONS)) put(place, completion(bundle.file, shell));
  for (const name of readdirSync(path.join(root, 'schemas')))
    put(`usr/share/runbook/schemas/${name}`, source(`schemas/${name}`));
  for (const name of readdirSync(path.join(root, 'playbooks')))
    put(`${DOC}/examples/${name}`, source(`playbooks/${name}`));
  cpSync(path.join(root, 'ansible'), path.join(tree, 'usr/share/runbook/ansible'), {
    recursive: true,
    filter: (name) => path.basename(name) !== '__pycache__',
  });
  // README, guide and examples name these places.
  symlinkSync('examples', path.join(tree, DOC, 'playbooks'));
  for (const name of ['schemas', 'ansible']) symlinkSync(`../../runbook/${name}`, path.join(tree, DOC, name));
  for (const name of ['README.md', 'CHANGELOG.md', 'SECURITY.md']) put(`${DOC}/${name}`, source(name));
  cpSync(path.join(root, 'docs'), path.join(tree, DOC, 'docs'), {
    recursive: true,
    filter: (name) => path.relative(root, name) !== 'docs/man',
  });
  put(`${DOC}/LICENSES.txt`, licenceTexts(bundle.packages, { withNode: true }));
  mkdirSync(path.join(tree, 'var/lib/runbook'), { recursive: true });
  settle(tree, release.epoch);
  return tree;
}

/** One time and one mode for everything: what a checkout gives them depends on the machine. */
export function settle(folder, epoch) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(file, 0o755);
    else if (entry.isFile()) chmodSync(file, file.endsWith('/bin/runbook') ? 0o755 : 0o644);
    lutimesSync(file, epoch, epoch);
  }
  const state = path.join(folder, 'var/lib/runbook');
  if (readdirSync(folder).includes('var')) chmodSync(state, 0o700);
}

/** By this Node: the executable may be for another processor. */
function completion(program, shell) {
  return execFileSync(process.execPath, [program, 'completion', shell], { env: { PATH: process.env.PATH } });
}
