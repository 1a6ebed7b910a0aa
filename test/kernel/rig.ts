import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statfsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A real Linux SCSI stack without hardware: Debian's user-mode-linux is a whole kernel that runs as a process, with
 * the file system of this machine as its root and scsi_debug for its devices. One boot per suite: what the guest is
 * to do is written down as steps before it starts, and what they printed is read when it has ended.
 */
export const KERNEL = '/usr/bin/linux.uml';
const MODULES = '/usr/lib/uml/modules';
const MEMORY_MIB = 1024;

/** For a guest that hangs: several times what the longest takes beside four busy processes. */
export const GUEST_LIMIT_MS = 40 * 60_000;

/** One shell script for the guest, run by bash with the functions of `GUEST_LIBRARY` and the preparation at hand. */
export interface GuestStep {
  readonly name: string;
  readonly script: string;
}

export interface StepResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Guest {
  /** All modules to load, with their parameters, in this order; those they need come before them by themselves. */
  readonly modules: readonly (readonly [name: string, ...parameters: string[]])[];
  /** Folder of this run: `$WORK` in the guest. Must be empty; everything that the guest writes belongs below it. */
  readonly directory: string;
  /** Shell functions and variables for all steps. */
  readonly preparation: string;
  readonly steps: readonly GuestStep[];
  readonly timeLimitMs: number;
}

export interface GuestRun {
  /** Everything that came on the guest's console, for a person to read. */
  readonly console: string;
  /** Steps that were run to their end, by name. */
  readonly steps: ReadonlyMap<string, StepResult>;
  /** Until the first step began. */
  readonly bootSeconds: number;
  readonly seconds: number;
}

/** Why no guest can be started here; null: it can. */
export function rigProblem(): string | null {
  for (const file of [KERNEL, '/sbin/insmod', '/usr/bin/lsscsi', '/usr/bin/sg_inq']) {
    if (!existsSync(file)) return `${file} is missing; apt-get install user-mode-linux kmod sg3-utils lsscsi`;
  }
  return null;
}

/** Boots the guest, lets it run all steps and takes it down, whatever happens. Rejects when it did not come up. */
export async function runGuest(guest: Guest): Promise<GuestRun> {
  const init = path.join(guest.directory, 'init');
  await mkdir(path.join(guest.directory, 'steps'), { recursive: true });
  await writeFile(init, initScript(guest), { mode: 0o755 });
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  let bootSeconds = Number.NaN;
  const text = await bootKernel({ ...guest, init }, (soFar) => {
    if (Number.isNaN(bootSeconds) && soFar.includes(READY)) bootSeconds = seconds();
  });
  const run = { console: text, steps: readSteps(guest), bootSeconds, seconds: seconds() };
  if (Number.isNaN(bootSeconds)) throw new Error(`the guest did not come up:\n${text}`);
  return run;
}

/** A step, which must have run to its end. */
export function stepOf({ steps, console: text }: GuestRun, name: string): StepResult {
  const result = steps.get(name);
  if (result === undefined) throw new Error(`step ${name} was not finished:\n${text}`);
  return result;
}

const READY = '@@ ready';

export interface Boot {
  /** The folder that is the guest's root. */
  readonly root?: string;
  /** Its first process, as the guest sees it. */
  readonly init: string;
  /** For the kernel's own files, here. */
  readonly directory: string;
  readonly timeLimitMs: number;
}

/** Boots the kernel and waits until it is off. Returns what came on its console. */
export function bootKernel(
  { root = '/', init, directory, timeLimitMs }: Boot,
  onText: (soFar: string) => void = () => undefined,
): Promise<string> {
  const child = spawn(KERNEL, kernelParameters({ root, init, directory, memoryMiB: MEMORY_MIB }), {
    env: { PATH: process.env['PATH'], TMPDIR: memoryDirectory(directory) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own group: the processes of the guest are processes here, and all must go
  });
  return new Promise((resolve, reject) => {
    let text = '';
    const kill = (): void => killGroup(child.pid);
    const limit = setTimeout(() => {
      text += `\n@@ killed after ${timeLimitMs / 1000} s\n`;
      kill();
    }, timeLimitMs);
    process.once('exit', kill);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        onText(text);
      });
    }
    child.on('error', reject);
    child.on('exit', kill);
    child.on('close', () => {
      clearTimeout(limit);
      process.off('exit', kill);
      resolve(text);
    });
  });
}

/** What the kernel is started with. */
export const kernelParameters = ({
  root = '/',
  init,
  directory,
  memoryMiB,
}: Omit<Boot, 'timeLimitMs'> & { readonly memoryMiB: number }): string[] => [
  ...[`mem=${memoryMiB}M`, 'rootfstype=hostfs', `rootflags=${root}`, 'rw', `init=${init}`, 'quiet'],
  ...['con=null', 'con0=fd:0,fd:1', 'panic=1', `uml_dir=${directory}/uml`, 'umid=rig'],
];

