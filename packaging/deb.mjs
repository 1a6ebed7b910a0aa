// The .deb, by dpkg-deb.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../scripts/paths.mjs';
import { MAINTAINER, PROCESSORS, reproducible, SUMMARY } from './release.mjs';
import { DOC, settle } from './tree.mjs';

/** What the executable and koffi's native part ask for; test/package compares it with both. */
const DEPENDS = ['libc6 (>= 2.28)', 'libatomic1 (>= 4.8)', 'libgcc-s1 (>= 4.2.0)', 'libstdc++6 (>= 5.2)'];

const DESCRIPTION = [
  'runbook reads a playbook, looks at the devices of this host, says what it would',
  'do to each of them and why, does it through SG_IO, and asks each device',
  'afterwards whether it is done. Nothing is sent before identity, start revision,',
  'hash and limits were checked.',
  '.',
  'Node.js is inside: no interpreter has to be installed.',
];

/** Writes `runbook_VERSION_ARCHITECTURE.deb`. */
export function makeDeb({ processor, tree, level, release, out, work }) {
  const { version, epoch } = release;
  const architecture = PROCESSORS[processor].deb;
  const folder = path.join(work, processor, 'deb');
  cpSync(tree, folder, { recursive: true, verbatimSymlinks: true });
  // Where Debian's zsh looks for what packages bring.
  const zsh = path.join(folder, 'usr/share/zsh');
  renameSync(path.join(zsh, 'site-functions'), path.join(zsh, 'vendor-completions'));
  const put = (name, text, mode = 0o644) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  put(`${DOC}/copyright`, readFileSync(path.join(root, 'packaging/files/deb-copyright')));
  put(`${DOC}/changelog.gz`, gzipSync(changelog(release), { level: 9 }));
  put(
    'usr/share/lintian/overrides/runbook',
    readFileSync(path.join(root, 'packaging/files/lintian-overrides')),
  );
  settle(folder, epoch);
  const files = filesBelow(folder);
  put('DEBIAN/md5sums', files.map((name) => `${md5(path.join(folder, name))}  ${name}\n`).join(''));
  const bytes = files.reduce(
    (sum, name) => sum + Math.ceil(statSync(path.join(folder, name)).size / 1024),
    0,
  );
  put('DEBIAN/control', control(version, architecture, bytes));
  for (const script of ['postinst', 'prerm', 'postrm'])
    put(`DEBIAN/${script}`, readFileSync(path.join(root, 'packaging/files', `deb-${script}`)), 0o755);
  const file = path.join(out, `runbook_${version}_${architecture}.deb`);
  const options = ['--root-owner-group', '-Zxz', `-z${level}`, '--threads-max=2', '--build'];
  execFileSync('dpkg-deb', [...options, folder, file], {
    env: reproducible(release),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(folder, { recursive: true });
  return file;
}

const control = (version, architecture, kibibytes) => `Package: runbook
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${kibibytes}
Depends: ${DEPENDS.join(', ')}
Suggests: sg3-utils
Section: admin
Priority: optional
Description: ${SUMMARY}
${DESCRIPTION.map((line) => ` ${line}`).join('\n')}
`;

/** In Debian's form; what changed stands in CHANGELOG.md. */
function changelog({ version, epoch }) {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `runbook (${version}) unstable; urgency=medium

  * See CHANGELOG.md in this folder.

 -- ${MAINTAINER}  ${date}
`;
}

/** Regular files, by their path. */
const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .sort();

const md5 = (file) => createHash('md5').update(readFileSync(file)).digest('hex');
