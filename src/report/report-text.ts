import { OUTCOMES, type DeviceResult, type Exit } from '../run/facts/outcome.ts';
import { exitText } from './exit-text.ts';
import { failureFacts } from './failure-text.ts';
import { outcomeTone, printable, type Ink } from './ink.ts';
import { nextStep } from './next-step.ts';
import { counted, secondsText, sizeText, modelText } from './quantities.ts';
import { labelOf } from './run-view.ts';
import { renderTable, type Cell } from './table.ts';

/** The report for a person: a table of all devices, then what needs attention with one next step each, then the exit. */
export function reportText(
  results: readonly DeviceResult[],
  exit: Exit,
  ink: Ink,
  /** Id of the run, where a later command can look at what it left open; null: it is not remembered. */
  run: string | null = null,
): string {
  const lines: string[] = [];
  if (results.length > 0) {
    // Where a unit goes through several plays, its rows are told apart by them.
    const hasSteps = new Set(results.map(({ id }) => id)).size < results.length;
    const head = ['DEVICE', 'ID', 'PRODUCT', ...(hasSteps ? ['PLAY'] : []), 'BEFORE', 'AFTER', 'OUTCOME', ''];
    const rows = results.map((result) => row(result, hasSteps));
    lines.push(...renderTable(head, rows, ink), '');
  }
  for (const result of results.filter(needsAttention)) lines.push(...attentionLines(result, ink, run), '');
  lines.push(...[countsText(results), exitText(exit)].filter((line) => line !== ''));
  return lines.join('\n') + '\n';
}

function row(result: DeviceResult, hasSteps: boolean): Cell[] {
  return [
    result.paths.map(labelOf).join(' '),
    result.id,
    modelText(result),
    ...(hasSteps ? [result.play] : []),
    result.before ?? '-',
    result.after ?? '-',
    { text: result.outcome, tone: outcomeTone(result.outcome) },
    workText(result),
  ];
}

/** `1 MiB in 256 commands, 12.3 s`; empty where nothing was sent. */
export function workText({ chunks, bytes, seconds }: DeviceResult): string {
  return chunks === 0 ? '' : `${sizeText(bytes)} in ${counted(chunks, 'command')}, ${secondsText(seconds)}`;
}

/** An update that met an error on the way is a success, and still worth a look. */
export function needsAttention({ outcome, reason }: DeviceResult): boolean {
  return outcome === 'updated' ? reason !== null : outcome !== 'current';
}

function attentionLines(result: DeviceResult, ink: Ink, run: string | null): string[] {
  const name = result.paths.map(labelOf).join(' ');
  const reason = result.reason === null ? '' : `: ${printable(result.reason)}`;
  const lines = [`${name} ${ink(outcomeTone(result.outcome), result.outcome)}${reason}`];
  if (saysMore(result)) lines.push(`  ${printable(result.error.message)}`);
  const facts = result.error === null ? [] : failureFacts(result.error);
  // What an earlier run wrote is not looked at by the name of this one.
  const look = run === null ? 'runbook plan' : `runbook verify${result.chunks === 0 ? '' : ` ${run}`}`;
  const next = nextStep(result, look);
  // What the failure of a single command suggests comes after what the verdict on the device asks for.
  if (next === null) return [...lines, ...facts];
  return [...lines, ...facts.filter((fact) => !fact.startsWith('  next:')), `  next: ${next}`];
}

/** The message of the error is not in the reason already. */
export function saysMore(
  result: DeviceResult,
): result is DeviceResult & { error: NonNullable<DeviceResult['error']> } {
  return result.error !== null && result.reason?.includes(result.error.message) !== true;
}

/** `2 updated, 1 current`. */
export function countsText(results: readonly DeviceResult[]): string {
  return OUTCOMES.map((outcome) => ({
    outcome,
    count: results.filter((result) => result.outcome === outcome).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcome}`)
    .join(', ');
}
