import * as assert from 'uvu/assert';
import { START_REVISION as START } from './cards.ts';
import { NEW_REVISION, nodeOf, OTHER_REVISION } from './option-lab.ts';
import { revision, work } from './option-row.ts';
import type { OptionRow } from './option-row.ts';

/** What was done, and a lab of the program itself. */
export const AFTERWARDS: readonly OptionRow[] = [
  {
    name: 'history',
    words: 'history --limit 1 --format json',
    after: `ls "$WORK/state/runs"`,
    proves: (seen) => {
      const { runs, older } = JSON.parse(seen.out) as { runs: { run: string }[]; older: number };
      assert.ok(runs.length >= 1 && older > 5, seen.out);
      assert.ok(seen.peer.some((file) => file.startsWith(runs[0]!.run)));
    },
  },
  {
    name: 'history-of-a-run',
    words: 'history last -v',
    after: revision('left'),
    proves: (seen) => {
      assert.is(seen.exitCode, 0);
      assert.match(seen.out, new RegExp(`${START} → ${OTHER_REVISION}|${OTHER_REVISION}`));
      assert.ok(seen.out.includes(nodeOf('left')) || seen.out.includes('naa.'), seen.out);
      assert.equal(seen.peer, [OTHER_REVISION]);
    },
  },
  {
    name: 'history-prune',
    before: 'ls "$WORK/state/runs" | wc -l >/run/runs',
    words: 'history --prune 0h',
    after: `echo $(</run/runs); ls "$WORK/state/runs" | wc -l`,
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.err);
      const [before, after] = seen.peer.map(Number);
      assert.ok(after! < before!, `${before} and ${after} journals`);
    },
  },
  {
    name: 'lab-up',
    words: `lab up ${work('mini.yml')} --format jsonl`,
    script: 'lab_up mini mini',
    after: 'cat "$WORK/mini.out"; revision /dev/sg9',
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.err);
      assert.match(seen.peer[0]!, '/dev/sg9');
      assert.is(seen.peer.at(-1), '0001');
    },
  },
  {
    name: 'lab-status',
    words: 'lab status --format json',
    after: 'hctl sg9',
    proves: (seen) => {
      assert.ok(seen.out.includes(`"hctl": "${seen.peer[0]!}"`), seen.out);
    },
  },
  {
    name: 'lab-power-cycle',
    before:
      'sg_turs /dev/sg9; sg_turs /dev/sg9; sg_write_buffer -m dmc_offs_save -b 16k -I "$WORK/image.bin" /dev/sg9; ln -s ../../sg9 /dev/disk/by-id/mini; revision /dev/sg9 >/run/before',
    words: 'lab power-cycle /dev/disk/by-id/mini',
    after: 'echo "$(</run/before)"; revision /dev/sg9',
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      assert.equal(seen.peer, ['0001', NEW_REVISION]);
    },
  },
  {
    name: 'lab-down',
    words: 'lab down --all --format json',
    after: '[[ -e /dev/sg9 || -e /sys/class/scsi_generic/sg9 ]] || echo gone',
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      assert.equal(seen.peer, ['gone']);
    },
  },
];
