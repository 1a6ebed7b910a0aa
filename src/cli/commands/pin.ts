import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import type { Diagnostic } from '../../playbook/diagnostics.ts';
import { isRight, pinPlaybook, type Pin, type Pinning } from '../../playbook/pin.ts';
import { savePlaybook } from '../../playbook/save-playbook.ts';
import { documentOf } from '../../report/documents.ts';
import { diagnosticsText } from '../../report/diagnostics-text.ts';
import { printable } from '../../report/ink.ts';
import { counted, exactSizeText } from '../../report/quantities.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { readText, type ReadFile } from '../read-text.ts';
import { UsageError } from '../usage-error.ts';

export interface PinCommandOptions extends CommonOptions {
  /** Change nothing; exit 3 when a hash is not right. */
  readonly check: boolean;
}

/** One playbook of the command line: an entry of `playbooks` in runbook.pin/1. */
interface PinnedFile {
  readonly file: string;
  readonly changed: boolean;
  readonly pins: readonly Pin[];
}

/** `runbook pin PLAYBOOK…`: the hashes of the images that are there, written into the playbooks. */
export async function pin(files: readonly string[], options: PinCommandOptions, io: Io): Promise<Answer> {
  const labImages =
    options.lab === undefined ? undefined : await (await import('../lab.ts')).readLabImages(options.lab);
  const pinned: PinnedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  let isValid = true;
  for (const file of files) {
    const read = await readText(file);
    if (read.problem !== null) {
      diagnostics.push(read.problem);
      isValid = false;
      continue;
    }
    const { text } = read;
    const pinning = await pinPlaybook(file, text, {
      directory: path.dirname(file),
      ...(labImages === undefined ? {} : { labImages }),
    });
    const changed = !options.check && (await save(file, pinning, read));
    pinned.push({ file, changed, pins: pinning.pins });
    diagnostics.push(...pinning.diagnostics);
    if (pinning.text === null || (options.check && !pinning.pins.every(isRight))) isValid = false;
  }
  const exit = exitOf(isValid ? 'OK' : 'INVALID');
  const ink = inkOf(io.stdout, io.env, options.color);
  return {
    exit,
    document: documentOf('runbook.pin/1', 'pin', exit, { body: { playbooks: pinned }, diagnostics }),
    text: pinned.map((entry) => pinnedText(entry)).join('') + diagnosticsText(diagnostics, ink),
  };
}

/** Whether there was something to write. A byte order mark stays: what is not a hash is as it was. */
async function save(
  file: string,
  pinning: Pinning,
  { hasMark, identity }: Pick<ReadFile, 'hasMark' | 'identity'>,
): Promise<boolean> {
  if (pinning.text === null || pinning.pins.every(isRight)) return false;
  try {
    if (identity === null) throw new Error('it is a pipe');
    await savePlaybook(file, (hasMark ? '\ufeff' : '') + pinning.text, identity);
  } catch (error) {
    throw new UsageError(
      `${file}: cannot be written: ${causeText(error)}`,
      'Check the permissions of the file and its directory, or use --check.',
    );
  }
  return true;
}

function pinnedText({ file, changed, pins }: PinnedFile): string {
  const wrong = pins.filter((one) => !isRight(one)).length;
  const verdict = changed
    ? `${counted(wrong, 'image')} pinned`
    : wrong === 0
      ? 'nothing to change'
      : `not changed, ${counted(wrong, 'wrong pin')}`;
  const lines = [`${file}: ${pins.length === 0 ? 'not changed' : verdict}`];
  for (const one of pins) {
    lines.push(`  play ${one.play}: ${one.image}, ${exactSizeText(one.bytes)}`);
    lines.push(
      `    sha256 ${isRight(one) ? `${one.after} is right` : `${one.before ?? 'none'} → ${one.after}`}`,
    );
  }
  return lines.map((line) => `${printable(line)}\n`).join('');
}
