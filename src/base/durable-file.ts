import { randomBytes } from 'node:crypto';
import { accessSync, constants, readlinkSync, realpathSync, statSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/**
 * Replaces a file as a whole: after a crash the old text is there, or the new one. Rejects with the error of the file system,
 * and leaves nothing half written behind.
 */
export async function replaceFile(file: string, text: string, mode = 0o600): Promise<void> {
  const pending = await PendingFile.open(file, mode);
  try {
    await pending.append(text);
    await pending.commit();
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

/** A file under another name until it is complete. To open it proves that its directory can be written to. */
export class PendingFile {
  readonly #file: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;

  private constructor(file: string, temporary: string, handle: FileHandle) {
    this.#file = file;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** Rejects with the error of the file system, like the other methods, and where something else than a file would go. */
  static async open(file: string, mode = 0o600): Promise<PendingFile> {
    const target = realTarget(file);
    requireReplaceable(target);
    const temporary = path.join(path.dirname(target), `.${randomBytes(8).toString('hex')}`);
    return new PendingFile(target, temporary, await open(temporary, 'wx', mode));
  }

  async append(text: string): Promise<void> {
    await this.#handle.appendFile(text);
  }

  /** Puts it in the place of the file: what was appended is on the disk before the name is. */
  async commit(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.#file);
    await syncDirectory(path.dirname(this.#file));
  }

  /** Leaves the file as it was. Never rejects. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }
}

/** To rename a file over a device node, a pipe, or a file that is protected would take it away. */
function requireReplaceable(target: string): void {
  const before = statSync(target, { throwIfNoEntry: false });
  if (before === undefined) return;
  if (before.isDirectory()) throw new Error('is a directory');
  if (!before.isFile()) throw new Error('is not a regular file');
  accessSync(target, constants.W_OK);
}

/** The file behind symbolic links; where there is none yet, its place in the directory behind them. */
export function realTarget(file: string): string {
  const absolute = path.resolve(file);
  try {
    return realpathSync(absolute);
  } catch (error) {
    const { dir, base } = path.parse(absolute);
    if (base === '') return absolute;
    // A link to a file that is still to come: that file is meant. Links in a circle are no ENOENT.
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
