import { readFileSync, statSync } from 'node:fs';
import { diagnosticOfFile, type Diagnostic } from '../playbook/diagnostics.ts';

/** Far more than a person writes; a firmware image given by mistake is larger than most playbooks. */
const MOST_BYTES = 4 * 1024 * 1024;

export type TextFile =
  { readonly text: string; readonly problem: null } | { readonly text: null; readonly problem: Diagnostic };

/** Reads a playbook or lab file; what cannot be read is a diagnostic like any other mistake. */
export const readText = (file: string): Promise<TextFile> => Promise.resolve(readNow(file));

/** At once: to start Node's thread pool for two small reads takes longer than to check what is in them. */
function readNow(file: string): TextFile {
  const problem = (code: Diagnostic['code'], message: string, hint: string): TextFile => ({
    text: null,
    problem: diagnosticOfFile(file, { code, message, hint }),
  });
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) {
      return problem('too-large', `is ${size} bytes long`, 'give the playbook here, not the firmware image');
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return { text, problem: null };
  } catch (error) {
    if (error instanceof TypeError) {
      return problem('encoding', 'is not UTF-8 text', 'save it as UTF-8; a firmware image is no playbook');
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return problem('no-file', reasonOf(code), 'check the path; it is taken from the current directory');
  }
}

function reasonOf(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'may not be read by this user';
    case 'EISDIR':
      return 'is a directory';
    default:
      return `cannot be read (${code})`;
  }
}
