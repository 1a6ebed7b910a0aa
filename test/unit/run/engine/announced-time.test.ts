import * as assert from 'uvu/assert';
import { playOf, sectionOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRunEnd } from '../lab-run.ts';
import { verifyUnit } from '../../../../src/run/engine/verify-units.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { openUnits } from '../../../../src/run/records/open-units.ts';
import { readMemory } from '../../../../src/run/records/read-memory.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { directoryIn } from '../faults/kill-points.ts';
import { scratch } from '../records/builders.ts';

const test = suite('run: the time that a unit announces for its restart, and verify.within');

const DISK = { type: 'disk', deviceType: 0x00, vendor: 'LAB', product: 'DISK' } as const;

/** A disk announces 60 s (COMMAND SPECIFIC); after its image it is not ready for `awayMs`. */
async function run(awayMs: number, withinMs: number): Promise<Told> {
  let sentMs: number | null = null;
  const directory = directoryIn(scratch());
  const play = playOf({ match: DISK, download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] });
  const end = await runLab({
    devices: [{ persona: 'disk' }],
    plays: [{ ...play, verify: { ...play.verify, withinMs } }],
    directory,
    prepare: ([device]) =>
      device!.putInFront(({ cdb }, { clock }) => {
        if (cdb[0] === 0x3b && cdb[3] === 0 && cdb[4] === 0x20) sentMs = clock.nowMs();
        const isAway = sentMs !== null && cdb[0] === 0x00 && clock.nowMs() < sentMs + awayMs;
        return isAway ? outcomeFor('2/04/01') : undefined;
      }),
  });
  const notices = end.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  return { end, directory, notices };
}

interface Told {
  readonly end: LabRunEnd;
  readonly directory: ReturnType<typeof directoryIn>;
  readonly notices: readonly string[];
}

const NOTICE =
  'verify.within (2 s) is over; the unit announces that it may be unreachable for 60 s (COMMAND SPECIFIC), and so long it is waited for';

test('a unit that needs the time that it has announced has it, and that is told', async () => {
  const { end, notices } = await run(20_000, 2000);
  assert.is(end.outcomes, 'updated');
  assert.equal(notices, [NOTICE]);
});

test('one that does not need it, and one that the playbook gives more: nothing is told', async () => {
  assert.equal((await run(1000, 2000)).notices, []);
  assert.equal((await run(20_000, 90_000)).notices, []);
});

test('a later look has the time of the playbook, and says so', async () => {
  const { end, directory } = await run(200_000, 2000);
  assert.not(['updated', 'current'].includes(end.outcomes));
  const [open] = openUnits((await readMemory(directory)).memory);
  const { host, clock } = end;
  const [facts] = await inspect(host, new Set([0]), clock);
  const waits: number[] = [];
  const startMs = clock.nowMs();
  await verifyUnit(open!, facts, { host, clock, onWaiting: (_what, withinMs) => waits.push(withinMs) });
  assert.ok(waits[0]! <= 2000, waits.join());
  assert.ok(clock.nowMs() - startMs < 10_000);
});

test.run();
