import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runChild, type Finished } from './child.ts';
import { hasProgram } from './programs.ts';

/**
 * A Debian in a folder, made by mmdebstrap. Programs run in it in a space of processes and mounts that ends with them. Only root can
 * make and enter it.
 */
/** A space of processes and mounts that ends with its first process. */
const OWN_SPACE = ['--mount', '--pid', '--fork', '--kill-child=SIGKILL'];
const PREPARED_BY = ['mmdebstrap', 'unshare', 'chroot', 'setpriv'];

/** Why none can be made here; null: it can. `also`: other programs that the test needs. */
export function debianRootProblem(also: readonly string[]): string | null {
  if (process.getuid?.() !== 0) return 'only root can make a root file system and enter it';
  const absent = [...PREPARED_BY, ...also].filter((name) => !hasProgram(name));
  return absent.length > 0 ? `not installed: ${absent.join(', ')}` : null;
}

/** Makes one in a folder that does not exist yet: Debian's minimal base and these packages. */
export async function makeDebianRoot(
  directory: string,
  release: string,
  packages: readonly string[],
): Promise<void> {
  const include = `--include=${packages.join(',')}`;
  // What it mounts in the folder is gone with it, also when it is killed.
  await succeed(
    'unshare',
    [...OWN_SPACE, ...['mmdebstrap', '--quiet', '--variant=minbase', include, release, directory]],
    15 * 60_000,
  );
  for (const file of ['/etc/resolv.conf', '/etc/hosts']) {
    if (existsSync(file)) writeFileSync(path.join(directory, file), readFileSync(file));
  }
}

export interface InRoot {
  /** `NAME=value`; there are no others. */
  readonly environment: readonly string[];
  /** Number of the user and the group; root, where it is not given. */
  readonly user?: number | undefined;
  readonly timeoutMs?: number;
}

/** Runs a line of shell in a folder of the root. */
export function inDebianRoot(
  directory: string,
  folder: string,
  line: string,
  { environment, user, timeoutMs = 300_000 }: InRoot,
): Promise<Finished> {
  const as = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  return runChild(
    'unshare',
    [
      ...OWN_SPACE,
      ...['sh', '-c', ENTER, 'sh', directory],
      ...[...as, 'env', '-i', ...environment, 'sh', '-c', `cd ${folder} && ${line}`],
    ],
    { timeoutMs },
  );
}

/** The first process of the space: it buries what the others leave behind. */
const ENTER = `
root=$1; shift
mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" &&
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts" && mount -t tmpfs tmpfs "$root/dev/shm" || exit
chroot "$root" "$@"
exit $?`;

/** What a program prints; an error with its words where it fails. */
export async function succeed(
  program: string,
  args: readonly string[],
  timeoutMs = 300_000,
): Promise<string> {
  const { exitCode, signal, stdout, stderr } = await runChild(program, args, { timeoutMs });
  if (exitCode === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${exitCode ?? signal}: ${stderr}`);
}
