import type { FileIdentity } from '../base/durable-file.ts';
import { ReadError, readWholeFile, type Waits } from '../base/whole-file.ts';
import { diagnosticOfFile, type Diagnostic } from '../playbook/diagnostics.ts';

/** Far more than a person writes; a firmware image given by mistake is larger than most playbooks. */
const MOST_BYTES = 4 * 1024 * 1024;

export interface ReadFile {
  readonly text: string;
  readonly hasMark: boolean;
  /** null: it came through a pipe. */
  readonly identity: FileIdentity | null;
  readonly problem: null;
}

export type TextFile = ReadFile | { readonly text: null; readonly problem: Diagnostic };

/** Reads a playbook or lab file; what cannot be read is a diagnostic like any other mistake. `text` is without `hasMark`, the byte order mark. */
export async function readText(file: string, waits: Waits = 'pool'): Promise<TextFile> {
  const problem = (code: Diagnostic['code'], message: string, hint: string): TextFile => ({
    text: null,
    problem: diagnosticOfFile(file, { code, message, hint }),
  });
  try {
    const { bytes, identity } = await readWholeFile(file, MOST_BYTES, waits);
    if (isUtf16(bytes))
      return problem('encoding', 'is UTF-16 text, as some editors on Windows save it', 'save it as UTF-8');
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const hasMark = text.startsWith('\ufeff');
    return { text: hasMark ? text.slice(1) : text, hasMark, identity, problem: null };
  } catch (error) {
    if (error instanceof TypeError) {
      return problem('encoding', 'is not UTF-8 text', 'save it as UTF-8; or is it a firmware image?');
    }
    if (!(error instanceof ReadError)) throw error;
    if (error.code === 'too-large') {
      return problem(
        'too-large',
        error.message,
        'give the playbook or the lab file here, not the firmware image',
      );
    }
    return problem('no-file', error.message, hintOf(error));
  }
}

function hintOf(error: ReadError): string {
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code))
    return 'check the path; it is relative to the current directory';
  if (code === 'EACCES' || code === 'EPERM')
    return 'run runbook as a user who may read it, or change its mode';
  return 'check the file system that it lies on';
}

/** With its mark; or without it, where every second byte of the first word is NUL. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second, , fourth] = bytes;
  return (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    (second === 0 && fourth === 0 && bytes.length % 2 === 0 && first !== 0)
  );
}
