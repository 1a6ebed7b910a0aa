import { OUTCOMES, type DeviceResult, type Exit } from '../run/facts/outcome.ts';
import { attentions, namesOf, nextOf, saysMore, type Alike } from './attention.ts';
import { exitText } from './exit-text.ts';
import { failureFacts } from './failure-text.ts';
import { outcomeTone, printable, type Ink } from './ink.ts';
import { counted, secondsText, sizeText, modelText } from './quantities.ts';
import { lookAgain } from './run-record.ts';
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
    const rows = alikeRows(results).map((alike) => row(alike, hasSteps));
    lines.push(...renderTable(head, rows, ink), '');
  }
  for (const alike of attentions(results)) lines.push(...attentionLines(alike, ink, run), '');
  lines.push(...[countsText(results), exitText(exit)].filter((line) => line !== ''));
  return lines.join('\n') + '\n';
}

/** More units than this that were left out for one reason share a row. */
const MOST_ROWS = 8;

/** One row for each unit; of many to which the same happened without a command, one for all. */
function alikeRows(results: readonly DeviceResult[]): Alike[] {
  const left = attentions(results).filter(
    ([{ outcome }, ...others]) => outcome === 'skipped' && others.length >= MOST_ROWS,
  );
  return results.flatMap((result): Alike[] => {
    const group = left.find((alike) => alike.includes(result));
    return group === undefined ? [[result]] : group[0] === result ? [group] : [];
  });
}

function row(alike: Alike, hasSteps: boolean): Cell[] {
  const [result, ...others] = alike;
  const same = (what: (one: DeviceResult) => string | null): string =>
    others.every((other) => what(other) === what(result)) ? (what(result) ?? '-') : '…';
  return [
    namesOf(alike),
    others.length === 0 ? result.id : '…',
    same(modelText),
    ...(hasSteps ? [result.play] : []),
    same(({ before }) => before),
    same(({ after }) => after),
    { text: result.outcome, tone: outcomeTone(result.outcome) },
    workText(result),
  ];
}

/** `1 MiB in 256 commands, 12.3 s`; empty where nothing was sent. */
export function workText({ chunks, bytes, seconds }: DeviceResult): string {
  return chunks === 0 ? '' : `${sizeText(bytes)} in ${counted(chunks, 'command')}, ${secondsText(seconds)}`;
}

function attentionLines(alike: Alike, ink: Ink, run: string | null): string[] {
  const [result] = alike;
  const { outcome, error } = result;
  const reason = result.reason === null ? '' : `: ${printable(result.reason)}`;
  const lines = [`${namesOf(alike)} ${ink(outcomeTone(outcome), outcome)}${reason}`];
  if (saysMore(result)) lines.push(`  ${printable(result.error.message)}`);
  if (error !== null) return [...lines, ...failureFacts(error)];
  // What an earlier run wrote is not looked at by the name of this one.
  const look = result.chunks === 0 ? lookAgain({ run: null }) : lookAgain({ run });
  const next = nextOf(result, look);
  return next === null ? lines : [...lines, `  next: ${next}`];
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
