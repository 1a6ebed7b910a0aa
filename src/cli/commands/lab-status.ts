import { documentOf } from '../../report/documents.ts';
import { printable } from '../../report/ink.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { ServedUnitStatus } from '../../served-lab/control.ts';
import { ServedError } from '../../served-lab/served-error.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { refuseHostOptions, servedFailure, unitLine } from '../served-answers.ts';
import { ask, servedLabs, type FoundLab } from '../served-labs.ts';

const COMMAND = 'lab status';

interface LabEntry extends FoundLab {
  /** False: its process is gone, and what it left is still there. */
  readonly up: boolean;
  readonly units: readonly ServedUnitStatus[];
}

/** `runbook lab status`: the labs that are attached to this machine's kernel, and what they run now. */
export async function labStatus(options: CommonOptions): Promise<Answer> {
  refuseHostOptions(options);
  try {
    const labs: LabEntry[] = [];
    for (const lab of await servedLabs()) {
      const reply = await ask(lab, { ask: 'status' });
      labs.push({ ...lab, up: reply !== null, units: reply?.ok === true ? reply.units : [] });
    }
    const exit = exitOf('OK');
    return {
      exit,
      document: documentOf('runbook.lab/1', COMMAND, exit, { body: { labs } }),
      text: labs.length === 0 ? 'no lab is up\n' : labs.map(labText).join(''),
    };
  } catch (error) {
    if (!(error instanceof ServedError)) throw error;
    return servedFailure(COMMAND, error);
  }
}

function labText({ id, file, pid, up, units }: LabEntry): string {
  const name = file ?? id;
  const head = up
    ? `${name}: served by process ${pid ?? 'unknown'}`
    : `${name}: its process is gone; runbook lab down --all cleans up`;
  return [printable(head), ...units.map((unit) => `  ${unitLine(unit)}`)].map((line) => `${line}\n`).join('');
}
