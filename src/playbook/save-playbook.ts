import { chmod, chown, open, realpath, rm, stat } from 'node:fs/promises';
import { replaceFile } from '../base/durable-file.ts';

/**
 * Replaces the text of a playbook as a whole. Mode and owner stay, a link still leads to the file. Rejects with the
 * error of the file system; the old text is there then.
 */
export async function savePlaybook(file: string, text: string): Promise<void> {
  const target = await realpath(file);
  const { mode, uid, gid } = await stat(target);
  await replaceFile(target, text, mode & 0o777);
  const now = await stat(target);
  // Where root mends the file of somebody else, it stays theirs.
  if (now.uid !== uid || now.gid !== gid) await chown(target, uid, gid).catch(() => undefined);
  // What the umask took away.
  if ((now.mode & 0o7777) !== (mode & 0o7777)) await chmod(target, mode & 0o7777);
}

/** Writes a new file; one that is there already is never touched (EEXIST). */
export async function createPlaybook(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(file, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}
