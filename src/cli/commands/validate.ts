import type { Diagnostic } from '../../playbook/diagnostics.ts';
import { printable } from '../../report/ink.ts';
import { exactSizeText } from '../../report/quantities.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import type { CheckedPlaybook } from '../checked-playbook.ts';
import { diagnosticsAnswer } from '../diagnostics-output.ts';
import type { Io } from '../io.ts';
import { readPlaybook } from '../read-playbook.ts';

export interface ValidateOptions extends CommonOptions {
  readonly withoutImage: boolean;
}

/** `runbook validate PLAYBOOK…`: words and images, no hardware. Exit 3 when one file has an error. */
export async function validate(files: readonly string[], options: ValidateOptions, io: Io): Promise<Answer> {
  const labImages =
    options.lab === undefined ? undefined : await (await import('../lab.ts')).readLabImages(options.lab);
  // One after the other: images may be large, and the order of the answer is that of the command line.
  const checked: CheckedPlaybook[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const read = await readPlaybook(file, { labImages, withoutImage: options.withoutImage });
    checked.push(read.checked);
    diagnostics.push(...read.diagnostics);
  }
  const exit = exitOf(checked.every(({ valid }) => valid) ? 'OK' : 'INVALID');
  const valid = checked
    .filter((playbook) => playbook.valid)
    .map((playbook) => validText(playbook, options.withoutImage));
  return diagnosticsAnswer({ command: 'validate', exit, checked, diagnostics }, valid.join(''), options, io);
}

function validText({ file, name, images }: CheckedPlaybook, withoutImage: boolean): string {
  const lines = [`${file}: valid${withoutImage ? ', images not read' : ''}: ${name ?? ''}`];
  for (const image of images) {
    const what = `${image.file}, ${exactSizeText(image.bytes)}, sha256 ${image.sha256.slice(0, 12)}`;
    lines.push(`  play ${image.play}: ${what}, revision ${image.revision}`);
  }
  return lines.map((line) => `${printable(line)}\n`).join('');
}
