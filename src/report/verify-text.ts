import type { VerifiedUnit } from '../run/engine/verify-units.ts';
import type { Exit } from '../run/facts/outcome.ts';
import type { AcceptedByPerson, UnitRecord } from '../run/records/unit-record.ts';
import { printable, type Ink } from './ink.ts';
import { reportText } from './report-text.ts';
import { wrappedText } from './wrap.ts';

type AcceptedRecord = Pick<UnitRecord, 'unit' | 'run'> & { readonly accepted: AcceptedByPerson };

interface VerifyTextOptions {
  /** The run whose units were asked for; null, or absent: those of all runs. */
  readonly run?: string | null;
  /** What a person has settled by the same command; null, or absent: nothing. */
  readonly accepted?: AcceptedRecord | null;
  readonly verbose?: boolean;
}

/** `runbook verify`: what a person has settled, then the report on the units whose ending is open, in the form of apply's. */
export function verifyText(
  units: readonly VerifiedUnit[],
  exit: Exit,
  ink: Ink,
  { run = null, accepted = null, verbose = false }: VerifyTextOptions = {},
): string {
  const settled = accepted === null ? '' : wrappedText([settledNow(accepted)], ink);
  const whose = run === null ? 'unit' : `unit of run ${run}`;
  if (units.length === 0) {
    return accepted === null
      ? `nothing to verify: no ${whose} waits for an event or is unproven\n`
      : `${settled}nothing is open any more: no ${whose} waits for an event or is unproven\n`;
  }
  const results = units.map(({ result }) => result);
  const runs = [...new Set(units.map(({ run }) => run))];
  const written = `written by: ${runs.map((run) => `run ${run}`).join(', ')}`;
  const report = reportText(results, exit, ink, verbose) + wrappedText([written], ink);
  return accepted === null ? report : `${settled}open still:\n\n${report}`;
}

/** What was settled, and why; a record does not know who the person was. */
const settledNow = ({ unit, run, accepted: { outcome, because } }: AcceptedRecord): string =>
  `${unit}: ${outcome} since run ${run}, and settled now by a person: ${printable(because)}`;

/** The same of a record, later: behind what is remembered of the work. */
export const settledText = ({ at, because, outcome }: AcceptedByPerson): string =>
  `a person has settled it (verify --accept, ${at.slice(0, 16).replace('T', ' ')}), as it was ${outcome}: ${printable(because)}`;

/** `accepted` in runbook.report/1. */
export const acceptedEntry = ({ unit, run, accepted }: AcceptedRecord): Record<string, unknown> => ({
  id: unit,
  run,
  ...accepted,
});
