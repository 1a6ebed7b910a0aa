import * as assert from 'uvu/assert';
import { rm } from 'node:fs/promises';
import { memoryOf } from '../../../../src/run/records/memory.ts';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { sesPlayOf } from '../ses-plays.ts';
import { finalTarget, killPointsOf, leftBy, nextRun } from './kill-points.ts';
import type { KilledRun, NextRun } from './kill-points.ts';

const onDisk = { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK' } as const;

const RUNS: readonly KilledRun[] = [
  {
    name: 'WRITE BUFFER 0Eh and activation',
    devices: [{ persona: 'hp-sas-expander', revision: '2.08' }],
    play: playOf(),
  },
  {
    name: 'WRITE BUFFER 0Eh for later',
    devices: [{ persona: 'hp-sas-expander', revision: '2.08' }],
    play: playOf({ activate: [] }),
  },
  {
    name: 'WRITE BUFFER 0Eh and activation of a disk',
    devices: [{ persona: 'disk', revision: '2.08' }],
    play: playOf({ match: onDisk, download: [sectionOf()] }),
  },
  {
    name: 'SES 0Eh and activation',
    devices: [{ persona: 'ses-shelf-deferred', revision: '2.08' }],
    play: sesPlayOf({ mode: 'dmc_offs_defer' }, { activate: [{ step: 'activate_mc' }] }),
  },
  {
    name: 'SES 0Eh for later',
    devices: [{ persona: 'ses-shelf-deferred', revision: '2.08' }],
    play: sesPlayOf({ mode: 'dmc_offs_defer' }, { activate: [] }),
  },
].map((run) => ({ ...run, isStaged: true }));

const kill = suite('run killed on a unit that shows what it does not run yet');

for (const run of RUNS) {
  kill(`after ${run.name} was killed, the string alone is not a success of the next run`, async () => {
    const { run: name, points } = await killPointsOf(run);
    const wrong: string[] = [];
    const done = new Set<string>();
    for (const [index, point] of points.entries()) {
      for (const kind of ['written', 'synced'] as const) {
        const journal = point.journal[kind];
        const left = JSON.stringify([
          journal && Buffer.from(journal).toString(),
          point.lab,
          [...point.records],
        ]);
        if (done.has(left)) continue;
        done.add(left);
        const directory = await leftBy(name, point, journal);
        const next = await nextRun(run, point, directory, { judges: true });
        for (const lie of liesOf(run, next)) wrong.push(`${index} ${point.where}, ${kind}: ${lie}`);
        await rm(directory.root, { recursive: true, force: true });
      }
    }
    assert.equal(wrong, []);
  });
}

const SHELF: KilledRun = {
  name: 'SES 7 that waits for a power cycle',
  devices: [{ persona: 'ses-shelf', revision: '2.08' }],
  play: sesPlayOf(),
};

kill('page 0Eh of a shelf is asked after a kill, and what it says once is kept', async () => {
  const { run, points } = await killPointsOf(SHELF);
  const wrong: string[] = [];
  let asked = 0;
  for (const [index, point] of points.entries()) {
    const [truth] = [...point.truths.values()];
    const isUntold = point.where.startsWith('after SEND DIAGNOSTIC (download microcode control');
    if (!isUntold || !truth!.allAccepted) continue;
    asked++;
    const directory = await leftBy(run, point, point.journal.written);
    const { plan, chunks } = await nextRun(SHELF, point, directory, { judges: true });
    const [decision] = plan.decisions;
    const executed = [...chunks.values()].map((counted) => counted.executed);
    // Nobody hears it again: a later look has to take it from the record.
    const kept = memoryOf(plan.memory, decision!.facts.id).record?.sent?.image;
    const said = JSON.stringify([decision!.action, decision!.pending, kept, executed]);
    if (said !== '["pending",["power-cycle"],"accepted",[0]]') wrong.push(`${index}: ${said}`);
    await rm(directory.root, { recursive: true, force: true });
  }
  assert.ok(asked > 0);
  assert.equal(wrong, []);
});

function liesOf(run: KilledRun, { plan, results, bugs, devices }: NextRun): string[] {
  const lies = bugs.map((bug) => `bug: ${String(bug)}`);
  const runs = devices[0]!.microcode.running.revision;
  const [result] = results;
  const said = result?.outcome ?? plan.decisions[0]?.action;
  const good = said === 'updated' || said === 'current';
  if (good && runs !== finalTarget(run)) lies.push(`FALSE SUCCESS: ${said}, runs ${runs}: ${result?.reason}`);
  if (!good && said !== 'pending')
    lies.push(`said ${said}: ${result?.reason ?? JSON.stringify(plan.decisions[0])}`);
  return lies;
}

kill.run();
