import * as assert from 'uvu/assert';
import { suite } from '../../../support/suite.ts';
import { sectionOf, playOf } from '../builders.ts';
import { killPointsOf, leftBy, nextRun } from '../faults/kill-points.ts';
import type { KilledRun, KillPoint, NextRun } from '../faults/kill-points.ts';
import { pagesOf, sesPlayOf } from '../ses-plays.ts';

const test = suite('run/records/earlier-work');

const DEFERRED: KilledRun = {
  name: 'SES 0Eh',
  devices: [{ persona: 'ses-shelf-deferred', revision: '2.08' }],
  play: sesPlayOf({ mode: 'dmc_offs_defer' }, { activate: [{ step: 'activate_mc' }] }),
};
const OTHER_IMAGE = '0'.repeat(64);

/** Kills the run at the last point where this holds of its only device, and runs `next`. */
async function after(
  killed: KilledRun,
  at: (point: KillPoint) => boolean,
  next: { readonly run?: KilledRun; readonly forgotten?: boolean; readonly takeOver?: boolean } = {},
): Promise<NextRun> {
  const { run, points } = await killPointsOf(killed);
  const point = points.findLast(at)!;
  const journal = next.forgotten === true ? null : point.journal.written;
  return nextRun(next.run ?? killed, point, await leftBy(run, point, journal), {
    takeOver: next.takeOver ?? false,
  });
}

const truth = ({ truths }: KillPoint) => [...truths.values()][0]!;
const midway = (point: KillPoint): boolean => truth(point).chunks === 2;
const waiting = (point: KillPoint): boolean => truth(point).allAccepted && truth(point).activations === 0;
const ended = ({ results, plan }: NextRun): string =>
  [
    ...plan.refusals.map(({ error }) => error.message),
    ...results.map(({ outcome, reason }) => `${outcome}: ${reason}`),
  ].join('\n');
const pages = ({ devices }: NextRun): string => pagesOf(devices[0]!).join(' ');

test('01h that an interrupted run of ours left is aborted, must be gone, and the image is sent from offset 0', async () => {
  const next = await after(DEFERRED, midway);
  assert.match(ended(next), /^updated/);
  const [abort, first] = pages(next).match(/dmc_abort|dmc_offs_defer/g)!;
  assert.equal([abort, first], ['dmc_abort', 'dmc_offs_defer']);
  assert.match(next.notices.join('\n'), /was interrupted on this unit in the middle of its image/);
});

test('13h that an interrupted run of ours left is activated, and nothing is sent', async () => {
  const next = await after(DEFERRED, waiting);
  assert.match(ended(next), /^updated/);
  assert.not.match(pages(next), /dmc_/);
  assert.match(pages(next), /activate_mc/);
  assert.is(next.results[0]!.bytes, 0);
});

test('the same is pending where the playbook does not activate', async () => {
  const run = { ...DEFERRED, play: { ...DEFERRED.play, activate: [] } };
  const next = await after(run, waiting);
  assert.equal(next.results[0]!.pending, ['activation', 'hard-reset', 'power-cycle']);
  assert.not.match(pages(next), /dmc_|activate/);
});

test('what nobody remembers to have left is refused, and taken over on request, with a notice', async () => {
  const refused = await after(DEFERRED, midway, { forgotten: true });
  assert.match(ended(refused), /^refused/);
  assert.not.match(pages(refused), /dmc_/);
  const taken = await after(DEFERRED, midway, { forgotten: true, takeOver: true });
  assert.match(ended(taken), /^updated/);
  assert.match(taken.notices[0]!, /^--take-over: an unfinished download of unknown origin/);
  const replaced = await after(DEFERRED, waiting, { forgotten: true, takeOver: true });
  assert.match(ended(replaced), /^updated/);
  assert.match(pages(replaced), /dmc_offs_defer/);
  assert.match(replaced.notices[0]!, /^--take-over: a waiting image of unknown origin/);
});

test('a complete image of another playbook keeps the unit from a new one until somebody has looked', async () => {
  const { play } = DEFERRED;
  const other = { ...DEFERRED, play: { ...play, imageSha256: OTHER_IMAGE } };
  const refused = await after(DEFERRED, waiting, { run: other });
  assert.is(refused.results[0]!.error!.code, 'interrupted-run');
  assert.match(refused.results[0]!.error!.next, /runbook verify .*--take-over$/);
  assert.is(pages(refused), '');
  assert.match(ended(await after(DEFERRED, waiting, { run: other, takeOver: true })), /updated/);
});

test('WRITE BUFFER: an image that waits is activated; one in flight that neither runs nor waits is sent again', async () => {
  const cards: KilledRun = {
    name: 'card',
    devices: [{ persona: 'hp-sas-expander', revision: '2.08' }],
    play: playOf(),
  };
  const waits = await after(cards, waiting);
  assert.match(ended(waits), /^updated/);
  assert.is([...waits.chunks.values()][0]!.executed, 0);
  const inFlight = await after(cards, (point) => truth(point).chunks === 2 && hasEntry(point, 'last-chunk'));
  assert.match(ended(inFlight), /^updated/);
  assert.is([...inFlight.chunks.values()][0]!.executed, 3);
  assert.match(
    inFlight.notices.join('\n'),
    /does not run, and the unit does not say that one waits: it is sent from offset 0/,
  );
});

test('what a device accepted without showing it stays unverified, and is not sent again', async () => {
  const mute: KilledRun = {
    name: 'mute card',
    devices: [{ persona: 'hp-sas-expander-mute', revision: '2.08' }],
    play: playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] }),
  };
  const next = await after(mute, (point) => hasEntry(point, 'sent') && !hasEntry(point, 'verdict'));
  assert.match(ended(next), /^unverified/);
  assert.is([...next.chunks.values()][0]!.executed, 0);
});

function hasEntry({ journal }: KillPoint, word: string): boolean {
  const text = Buffer.from(journal.written ?? []).toString('utf8');
  return text.includes(`"state":"${word}"`) || text.includes(`"type":"${word}"`);
}

test.run();
