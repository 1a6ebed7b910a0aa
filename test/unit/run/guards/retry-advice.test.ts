import * as assert from 'uvu/assert';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { memoryFrom } from '../../../../src/run/records/memory.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { nextRecord } from '../../../../src/run/records/unit-record.ts';
import { suite } from '../../../support/suite.ts';
import { resultOf } from '../../report/run-events.ts';
import { factsOf, playbookOf, playOf } from '../builders.ts';
import { journalDevice } from '../records/builders.ts';

const test = suite('run/retry-advice');

for (const outcome of ['updated', 'failed', 'unverified', 'degraded'] as const) {
  for (const revision of ['2.08', '2.06', '2.07']) {
    test(`after ${outcome}, shows ${revision}: --retry is advised where it sends something`, () => {
      const play = playOf();
      const unit = factsOf(1, { revision });
      const { imageSha256 } = play;
      const record = nextRecord(null, {
        device: journalDevice(1, { id: unit.id, imageSha256 }),
        result: resultOf(1, { id: unit.id, outcome, after: outcome === 'updated' ? '2.10' : revision }),
        run: 'r1',
        at: '2030-01-01T00:00:00.000Z',
        bootId: null,
        recovering: false,
      })!;
      const memory = memoryFrom({ records: new Map([[unit.id, record]]), bootId: null });
      const [first, again] = [false, true].map(
        (retry) =>
          makePlan(playbookOf([play]), [unit], { only: [], remembered: { ...NO_MEMORY, memory, retry } })
            .decisions[0]!,
      );
      assert.is(first!.error?.code, outcome === 'updated' ? 'fell-back' : 'ended-badly');
      if (again!.action === 'update') {
        assert.match(first!.error!.next, /, --retry sends the image again/);
        return;
      }
      assert.is(again!.error?.code, 'revision-not-listed');
      assert.match(first!.error!.next, `It runs "${revision}" now, which match.revision does not list`);
      assert.match(
        first!.error!.next,
        /ask the vendor .* add that revision to `match.revision`, and use --retry/,
      );
    });
  }
}

test.run();
