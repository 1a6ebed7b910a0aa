import { refusal } from '../base/refusal.ts';
import { documentOf } from '../report/documents.ts';
import { failureText } from '../report/failure-text.ts';
import { createInk, printable } from '../report/ink.ts';
import { exitOf, type Exit } from '../run/facts/outcome.ts';
import type { ServedUnitStatus } from '../served-lab/control.ts';
import { ServedError } from '../served-lab/served-error.ts';
import type { Answer, CommonOptions } from './answer.ts';
import { UsageError } from './usage-error.ts';

/** What the `lab` commands say when they cannot do it. */
export function servedFailure(command: string, error: Error, exit: Exit = exitOfError(error)): Answer {
  const failure =
    error instanceof ServedError ? error.refusal : refusal('lab-broken', { what: error.message });
  return {
    exit,
    document: documentOf('runbook.error/1', command, exit, { error: failure }),
    text: '',
    notes: failureText(failure, createInk(false)),
  };
}

function exitOfError(error: Error): Exit {
  return exitOf(error instanceof ServedError && error.code === 'already-up' ? 'BUSY' : 'REFUSED');
}

/** These speak of the host that a command works on; `lab up` makes one. */
export function refuseHostOptions({ lab, labState, trace }: CommonOptions): void {
  const given = Object.entries({ '--lab': lab, '--lab-state': labState, '--trace': trace }).find(
    ([, value]) => value !== undefined,
  );
  if (given === undefined) return;
  throw new UsageError(
    `lab does not take ${given[0]}`,
    'Name the lab file as an argument: runbook lab up LAB.yml',
  );
}

/** One line for a person. */
export function unitLine({ sgNode, hctl, vendor, product, revision, id, serial }: ServedUnitStatus): string {
  return printable(
    `${sgNode.padEnd(9)}  ${hctl.padEnd(9)}  ${vendor.padEnd(8)} ${product.padEnd(16)} ${revision.padEnd(4)}  ${id}  ${serial}`,
  );
}
