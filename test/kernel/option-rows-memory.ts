import * as assert from 'uvu/assert';
import { START_REVISION as START } from './cards.ts';
import { isWrite, timesWritten } from './card-log.ts';
import { IMAGE, NEW_REVISION, OTHER_IMAGE, OTHER_REVISION, nodeOf, serialOf } from './option-lab.ts';
import { nothingWritten, revision, work } from './option-row.ts';
import type { OptionRow, Seen } from './option-row.ts';

/** What a person says against what is remembered. */
export const AGAINST: readonly OptionRow[] = [
  {
    name: 'unverified',
    words: `apply ${work('mute.yml')} --yes --format json`,
    proves: (seen) => {
      assert.is(seen.exitCode, 12, seen.out + seen.err);
      assert.is(timesWritten(seen.cards('mute'), IMAGE), 1);
    },
  },
  {
    name: 'plan-without-retry',
    words: `plan ${work('mute.yml')} --exit-code`,
    proves: (seen) => {
      assert.is(seen.exitCode, 12, seen.out);
      nothingWritten(seen);
    },
  },
  {
    name: 'plan-retry',
    words: `plan ${work('mute.yml')} --retry --exit-code`,
    proves: (seen) => {
      assert.is(seen.exitCode, 5, seen.out);
      nothingWritten(seen);
    },
  },
  {
    name: 'retry',
    words: `apply ${work('mute.yml')} --yes --retry`,
    proves: (seen) => {
      assert.is(seen.exitCode, 12, seen.out + seen.err);
      assert.is(timesWritten(seen.cards('mute'), IMAGE), 1);
    },
  },
  {
    name: 'job',
    words: `apply ${work('mute.yml')} --yes --retry --job mute --detach`,
    script: `node "$WORK/program/runbook.cjs" apply ${work('mute.yml')} --yes --retry --job mute --detach
node "$WORK/program/runbook.cjs" job wait mute`,
    proves: (seen) => {
      assert.is(seen.exitCode, 12, seen.out + seen.err);
      assert.is(timesWritten(seen.cards('mute'), IMAGE), 1);
    },
  },
  {
    name: 'accept',
    words: `verify --accept ${nodeOf('mute')} --because "its display shows it" --format json`,
    after: revision('mute'),
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      assert.equal(seen.peer, [START]);
      nothingWritten(seen);
    },
  },
  {
    name: 'frozen',
    words: `apply ${work('frozen.yml')} --yes --format json`,
    proves: (seen) => {
      assert.is(seen.exitCode, 9, seen.out + seen.err);
      assert.ok(pageBytes(seen) >= IMAGE.length);
    },
  },
  {
    name: 'plan-recover',
    words: `plan ${work('frozen.yml')} --recover ${serialOf('frozen').toLowerCase()} --exit-code`,
    proves: (seen) => {
      assert.is(seen.exitCode, 5, seen.out);
      nothingWritten(seen);
    },
  },
  {
    name: 'recover',
    before: 'ln -s ../../sg4 /dev/disk/by-id/frozen',
    words: `apply ${work('frozen.yml')} --yes --recover /dev/disk/by-id/frozen --format json`,
    after: revision('frozen'),
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      assert.ok(pageBytes(seen) >= IMAGE.length, seen.out);
      assert.equal(seen.peer, [NEW_REVISION]);
    },
  },
  {
    // Killed when everything was sent and nothing activated.
    name: 'killed',
    words: `apply ${work('left.yml')} --yes`,
    script: `node "$WORK/program/runbook.cjs" apply ${work('left.yml')} --yes & until [[ -s $WORK/hang.pid || ! -d /proc/$! ]]; do nap 0.1; done
kill -KILL $! $(<"$WORK/hang.pid"); wait $!`,
    after: revision('left'),
    proves: (seen) => {
      assert.is(seen.exitCode, 137);
      assert.is(timesWritten(seen.cards('left'), IMAGE), 1);
      assert.equal(seen.peer, [START]);
    },
  },
  {
    name: 'plan-take-over',
    words: `plan ${work('left-other.yml')} --take-over --exit-code`,
    proves: (seen) => {
      assert.is(seen.exitCode, 5, seen.out);
      nothingWritten(seen);
    },
  },
  {
    name: 'without-take-over',
    words: `apply ${work('left-other.yml')} --yes --format json`,
    proves: (seen) => {
      assert.is(seen.exitCode, 4, seen.out);
      nothingWritten(seen);
    },
  },
  {
    name: 'take-over',
    words: `apply ${work('left-other.yml')} --yes --take-over --format json`,
    after: revision('left'),
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      assert.is(timesWritten(seen.cards('left'), OTHER_IMAGE), 1);
      assert.equal(seen.peer, [OTHER_REVISION]);
    },
  },
];

/** Data that went to the shelf with the download page. */
const pageBytes = (seen: Seen): number =>
  seen
    .cards('frozen')
    .filter(isWrite)
    .reduce((sum, { dataOutBytes }) => sum + dataOutBytes, 0);
