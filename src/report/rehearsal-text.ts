import { outcomeTone, printable, type Ink } from './ink.ts';
import { counted, exactSizeText } from './quantities.ts';
import { needsAttention } from './attention.ts';
import { labelOf } from './run-view.ts';
import { renderTable, type Cell } from './table.ts';
import type { RehearsalEnd, StandInImage } from '../rehearsal/rehearsal-end.ts';

/** Rehearsals for a person: one row for each, then what apply says in it, then what is not as it should be. */
export function rehearsalText(
  title: string,
  standIns: readonly StandInImage[],
  rehearsals: readonly RehearsalEnd[],
  ink: Ink,
): string {
  const lines = [
    ink('bold', printable(title)),
    'rehearsed on simulated devices that fit it; nothing real was looked at',
  ];
  lines.push(...standInLines(standIns));
  lines.push(
    '',
    ...renderTable(['REHEARSAL', 'THE FIRST DEVICE', 'EXIT', 'OUTCOME'], rehearsals.map(row), ink),
  );
  const told = rehearsals.flatMap(toldLines);
  if (told.length > 0) lines.push('', 'What apply says then:', ...told);
  const wrong = rehearsals.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
  for (const problem of wrong) lines.push('', ink('bad', printable(problem)));
  const verdicts =
    wrong.length === 0 ? 'every verdict is what the device holds' : `${wrong.length} not as it should be`;
  return [...lines, '', `${counted(rehearsals.length, 'rehearsal')}, ${verdicts}`].join('\n') + '\n';
}

/** One line for each image that was not there. */
export const standInLines = (standIns: readonly StandInImage[]): string[] =>
  standIns.map(
    ({ image, bytes }) =>
      `${printable(image)} is not there: made bytes stand in for it, ${exactSizeText(bytes)}, and its hash was not checked`,
  );

function row({ name, what, devices, exit, problems }: RehearsalEnd): Cell[] {
  const outcomes = devices.map(({ outcome }) => outcome).join(' ');
  const [first] = devices;
  return [
    problems.length === 0 ? name : { text: name, tone: 'bad' },
    what,
    `${exit.code}`.padStart(4),
    {
      text: outcomes === '' ? '-' : outcomes,
      tone: first === undefined ? 'warn' : outcomeTone(first.outcome),
    },
  ];
}

/** The reasons of the report, as the person before the screen gets them. */
function toldLines({ name, devices, refusals }: RehearsalEnd): string[] {
  const said = devices
    .filter(needsAttention)
    .map((result) => `${result.paths.map(labelOf).join(' ')} ${result.outcome}: ${result.reason ?? ''}`);
  const all = said.length > 0 ? said : refusals;
  return all.map((text) => `  ${name}: ${printable(text)}`);
}