/** Ends a guest: its processes are one group. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone: nothing to do.
  }
}

/** The guest's memory is a file that is mapped: on a tmpfs if there is one with room, for the sake of speed. */
function memoryDirectory(otherwise: string): string {
  const { bavail, bsize } = statfsSync('/dev/shm', { bigint: false });
  return bavail * bsize > 1.5 * MEMORY_MIB * 2 ** 20 ? '/dev/shm' : otherwise;
}

function readSteps({ directory, steps }: Guest): Map<string, StepResult> {
  const results = new Map<string, StepResult>();
  const read = (name: string): string => readFileSync(path.join(directory, 'steps', name), 'utf8');
  const there = new Set(readdirSync(path.join(directory, 'steps')));
  for (const { name } of steps) {
    if (!there.has(`${name}.exit`)) continue;
    const exitCode = Number(read(`${name}.exit`));
    results.set(name, { exitCode, stdout: read(`${name}.out`), stderr: read(`${name}.err`) });
  }
  return results;
}

/** insmod lines in the order of dependency: modules.dep names the nearest dependency first. */
export function insmodLines(modules: Guest['modules']): string[] {
  const loaded = new Set<string>();
  const lines: string[] = [];
  for (const [name, ...parameters] of modules) {
    const [file, ...dependencies] = moduleFiles(name);
    for (const needed of [...dependencies.reverse(), file!]) {
      if (loaded.has(needed)) continue;
      loaded.add(needed);
      lines.push(insmod(needed, needed === file ? parameters : []));
    }
  }
  return lines;
}

/** For a step that takes a module out (rmmod) and wants it back with other parameters; those it needs are still there. */
export function insmodAgain([name, ...parameters]: Guest['modules'][number]): string {
  return insmod(moduleFiles(name)[0]!, parameters);
}

const insmod = (file: string, parameters: readonly string[]): string =>
  ['insmod', file, ...parameters].map(quote).join(' ');

/** The file of a module, and those of the modules that it needs, the nearest first. */
export function moduleFiles(name: string): string[] {
  const version = execFileSync(KERNEL, ['--version'], { encoding: 'utf8' }).trim();
  const table = readFileSync(path.join(MODULES, version, 'modules.dep'), 'utf8');
  const line = table.split('\n').find((text) => text.split(':', 1)[0]!.endsWith(`/${name}.ko`));
  if (line === undefined) throw new Error(`the guest's kernel has no module ${name}`);
  const [file, dependencies] = line.split(':', 2) as [string, string];
  return [file, ...dependencies.trim().split(' ')]
    .filter((needed) => needed !== '')
    .map((needed) => path.join(MODULES, version, needed));
}

/** A word for the shell. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** A process takes its time in the guest: what bash can do by itself is done by bash. */
export const GUEST_LIBRARY = `
# A node for every sg device that has none yet.
make_nodes() {
  local device major minor
  for device in /sys/class/scsi_generic/sg*; do
    [[ -e $device && ! -e /dev/\${device##*/} ]] || continue
    IFS=: read -r major minor <"$device/dev"
    mknod "/dev/\${device##*/}" c "$major" "$minor"
  done
}

# Waits without a process: nothing is ever written to this pipe.
nap() { read -rt "$1" <&"$quiet_pipe" || true; }
`;

function initScript({ directory, modules, preparation, steps, timeLimitMs }: Guest): string {
  const blocks = steps.map(
    ({ name, script }) => `
read -r now _ </proc/uptime; echo "@@ $now ${name}"
(
${script}
) >"$WORK/steps/${name}.out" 2>"$WORK/steps/${name}.err" </dev/null
echo $? >"$WORK/steps/${name}.exit"
`,
  );
  return `#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run LC_ALL=C.UTF-8
export WORK=${quote(directory)}
mount -t proc proc /proc
mount -t sysfs sysfs /sys
# Process 1 must not end before the machine is off.
trap 'echo o >/proc/sysrq-trigger; sleep 30' EXIT
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/lock /run/nodes
cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/tty /run/nodes/
mount -t tmpfs tmpfs /dev
cp -a /run/nodes/. /dev/
ln -s /proc/self/fd /dev/fd
mkfifo /run/quiet && exec {quiet_pipe}<>/run/quiet
${GUEST_LIBRARY}
# Should the test be killed, nobody is left to end this machine.
(nap ${Math.ceil(timeLimitMs / 1000) + 10}; echo o >/proc/sysrq-trigger) &
${insmodLines(modules).join('\n')}
make_nodes
${preparation}
echo '${READY}'
${blocks.join('')}
`;
}
