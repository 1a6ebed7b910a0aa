import { documentOf } from '../../report/documents.ts';
import { doctorText, type Finding } from '../../report/doctor-text.ts';
import { createInk } from '../../report/ink.ts';
import { openUnits } from '../../run/records/open-units.ts';
import { StateError } from '../../run/records/state-error.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { deviceChecks, systemChecks } from '../doctor/machine-checks.ts';
import { programChecks } from '../doctor/program-checks.ts';
import { wantsColor, type Io } from '../io.ts';
import { openHost } from '../open-host.ts';
import { openState, type OpenedState } from '../open-state.ts';

/** `runbook doctor`: what this machine has for an upgrade. Opens no device, and changes nothing. Exit 4 where there is a problem. */
export async function doctor(options: CommonOptions, io: Io): Promise<Answer> {
  const { proc = '/proc', sysfs = '/sys' } = options;
  const state = openState(options, io);
  const findings = [...programChecks(proc)];
  if (options.lab === undefined) findings.push(...systemChecks(proc, sysfs, state.directory.root));
  // What the program itself lacks is told above.
  const { host, close } = await openHost(options, { opensDevices: false });
  try {
    findings.push(...(await deviceChecks(host)));
  } finally {
    await close();
  }
  findings.push(...(await memoryChecks(state)));
  const exit = exitOf(findings.some(({ status }) => status === 'problem') ? 'REFUSED' : 'OK');
  return {
    exit,
    document: documentOf('runbook.doctor/1', 'doctor', exit, {
      body: { simulated: options.lab !== undefined, findings },
    }),
    text: doctorText(findings, createInk(wantsColor(io.stdout, io.env, options.color))),
  };
}

/** What waits, what went wrong, and what cannot be read. */
async function memoryChecks(state: OpenedState): Promise<Finding[]> {
  const check = 'earlier-runs';
  try {
    const { memory, damaged, unreadable } = await state.memory();
    const unread = [...damaged, ...unreadable].map(({ message, next }): Finding => ({
      check,
      status: 'problem',
      found: message,
      next,
    }));
    const open = openUnits(memory).map(({ device, outcome, frozen, run, reason }): Finding => {
      const isFrozen = frozen !== null || outcome === 'frozen';
      return {
        check,
        status: isFrozen ? 'problem' : 'warning',
        found: `${device.id}: ${isFrozen ? 'frozen' : outcome} since run ${run}${reason === null ? '' : `: ${reason}`}`,
        next: isFrozen
          ? 'Do not reset it and do not switch it off; ask its vendor.'
          : `See what it is now: runbook verify ${run}`,
      };
    });
    const found = [...unread, ...open];
    return found.length > 0 ? found : [{ check, status: 'ok', found: 'nothing waits', next: null }];
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return [{ check, status: 'problem', found: error.message, next: error.next }];
  }
}
