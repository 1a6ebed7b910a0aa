import * as assert from 'uvu/assert';
import path from 'node:path';
import type { Finished } from '../support/child.ts';
import { inDebianRoot, makeDebianRoot } from '../support/debian-root.ts';

/** What runbook depends on is there already, so that apt needs no network. */
const LIBRARIES = ['libatomic1', 'libstdc++6'];
const USERS_HAVE = [...LIBRARIES, 'man-db', 'bash-completion'];

/** Clean Debian roots, by the names of their folders. */
const ROOTS: Readonly<Record<string, { release: string; packages: readonly string[] }>> = {
  // This one boots.
  bookworm: { release: 'bookworm', packages: [...USERS_HAVE, 'systemd', 'systemd-sysv', 'kmod'] },
  trixie: { release: 'trixie', packages: USERS_HAVE },
  // Not in the others: it brings half a distribution.
  dnf: { release: 'bookworm', packages: [...LIBRARIES, 'dnf', 'rpm'] },
};

export async function makeRoots(folder: string): Promise<void> {
  await Promise.all(
    Object.entries(ROOTS).map(([name, { release, packages }]) =>
      makeDebianRoot(path.join(folder, name), release, packages),
    ),
  );
}

const ENVIRONMENT = [
  'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LC_ALL=C.UTF-8',
  'DEBIAN_FRONTEND=noninteractive',
];

/** Runs a line of shell in a folder of a root, as root. */
export const inRoot = (root: string, line: string, folder = '/root'): Promise<Finished> =>
  inDebianRoot(root, folder, line, { environment: ENVIRONMENT });

/** What it prints; it must succeed. */
export async function printed(root: string, line: string): Promise<string> {
  const { exitCode, stdout, stderr } = await inRoot(root, line);
  assert.is(exitCode, 0, `${line}\n${stdout}\n${stderr}`);
  return stdout.trimEnd();
}

/** Every command for a real bash: what it offers behind `runbook ver`. */
export const COMPLETION = `bash --norc -c '
source /usr/share/bash-completion/bash_completion
COMP_WORDS=(runbook ver) COMP_CWORD=1
_completion_loader runbook; _runbook runbook ver runbook
echo "\${COMPREPLY[*]}"'`;

/** Where the packages put what people read. */
export const DOC = '/usr/share/doc/runbook';
export const DEMO = `cd ${DOC} && runbook apply playbooks/upgrade-expanders.yml --lab playbooks/upgrade-expanders.lab.yml --yes 2>/dev/null`;
