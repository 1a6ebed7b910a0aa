import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { openDirectoryOf, type FileInDirectory } from './file-in-directory.ts';
import { within } from './own-directory.ts';

/** How a file comes into its place. */
export interface WrittenAs {
  /** Of a new file, less the umask. Default: 0600. */
  readonly mode?: number;
  /** `new`: a file that is there already is left alone (EEXIST). Default: it is replaced. */
  readonly target?: 'any' | 'new';
  /** The file that was read, which is to be replaced and no other: it keeps owner and permissions. */
  readonly instead?: FileIdentity;
}

/** Tells a file from any other that is put in its place. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * Writes a file as a whole: after a crash the old content is there, or the new one. Rejects with the error of the file system,
 * and leaves nothing half written behind.
 */
export async function writeWhole(
  file: string,
  content: string | Uint8Array,
  as: WrittenAs = {},
): Promise<void> {
  const pending = await PendingFile.open(file, as);
  try {
    await pending.append(content);
    await pending.commit();
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

/**
 * A file under another name until it is complete. To open it proves that its directory can be written to. Whatever another user
 * does to the way to it meanwhile, it comes into the directory that was found, with owner and permissions set before it has its
 * name.
 */
export class PendingFile {
  readonly #file: FileInDirectory;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #as: WrittenAs;
  #ended = false;

  private constructor(place: FileInDirectory, temporary: string, handle: FileHandle, as: WrittenAs) {
    this.#file = place;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#as = as;
  }

  /** Rejects with the error of the file system, like the other methods, and where something else than a file would go. */
  static async open(file: string, as: WrittenAs = {}): Promise<PendingFile> {
    const place = openDirectoryOf(file, as.target === 'new');
    try {
      if (as.target === 'new') requireNone(place);
      else requireReplaceable(place);
      const temporary = within(place.directoryFd, `.${randomBytes(8).toString('hex')}`);
      return new PendingFile(place, temporary, await open(temporary, 'wx', as.mode ?? 0o600), as);
    } catch (error) {
      closeSync(place.directoryFd);
      throw error;
    }
  }

  async append(content: string | Uint8Array): Promise<void> {
    await this.#handle.appendFile(content);
  }

  /** Puts it in the place of the file: what was appended is on the disk before the name is. */
  async commit(): Promise<void> {
    const { entry, directoryFd } = this.#file;
    if (this.#as.instead !== undefined) await this.#takeAfter(this.#as.instead);
    await this.#handle.sync();
    await this.#handle.close();
    if (this.#as.target === 'new') await moveToNew(this.#temporary, entry);
    else await rename(this.#temporary, entry);
    // A directory into which we may write, but not look.
    await syncDirectory(within(directoryFd, '.')).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    });
    this.#end();
  }

  /** Leaves the file as it was. Never rejects. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    if (this.#ended) return;
    await rm(this.#temporary, { force: true }).catch(() => undefined);
    this.#end();
  }

  /** Owner and permissions of the file that it replaces; not what gives rights to the one who executes it. */
  async #takeAfter({ dev, ino }: FileIdentity): Promise<void> {
    const before = lstatSync(this.#file.entry, { bigint: true });
    if (before.dev !== dev || before.ino !== ino || !before.isFile()) {
      throw new Error('is another file now than the one that was read');
    }
    const [uid, gid] = [Number(before.uid), Number(before.gid)];
    const now = await this.#handle.stat();
    if (now.uid !== uid || now.gid !== gid) await this.#handle.chown(uid, gid).catch(() => undefined);
    await this.#handle.chmod(Number(before.mode) & 0o777);
  }

  #end(): void {
    this.#ended = true;
    closeSync(this.#file.directoryFd);
  }
}

/** A name for a file where there must be none. File systems without links look first. */
async function moveToNew(temporary: string, entry: string): Promise<void> {
  try {
    await link(temporary, entry);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    if (lstatSync(entry, { throwIfNoEntry: false }) !== undefined) throw exists();
    await rename(temporary, entry);
    return;
  }
  await rm(temporary);
}

const exists = (): Error => Object.assign(new Error('EEXIST: file already exists'), { code: 'EEXIST' });

function requireNone({ entry }: FileInDirectory): void {
  if (lstatSync(entry, { throwIfNoEntry: false }) !== undefined) throw exists();
}

/** To rename a file over a device node, a pipe, or a file that is protected would take it away. */
function requireReplaceable({ entry }: FileInDirectory): void {
  const before = lstatSync(entry, { throwIfNoEntry: false });
  if (before === undefined) return;
  if (before.isDirectory()) throw new Error('is a directory');
  if (!before.isFile()) throw new Error('is not a regular file');
  accessSync(entry, constants.W_OK);
}

/** The file behind symbolic links; where there is none yet, its place in the directory behind them. */
export function realTarget(file: string): string {
  const absolute = path.resolve(file);
  try {
    return realpathSync(absolute);
  } catch (error) {
    const { dir, base } = path.parse(absolute);
    if (base === '') return absolute;
    // A link to a file that is still to come: that file is meant. Links in a circle are not ENOENT.
    const link = (error as NodeJS.ErrnoException).code === 'ENOENT' ? linkText(absolute) : null;
    return link === null ? path.join(realTarget(dir), base) : realTarget(path.resolve(realTarget(dir), link));
  }
}

/** Where a symbolic link leads; null: it is none. */
function linkText(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

/** Makes the names in a directory last: a new or renamed file is there after a crash. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
