import * as assert from 'uvu/assert';
import { suite } from '../../../support/suite.ts';
import { nameOf } from './cells.ts';
import type { Cell } from './cells.ts';
import { wrongs as wrongsOf } from './oracle.ts';
import { runCell } from './run.ts';
import type { Found } from './run.ts';

const KINDS = ['FALSE SUCCESS', 'FALSE FAILURE', 'SENT TWICE', 'ACTIVATED AFTER AN ERROR'] as const;

/**
 * One test per procedure and place: every cell is run, and what was said and done is held against what the device
 * really has. At the end the counts are printed.
 *
 * @param reaches outcomes that must be among them
 * @param wrongs what is wrong with what was said
 */
export function faultSuite(
  name: string,
  cells: readonly Cell[],
  reaches: readonly string[],
  wrongs: (found: Found) => string[] = wrongsOf,
): void {
  const test = suite(name);
  const seen = new Map<string, number>();
  const perProcedure = new Map<string, number>();
  const counts = new Map<string, number>(KINDS.map((kind) => [kind, 0]));
  const add = (map: Map<string, number>, key: string): unknown => map.set(key, (map.get(key) ?? 0) + 1);

  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const title = `${cell.procedure.name}, every answer to "${cell.place}": what is said is true`;
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [cell]);
    else group.push(cell);
  }
  for (const [title, group] of groups) {
    test(title, async () => {
      const bad: string[] = [];
      for (const cell of group) {
        const found = await runCell(cell);
        add(seen, found.end.results[0]!.outcome);
        add(perProcedure, cell.procedure.name);
        const wrong = wrongs(found);
        for (const kind of KINDS) if (wrong.some((text) => text.startsWith(kind))) add(counts, kind);
        bad.push(...wrong.map((text) => `${nameOf(cell)}: ${text}`));
      }
      assert.equal(bad, []);
    });
  }
  test('the matrix is as large as it says, and reaches every kind of end', () => {
    const list = (map: Map<string, number>): string =>
      [...map].map(([key, count]) => `${key}: ${count}`).join('\n  ');
    const bad = KINDS.map((kind) => `${counts.get(kind)} ${kind.toLowerCase()}`).join(', ');
    const outcomes = [...seen]
      .map(([outcome, count]) => `${outcome} ${count}`)
      .sort()
      .join(', ');
    console.log(`${name}: ${cells.length} cells: ${bad} (${outcomes})\n  ${list(perProcedure)}`);
    assert.is(
      [...seen.values()].reduce((sum, count) => sum + count, 0),
      cells.length,
    );
    for (const outcome of reaches) assert.ok(seen.has(outcome), outcome);
  });
  test.run();
}
