import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { CELLS, MODES, nameOf } from './fault-cells.ts';
import { runCell, wrongs } from './fault-oracle.ts';

const test = suite('run/fault-matrix');
const seen = new Map<string, number>();
const kinds = { 'FALSE SUCCESS': 0, 'FALSE FAILURE': 0, 'SENT TWICE': 0, 'ACTIVATED AFTER AN ERROR': 0 };

for (const mode of MODES) {
  for (const place of mode.places) {
    test(`mode ${mode.name}, every answer to ${place}: what is said is true`, async () => {
      const bad: string[] = [];
      for (const cell of CELLS.filter((other) => other.mode === mode && other.place === place)) {
        const found = await runCell(cell);
        const { outcome } = found.end.results[0]!;
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
          if (wrongs(found).some((wrong) => wrong.startsWith(kind))) kinds[kind]++;
        }
        bad.push(...wrongs(found).map((wrong) => `${nameOf(cell)}: ${wrong}`));
      }
      assert.equal(bad, []);
    });
  }
}

test('the matrix is as large as it says, and reaches every kind of end', () => {
  const outcomes = [...seen].map(([outcome, count]) => `${outcome} ${count}`).sort();
  const counts = Object.entries(kinds).map(([kind, count]) => `${count} ${kind.toLowerCase()}`);
  console.log(`fault matrix: ${CELLS.length} cells: ${counts.join(', ')} (${outcomes.join(', ')})`);
  assert.is(
    [...seen.values()].reduce((sum, count) => sum + count, 0),
    CELLS.length,
  );
  for (const outcome of ['updated', 'failed', 'refused', 'frozen']) assert.ok(seen.has(outcome), outcome);
});

test.run();
