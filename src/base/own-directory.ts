import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { otherWriter } from './other-writer.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** Other users can change a place that root trusts. `message` names the place and them. */
export class OthersCanWriteError extends Error {}

/** Throws OthersCanWriteError where we are root, and another user can change what is at the path. */
export function requireOwn(file: string): void {
  const other = process.geteuid?.() === 0 ? otherWriter(file) : null;
  if (other !== null) throw new OthersCanWriteError(`${other.entry} can be changed by ${other.who}`);
}

/**
 * Makes a directory where it is missing, with those above it, for its owner alone, and opens it. Where root is to trust it, and
 * another user made it first or can change it, it is refused, and nothing is made. Work in it with {@link within}. Throws
 * OthersCanWriteError, and what the file system says.
 */
export function openOwnDirectory(directory: string): number {
  requireOwn(directory);
  make(directory);
  const fd = openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    // After it was opened: nobody else could have put another one there since.
    requireOwn(directory);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A name in an open directory, whatever happens to the path of that directory meanwhile. */
export const within = (directoryFd: number, name: string): string => `/proc/self/fd/${directoryFd}/${name}`;

/** Not with `recursive`: where a file system answers ENOENT to every mkdir, as /proc does, Node would try forever. */
function make(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || parent === directory) throw error;
    make(parent);
    // Where others may make entries, one of them may have made the way to it meanwhile.
    requireOwn(directory);
    mkdirSync(directory, { mode: 0o700 });
  }
}
