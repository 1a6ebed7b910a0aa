import { programText } from '../base/program-facts.ts';
import { isFailure, OUTCOMES, type DeviceResult, type Exit } from '../run/facts/outcome.ts';
import { attentions, namesOf, saysMore, sharedRows, withoutLines, type Alike } from './attention.ts';
import { exitText } from './exit-text.ts';
import { failureFacts } from './failure-text.ts';
import { outcomeTone, printable, type Ink } from './ink.ts';
import { counted, secondsText, sizeText, modelText } from './quantities.ts';
import { renderTable, type Cell } from './table.ts';
import { wrappedText } from './wrap.ts';

/** Columns that a narrow terminal can spare. */
const ID = 1;
const PRODUCT = 2;

/** The report for a person: a table of all devices, then what needs attention with one next step each, then the exit. */
export function reportText(
  results: readonly DeviceResult[],
  exit: Exit,
  ink: Ink,
  verbose = false,
  /** Where something that was sent failed, the way to it; null: another line tells the run. A run that sends nothing keeps no journal. */
  run: string | null = null,
): string {
  const lines: string[] = [];
  if (results.length > 0) {
    // Where a unit goes through several plays, its rows are told apart by them.
    const hasSteps = new Set(results.map(({ id }) => id)).size < results.length;
    const head = ['DEVICE', 'ID', 'PRODUCT', ...(hasSteps ? ['PLAY'] : []), 'BEFORE', 'AFTER', 'OUTCOME', ''];
    const shown = verbose ? results.map((result): Alike => [result]) : sharedRows(results);
    const rows = shown.map((alike) => row(alike, hasSteps));
    lines.push(
      ...renderTable(head, rows, ink, { spare: [head.length - 1, PRODUCT, ID, head.indexOf('BEFORE')] }),
      '',
    );
  }
  for (const alike of attentions(results)) lines.push(...attentionLines(alike, ink), '');
  const by = verbose ? `runbook ${programText()}` : '';
  const history =
    run !== null && results.some(({ outcome, sent }) => isFailure(outcome) && sent !== undefined)
      ? `what was sent and answered: runbook history ${run}`
      : '';
  lines.push(
    ...[by, ...withoutLines(results), countsText(results), history, exitText(exit)].filter(
      (line) => line !== '',
    ),
  );
  return wrappedText(lines, ink);
}

function row(alike: Alike, hasSteps: boolean): Cell[] {
  const [result] = alike;
  return [
    namesOf(alike),
    alike.length === 1 ? result.id : '-',
    modelText(result),
    ...(hasSteps ? [result.play] : []),
    result.before ?? '-',
    result.after ?? '-',
    { text: result.outcome, tone: outcomeTone(result.outcome) },
    alike.length === 1 ? workText(result) : sharedWorkText(alike),
  ];
}

/** `496 KiB in 124 commands, 2.5 s at most`: of all of them, and the longest. */
export function sharedWorkText(alike: Alike): string {
  const sum = (of: (result: DeviceResult) => number): number =>
    alike.reduce((total, one) => total + of(one), 0);
  const chunks = sum((one) => one.chunks);
  if (chunks === 0) return '';
  const longest = Math.max(...alike.map(({ seconds }) => seconds));
  return `${sizeText(sum(({ bytes }) => bytes))} in ${counted(chunks, 'command')}, ${secondsText(longest)} at most`;
}

/** `1 MiB in 256 commands, 12.3 s`; empty where nothing was sent. */
export function workText({ chunks, bytes, seconds }: DeviceResult): string {
  return chunks === 0 ? '' : `${sizeText(bytes)} in ${counted(chunks, 'command')}, ${secondsText(seconds)}`;
}

function attentionLines(alike: Alike, ink: Ink): string[] {
  const [result] = alike;
  const { outcome, error } = result;
  const reason = result.reason === null ? '' : `: ${printable(result.reason)}`;
  const lines = [`${namesOf(alike)} ${ink(outcomeTone(outcome), outcome)}${reason}`];
  if (saysMore(result)) lines.push(`  ${printable(result.error.message)}`);
  return error === null ? lines : [...lines, ...failureFacts(error)];
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
