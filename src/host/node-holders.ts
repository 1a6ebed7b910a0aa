import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * Which processes have a node open, as `smartd (1234)`; what belongs to others is only seen by root. Reads every
 * process's descriptors: for an error message, not for a loop.
 */
export const nodeHolders = (node: string, procRoot: string): string[] =>
  holdersOfNodes([node], procRoot).map(({ process }) => process);

/** The same for several nodes at once; a process that has two of them open is there twice. */
export function holdersOfNodes(
  nodes: readonly string[],
  procRoot: string,
): { readonly process: string; readonly node: string }[] {
  if (nodes.length === 0) return [];
  return namesIn(procRoot).flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    const descriptors = path.join(procRoot, pid, 'fd');
    const open = new Set(namesIn(descriptors).map((fd) => targetOf(path.join(descriptors, fd))));
    const held = nodes.filter((node) => open.has(node));
    if (held.length === 0) return [];
    const name = `${commandOf(path.join(procRoot, pid, 'comm'))} (${pid})`;
    return held.map((node) => ({ process: name, node }));
  });
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
