// The tar.xz: for hosts with neither dpkg nor rpm, and to try it without installing.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../scripts/paths.mjs';
import { reproducible } from './release.mjs';
import { DOC, settle } from './tree.mjs';

/** The number of threads is fixed: with one thread xz makes another file than with several. */
const XZ = ['--threads=2', '--compress', '--stdout'];

const INSTALL = `runbook for Linux, in one executable.

  bin/runbook --help          works from here
  cp -r bin lib share /usr/local/    as root: for everybody

bin/runbook looks for its native part at ../lib/runbook/koffi.node, and nowhere else.

It needs glibc 2.28 or later and libatomic.so.1. Without them the system does not start it, and names what is missing:
"error while loading shared libraries: libatomic.so.1". Then
  Debian, Ubuntu    apt install libatomic1
  Fedora, RHEL      dnf install libatomic
  SUSE              zypper install libatomic1
"runbook doctor" says what else this machine lacks.
`;

/** Writes `runbook-VERSION-linux-PROCESSOR.tar.xz`. */
export function makeArchive({ processor, tree, level, release, out, work }) {
  const name = `runbook-${release.version}-linux-${processor}`;
  const folder = path.join(work, processor, name);
  mkdirSync(folder);
  for (const part of ['bin', 'lib/runbook', 'share'])
    cpSync(path.join(tree, 'usr', part), path.join(folder, part), {
      recursive: true,
      verbatimSymlinks: true,
    });
  // Where a reader looks first.
  const doc = DOC.replace('usr/', '');
  for (const file of ['README.md', 'LICENSES.txt'])
    renameSync(path.join(folder, doc, file), path.join(folder, file));
  // The README names them from here.
  for (const name of readdirSync(path.join(folder, doc)))
    symlinkSync(path.join(doc, name), path.join(folder, name));
  cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  writeFileSync(path.join(folder, 'INSTALL'), INSTALL);
  settle(folder, release.epoch);
  const file = path.join(out, `${name}.tar.xz`);
  const tar = path.join(work, processor, `${name}.tar`);
  const options = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--mtime=@${release.epoch}`,
    '--format=gnu',
  ];
  const env = reproducible(release);
  execFileSync('tar', ['--create', '--file', tar, ...options, '-C', path.dirname(folder), name], { env });
  execFileSync('sh', ['-c', 'exec xz "$@" "$0" >"$OUT"', tar, ...XZ, `-${level}`], {
    env: { ...env, OUT: file },
  });
  rmSync(folder, { recursive: true });
  rmSync(tar);
  return file;
}
