import { EXIT_MEANINGS } from '../../src/report/exit-text.ts';
import {
  EXIT_CODES,
  exitOfRun,
  PRECEDENCE,
  type ExitName,
  type Outcome,
} from '../../src/run/facts/outcome.ts';
import { code, page, table } from './markdown.ts';
import { EVENTS, OUTCOMES } from './outcomes.ts';

const SOURCE = 'src/run/facts/outcome.ts, src/report/exit-text.ts and scripts/reference/outcomes.ts';

export function outcomesPage(): string {
  const rows = Object.entries(OUTCOMES).map(([name, { truth, todo }]) => {
    const exit = exitOfRun([name as Outcome]);
    return [code(name), truth, todo, name === 'skipped' ? '' : `${exit.code} ${exit.name}`];
  });
  return page(
    'Outcomes',
    SOURCE,
    'The verdict on one unit. A fresh read of the unit decides it, never "all chunks were sent".',
    table(['outcome', 'what is true', 'what to do', 'exit'], rows),
    'A run with several units ends with the most urgent of their codes: [exit codes](exit-codes.md).',
    '## What a pending unit waits for',
    'Any one of the named events is enough. The unit reported them, or they follow from the mode.',
    table(
      ['event', 'what it is'],
      Object.entries(EVENTS).map(([name, text]) => [code(name), text]),
    ),
  );
}

export function exitCodesPage(): string {
  const rows = Object.entries(EXIT_CODES).map(([name, number]) => [
    String(number),
    name,
    EXIT_MEANINGS[name as ExitName],
  ]);
  const order = PRECEDENCE.map((name) => EXIT_CODES[name]).join(', ');
  return page(
    'Exit codes',
    SOURCE,
    table(['code', 'name', 'when'], rows),
    `Several at once: the first of ${order}. A command line or a file that is wrong (2, 3) ends a command before anything else can happen.`,
    'With `--format json` every command writes one document, and `exit` in it has the same code and name:',
    '```json\n{ "exit": { "code": 6, "name": "PENDING" } }\n```',
  );
}
