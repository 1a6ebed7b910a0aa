import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What tells the processes of one program from all others. */
export interface ProgramMark {
  /** Process id of the program itself, which leads a group and a session of its own. */
  readonly leader: number;
  /** An entry of its environment, `NAME=VALUE`, which its children inherit. */
  readonly environment: string;
  /**
   * Children of ours that are not the program's. We are the reaper of what it leaves behind, so that any other child of ours is one of
   * its own. null: several programs run at once, and that cannot be said.
   */
  readonly others: ReadonlySet<number> | null;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * The processes of a program that are alive: by group, session, environment and parents. So also one that made a session of its own,
 * and lost its parent.
 */
export function processesOf({ leader, environment, others }: ProgramMark, procRoot = '/proc'): number[] {
  const all = processes(procRoot);
  const found = new Set(
    all
      .filter(
        ({ pid, parent, group, session }) =>
          [pid, group, session].includes(leader) ||
          (others !== null && parent === process.pid && !others.has(pid)) ||
          environmentOf(pid, procRoot).includes(environment),
      )
      .map(({ pid }) => pid),
  );
  // Their children, and the children of these.
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found];
}

/** Our children: those that we started, and orphans that came to us. */
export const ownChildren = (procRoot = '/proc'): number[] =>
  processes(procRoot)
    .filter(({ parent }) => parent === process.pid)
    .map(({ pid }) => pid);

/** Without those that ended and were not waited for. */
function processes(procRoot: string): Process[] {
  return readdirSync(procRoot).flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = textOf(path.join(procRoot, name, 'stat'));
    // The name in parentheses may hold anything; field 3 follows the last one.
    const [state, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (session === undefined || state === 'Z' || state === 'X') return [];
    return [{ pid: Number(name), parent: Number(parent), group: Number(group), session: Number(session) }];
  });
}

const environmentOf = (pid: number, procRoot: string): readonly string[] =>
  textOf(path.join(procRoot, String(pid), 'environ')).split('\0');

/** '': it is gone, or not ours to read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
