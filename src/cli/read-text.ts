import { ReadError, readWhole } from '../base/whole-file.ts';
import { diagnosticOfFile, type Diagnostic } from '../playbook/diagnostics.ts';

/** Far more than a person writes; a firmware image given by mistake is larger than most playbooks. */
const MOST_BYTES = 4 * 1024 * 1024;

export type TextFile =
  | { readonly text: string; readonly hasMark: boolean; readonly problem: null }
  | { readonly text: null; readonly problem: Diagnostic };

/** Reads a playbook or lab file; what cannot be read is a diagnostic like any other mistake. `text` is without `hasMark`, the byte order mark. */
export async function readText(file: string): Promise<TextFile> {
  const problem = (code: Diagnostic['code'], message: string, hint: string): TextFile => ({
    text: null,
    problem: diagnosticOfFile(file, { code, message, hint }),
  });
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      await readWhole(file, MOST_BYTES),
    );
    const hasMark = text.startsWith('\ufeff');
    return { text: hasMark ? text.slice(1) : text, hasMark, problem: null };
  } catch (error) {
    if (error instanceof TypeError) {
      return problem('encoding', 'is not UTF-8 text', 'save it as UTF-8; or is it a firmware image?');
    }
    if (!(error instanceof ReadError)) throw error;
    if (error.code === 'too-large') {
      return problem('too-large', error.message, 'give the playbook here, not the firmware image');
    }
    return problem('no-file', error.message, 'check the path; it is relative to the current directory');
  }
}
