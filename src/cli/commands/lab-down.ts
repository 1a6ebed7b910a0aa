import { documentOf } from '../../report/documents.ts';
import { printable } from '../../report/ink.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import { ServedError } from '../../served-lab/served-error.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { refuseHostOptions, servedFailure } from '../served-answers.ts';
import { idOfLabFile, servedLabs, takeDown, type FoundLab } from '../served-labs.ts';
import { UsageError } from '../usage-error.ts';

const COMMAND = 'lab down';

export interface LabDownOptions extends CommonOptions {
  readonly all: boolean;
}

/** `runbook lab down [LAB|--all]`: takes a lab away, also what one left that was killed. Nothing there: nothing to do. */
export async function labDown(file: string | undefined, options: LabDownOptions): Promise<Answer> {
  refuseHostOptions(options);
  try {
    const labs: { id: string; file: string | null; result: string }[] = [];
    for (const lab of chosen(await servedLabs(), file, options.all)) {
      labs.push({ id: lab.id, file: lab.file, result: await takeDown(lab) });
    }
    const exit = exitOf('OK');
    const lines = labs.map(({ id, file: of, result }) => `${of ?? id}: ${result.replace('-', ' ')}`);
    return {
      exit,
      document: documentOf('runbook.lab/1', COMMAND, exit, { body: { labs } }),
      text: (lines.length === 0 ? ['no lab is up'] : lines).map((line) => `${printable(line)}\n`).join(''),
    };
  } catch (error) {
    if (!(error instanceof ServedError)) throw error;
    return servedFailure(COMMAND, error);
  }
}

function chosen(labs: readonly FoundLab[], file: string | undefined, all: boolean): readonly FoundLab[] {
  if (file !== undefined && all) throw new UsageError('lab down takes a lab or --all', 'Give one of them.');
  if (file !== undefined) return labs.filter(({ id }) => id === idOfLabFile(file));
  if (labs.length > 1 && !all) {
    const names = labs.map((lab) => lab.file ?? lab.id).join(', ');
    throw new UsageError(`${labs.length} labs are up: ${names}`, 'Name one, or give --all.');
  }
  return labs;
}
