import { documentOf } from '../../report/documents.ts';
import { exitOf } from '../../run/outcome.ts';
import type { UnitStatus } from '../../simulator/served/control.ts';
import { ServedError } from '../../simulator/served/served-error.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { refuseHostOptions, servedFailure, unitLine } from '../served-answers.ts';
import { ask, servedLabs } from '../served-labs.ts';

const COMMAND = 'lab power-cycle';

/** `runbook lab power-cycle [DEVICE]`: off and on again, for one device or for all that are up. The kernel is told nothing. */
export async function labPowerCycle(device: string | undefined, options: CommonOptions): Promise<Answer> {
  refuseHostOptions(options);
  try {
    const units: UnitStatus[] = [];
    for (const lab of await servedLabs()) {
      const reply = await ask(lab, { ask: 'power-cycle', device: device ?? null });
      if (reply?.ok === true) units.push(...reply.units);
    }
    if (units.length === 0) throw nothingThere(device);
    const exit = exitOf('OK');
    return {
      exit,
      document: documentOf('runbook.lab/1', COMMAND, exit, { body: { units } }),
      text: units.map((unit) => `${unitLine(unit)}\n`).join(''),
    };
  } catch (error) {
    if (!(error instanceof ServedError)) throw error;
    return servedFailure(COMMAND, error);
  }
}

function nothingThere(device: string | undefined): ServedError {
  return device === undefined
    ? new ServedError('not-up', 'no lab is up', 'Bring one up: runbook lab up LAB.yml')
    : new ServedError('not-up', `no lab that is up has a device ${device}`, 'See: runbook lab status');
}
