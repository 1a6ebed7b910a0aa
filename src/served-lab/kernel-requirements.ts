import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from '../host/program.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError } from './served-error.ts';

/** With those that each of them needs: configfs, target_core_mod, uio, scsi_mod. */
const MODULES = ['target_core_user', 'tcm_loop', 'sg'] as const;
const PROGRAM_TIMEOUT_MS = 30_000;

type Run = (argv: readonly string[]) => Promise<{ readonly exitCode: number; readonly output: string }>;

/** What a test turns. */
export interface Machine {
  readonly userId: () => number;
  readonly run: Run;
}

const THIS_MACHINE: Machine = {
  userId: () => process.getuid?.() ?? 0,
  run: (argv) => runProgram(argv, PROGRAM_TIMEOUT_MS),
};

/**
 * Loads the modules and mounts configfs where that was not done yet. Throws ServedError that names what is missing:
 * `not-permitted`, `no-module`, `no-configfs`.
 */
export async function requireKernelTarget(roots: LabRoots, machine: Machine = THIS_MACHINE): Promise<void> {
  requireRoot(machine);
  for (const name of MODULES) await requireModule(name, roots, machine.run);
  await requireConfigfs(roots, machine.run);
}

/** Throws ServedError `not-permitted`. */
export function requireRoot({ userId }: Pick<Machine, 'userId'> = THIS_MACHINE): void {
  if (userId() === 0) return;
  throw new ServedError(
    'not-permitted',
    'only root may attach a lab to the kernel, and see or end what is attached',
    'Run it as root, or rehearse without a kernel: runbook plan PLAYBOOK --lab LAB.yml',
  );
}

async function requireModule(name: string, { sysfs }: LabRoots, run: Run): Promise<void> {
  if (await exists(path.join(sysfs, 'module', name))) return;
  const answer = await run(['modprobe', name]).catch((error: unknown) => ({
    exitCode: 127,
    output: error instanceof Error ? error.message : String(error),
  }));
  if (answer.exitCode === 0) return; // loaded, or a part of the kernel
  const [reason = ''] = answer.output.trim().split('\n');
  throw new ServedError(
    'no-module',
    `the kernel module ${name} is not loaded, and modprobe ${name} failed${reason === '' ? '' : `: ${reason}`}`,
    `Load ${name}; where this kernel was built without it, use a virtual machine whose kernel has it.`,
  );
}

async function requireConfigfs({ configfs, proc }: LabRoots, run: Run): Promise<void> {
  if (await exists(path.join(configfs, 'target'))) return;
  const mounts = await readFile(path.join(proc, 'mounts'), 'latin1').catch(() => '');
  const mounted = mounts.split('\n').some((line) => {
    const [, at, type] = line.split(' ');
    return at === configfs && type === 'configfs';
  });
  if (!mounted) {
    await run(['mount', '-t', 'configfs', 'configfs', configfs]).catch(() => undefined);
    if (await exists(path.join(configfs, 'target'))) return;
  }
  const problem = mounted ? `${configfs} has no folder target` : `configfs cannot be mounted on ${configfs}`;
  throw new ServedError(
    'no-configfs',
    problem,
    mounted ? 'Load target_core_mod.' : `See why: mount -t configfs configfs ${configfs}`,
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
