import type { VerifiedUnit } from '../run/engine/verify-units.ts';
import type { Exit } from '../run/facts/outcome.ts';
import type { Ink } from './ink.ts';
import { reportText } from './report-text.ts';
import { wrappedText } from './wrap.ts';

/** `runbook verify`: the report on the units whose ending was open, in the form of apply's. */
export function verifyText(
  units: readonly VerifiedUnit[],
  exit: Exit,
  ink: Ink,
  /** The run whose units were asked for; null: those of all runs. */
  run: string | null = null,
  verbose = false,
): string {
  if (units.length === 0) {
    const whose = run === null ? 'unit' : `unit of run ${run}`;
    return `nothing to verify: no ${whose} waits for an event or is unproven\n`;
  }
  const results = units.map(({ result }) => result);
  const runs = [...new Set(units.map(({ run }) => run))];
  const written = `written by: ${runs.map((run) => `run ${run}`).join(', ')}`;
  return reportText(results, exit, ink, verbose) + wrappedText([written], ink);
}
