import { writeWhole, type FileIdentity } from '../base/durable-file.ts';

/**
 * Replaces the text of the playbook that was read, as a whole. Owner and permissions stay, a link still leads to the file. Rejects
 * with the error of the file system, and where another file has come into its place; the old text is there then.
 */
export const savePlaybook = (file: string, text: string, instead: FileIdentity): Promise<void> =>
  writeWhole(file, text, { instead });

/** Writes a new file; one that is there already is never touched (EEXIST). */
export const createPlaybook = (file: string, text: string): Promise<void> =>
  writeWhole(file, text, { target: 'new', mode: 0o644 });
