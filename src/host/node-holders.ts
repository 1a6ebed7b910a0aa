import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * Which processes have a node open, as `smartd (1234)`; what belongs to others is only seen by root. Reads every
 * process's descriptors: for an error message, not for a loop.
 */
export function nodeHolders(node: string, procRoot: string): string[] {
  const holders: string[] = [];
  for (const pid of namesIn(procRoot)) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const descriptors = path.join(procRoot, pid, 'fd');
    const holds = namesIn(descriptors).some((fd) => targetOf(path.join(descriptors, fd)) === node);
    if (holds) holders.push(`${commandOf(path.join(procRoot, pid, 'comm'))} (${pid})`);
  }
  return holders;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // gone meanwhile, or not ours to see
  }
}

function targetOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}

function commandOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'process';
  }
}
