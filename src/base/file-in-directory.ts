import { closeSync, constants, existsSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { within } from './own-directory.ts';
import { isTrusted } from './other-writer.ts';

/** A handle of a directory that gives no right but to work with its entries; as Linux numbers it, Node does not name it. */
const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** As the kernel counts. */
const MOST_LINKS = 40;

/** Code of the error where files cannot be reached through the descriptors of their folders. */
export const NO_PROC = 'ERR_NO_PROC';

/** Where a file is, or is to come: an open directory, and a name in it. */
export interface FileInDirectory {
  readonly directoryFd: number;
  readonly name: string;
  /** For text: without links. */
  readonly path: string;
  /** Through the open directory, whatever is done to the way to it meanwhile. */
  readonly entry: string;
}

/**
 * Goes to a file from directory to directory, each opened without following a link. A link is followed where it belongs to root or
 * to us; one that another user made may lead anywhere, and is refused, as the kernel does in /tmp. Close `directoryFd`. Throws
 * what the file system says.
 *
 * @param keepsLink a link in the place of the file itself is not followed
 */
export function openDirectoryOf(file: string, keepsLink = false): FileInDirectory {
  if (!existsSync('/proc/self/fd')) throw Object.assign(new Error('/proc is not mounted'), { code: NO_PROC });
  const names = namesOf(path.resolve(file));
  let at = '/';
  let directoryFd = openSync(at, DIRECTORY);
  let links = 0;
  try {
    for (;;) {
      const name = names.shift() ?? '.';
      const entry = within(directoryFd, name);
      const stats = lstatSync(entry, { throwIfNoEntry: false });
      if (stats?.isSymbolicLink() && !(keepsLink && names.length === 0)) {
        const link = path.join(at, name);
        if (!isTrusted(stats.uid)) throw new Error(`${link} is a link of user ${stats.uid}`);
        if (++links > MOST_LINKS)
          throw Object.assign(new Error('ELOOP: too many symbolic links'), { code: 'ELOOP' });
        const target = readlinkSync(entry);
        names.unshift(...namesOf(target));
        if (!path.isAbsolute(target)) continue;
        at = '/';
        directoryFd = replaced(directoryFd, openSync(at, DIRECTORY));
        continue;
      }
      at = path.join(at, name);
      if (names.length === 0) return { directoryFd, name, path: at, entry };
      directoryFd = replaced(directoryFd, openSync(entry, DIRECTORY));
    }
  } catch (error) {
    closeSync(directoryFd);
    throw error;
  }
}

const namesOf = (text: string): string[] => text.split('/').filter((name) => name !== '' && name !== '.');

function replaced(before: number, now: number): number {
  closeSync(before);
  return now;
}
