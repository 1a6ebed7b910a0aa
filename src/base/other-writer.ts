import { lstatSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Somebody who can change what a path leads to, and is neither root nor we. */
export interface OtherWriter {
  /** The entry on the way that they can change. */
  readonly entry: string;
  /** `user 1000`, `group 100`, `every user` */
  readonly who: string;
}

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
/** As the kernel counts. */
const MOST_LINKS = 40;

/**
 * Who else can change what is at a path: the file itself, an entry on the way to it, or a link on that way. null: only root and
 * the user that we run as. Of a path whose end is not there yet, the part that is there is looked at. In a directory with the
 * sticky bit (/tmp) everybody makes new entries, and nobody changes those of others. Throws what lstat(2) says.
 */
export function otherWriter(file: string): OtherWriter | null {
  const names = namesOf(path.resolve(file));
  let at = '/';
  let links = 0;
  for (let name: string | undefined = '.'; name !== undefined; name = names.shift()) {
    const entry = path.join(at, name);
    const stats = lstatSync(entry, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    if (!isTrusted(stats.uid)) return { entry: entry, who: `user ${stats.uid}` };
    if (stats.isSymbolicLink()) {
      if (++links > MOST_LINKS) throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP' });
      const target = readlinkSync(entry);
      names.unshift(...namesOf(target));
      if (path.isAbsolute(target)) at = '/';
      continue;
    }
    const passesThrough = stats.isDirectory() && names.length > 0;
    if (!(passesThrough && (stats.mode & STICKY) !== 0)) {
      const who = writersOf(stats);
      if (who !== null) return { entry: entry, who };
    }
    at = entry;
  }
  return null;
}

const namesOf = (text: string): string[] => text.split('/').filter((name) => name !== '' && name !== '.');

/** Root can do everything anyway, and so can the user that we run as with what is ours. */
export const isTrusted = (uid: number): boolean => uid === 0 || uid === process.geteuid?.();

/** By mode bits, which show the rights of an access control list as well. null: the owner alone. */
function writersOf({ mode, gid }: { readonly mode: number; readonly gid: number }): string | null {
  if ((mode & OTHERS_WRITE) !== 0) return 'every user';
  return (mode & GROUP_WRITES) === 0 ? null : `group ${gid}`;
}
