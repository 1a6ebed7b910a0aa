import * as assert from 'uvu/assert';
import { suite } from '../../../support/suite.ts';
import { PROCEDURES } from './procedures.ts';
import { runCell } from './run.ts';
import { wrongs } from './oracle.ts';

const test = suite('fault matrix: every procedure undisturbed');

for (const procedure of PROCEDURES) {
  test(`${procedure.name}: ${procedure.ends}`, async () => {
    for (const place of procedure.places) {
      const cell = { procedure, place, answer: 'good', executed: true, happens: 'nothing' } as const;
      const found = await runCell(cell);
      assert.is(found.end.outcomes, procedure.ends, `${place}: ${found.end.results[0]!.reason}`);
      assert.equal(wrongs(found), [], place);
    }
  });
}

test.run();
