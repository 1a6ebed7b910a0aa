import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Enough to tell a process from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, in clock ticks since the boot; null: not known. */
  readonly startTicks: string | null;
}

/** Changes with every boot of the machine; null: not known. */
export function readBootId(procRoot = '/proc'): string | null {
  return textOf(path.join(procRoot, 'sys/kernel/random/boot_id'))?.trim() || null;
}

/** The same over all boots of this installation, machine-id(5); null: not known. */
export function readMachineId(file = '/etc/machine-id'): string | null {
  const id = textOf(file)?.trim() ?? '';
  return /^[0-9a-f]{32}$/.test(id) ? id : null;
}

/** A process that cannot be mistaken for a later one with its number. `startTicks` is null where there is no such process. */
export function processIdentity(pid: number = process.pid, procRoot = '/proc'): ProcessIdentity {
  const stat = textOf(path.join(procRoot, String(pid), 'stat'));
  // The name in parentheses may hold spaces and parentheses itself; field 3 follows the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, startTicks: fields?.[19] ?? null };
}

/** Only for processes of this boot. */
export function isAlive({ pid, startTicks }: ProcessIdentity, procRoot = '/proc'): boolean {
  if (startTicks !== null) return processIdentity(pid, procRoot).startTicks === startTicks;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
