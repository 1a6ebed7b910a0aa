import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { otherWriter } from '../../base/other-writer.ts';
import { isExecutable, programText } from '../../base/program-facts.ts';
import { nativePartFile } from '../../native/koffi.ts';
import { startLibc } from '../../native/libc.ts';
import { NativeError } from '../../native/native-error.ts';
import { refusal } from '../../base/refusal.ts';
import { counted } from '../../report/quantities.ts';
import type { CheckName, Finding } from '../../report/doctor-text.ts';

/** The program itself: which it is, its native part, and who else can change either. */
export function programChecks(procRoot: string): Finding[] {
  const file = isExecutable() ? process.execPath : import.meta.filename;
  return [
    trusted('program', file, `runbook ${programText()}, ${file}`),
    nativePart(),
    ...(isExecutable() ? [libatomic(procRoot)] : []),
    { check: 'kernel', status: 'ok', found: `Linux ${release()}, ${process.arch}`, next: null },
  ];
}

function nativePart(): Finding {
  try {
    const { threads, signalsBlocked } = startLibc().pool;
    const file = nativePartFile() ?? 'loaded';
    if (!signalsBlocked)
      return {
        check: 'native-part',
        status: 'problem',
        found: `${file}: its threads take signals, so that a command could be sent twice`,
        next: 'Start runbook itself, and nothing that loads it.',
      };
    return trusted('native-part', file, `${file}, ${counted(threads, 'thread')}`);
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    const { message, next } = error.refusal;
    return { check: 'native-part', status: 'problem', found: message, next };
  }
}

/** Node.js 26 needs it, and not every minimal system has it. Without it the dynamic linker does not start the program at all. */
function libatomic(procRoot: string): Finding {
  const check = 'libatomic';
  const file = / (\/\S*\/libatomic\.so\S*)$/m.exec(textOf(`${procRoot}/self/maps`))?.[1];
  return file === undefined
    ? { check, status: 'ok', found: 'not needed by this executable', next: null }
    : { check, status: 'ok', found: file, next: null };
}

/** A file whose code runs as root. */
function trusted(check: CheckName, file: string, found: string): Finding {
  const other = otherWriter(file);
  if (other === null) return { check, status: 'ok', found, next: null };
  const { message, next } = refusal('others-can-write', {
    what: `${file}: ${other.entry} can be changed by ${other.who}`,
  });
  return { check, status: process.geteuid?.() === 0 ? 'problem' : 'warning', found: message, next };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
