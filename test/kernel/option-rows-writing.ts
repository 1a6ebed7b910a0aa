import path from 'node:path';
import * as assert from 'uvu/assert';
import { START_REVISION as START } from './cards.ts';
import { isActivation, isInquiry, timesWritten } from './card-log.ts';
import { CHUNK_BYTES, IMAGE, NEW_REVISION, nodeOf, productOf, RELOADED } from './option-lab.ts';
import type { UnitName } from './option-lab.ts';
import { json, lines, nothingWritten, only, reports, revision, trace, work } from './option-row.ts';
import type { Document, OptionRow, Seen } from './option-row.ts';
import { isWriteBuffer } from './trace-facts.ts';

/** A report in each kind that shows the unit, and how it ended. */
function told(seen: Seen, name: string, unit: UnitName, outcome: string): void {
  const node = nodeOf(unit);
  const ofJson = json(seen.file(`${name}.json`)).devices;
  assert.equal(
    ofJson.map((device) => [device.paths, device.outcome]),
    [[[node], outcome]],
  );
  assert.equal((lines(seen.file(`${name}.jsonl`)).at(-1) as Document).devices, ofJson);
  const markdown = seen.file(`${name}.markdown`);
  assert.ok(markdown.includes(path.basename(node)) && markdown.includes(`**${outcome}**`), markdown);
  const junit = seen.file(`${name}.junit`);
  assert.ok(junit.includes('<testcase') && junit.includes(productOf(unit)), junit);
  const page = seen.file(`${name}.html`);
  assert.ok(
    page.startsWith('<!DOCTYPE html>') && page.includes(productOf(unit)) && page.includes(outcome),
    page,
  );
}

/** Of the plan that was written before. */
const DIGEST = `"$(sed -n 's/^  "digest": "\\(.*\\)",*$/\\1/p' ${work('planned.json')})"`;

/** Upgrades, each with its verdict. */
export const WRITING: readonly OptionRow[] = [
  {
    name: 'apply-plan-file',
    words: `apply ${work('planned.json')} --yes --digest ${DIGEST} ${only('card')} --format jsonl -v ${reports('card')} ${trace('card')} --state-dir "$WORK/state"`,
    after: `${revision('card')}; runbook_state=$WORK/state/runs/*; echo $runbook_state`,
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      assert.is(timesWritten(seen.cards('card'), IMAGE), 1);
      assert.is(seen.cards('card').filter(isActivation).length, 1);
      const sent = seen.trace('card').filter(isWriteBuffer).length;
      assert.is(sent, IMAGE.length / CHUNK_BYTES + 1);
      assert.is(seen.peer[0], NEW_REVISION);
      assert.match(seen.peer[1]!, /\/state\/runs\/\d\S+\.jsonl$/);
      told(seen, 'card', 'card', 'updated');
      assert.ok(lines(seen.out).length > 5);
    },
  },
  {
    name: 'steps',
    before: 'rm -f "$WORK/tool.out"; udev & udev=$!; echo $udev >/run/udev.pid',
    words: `apply ${work('steps.yml')} -y --format json --no-timestamps`,
    after: `kill $(</run/udev.pid); cat "$WORK/tool.out"; echo $(</sys/class/scsi_generic/sg2/device/rev); ${revision('steps')}`,
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      const commands = seen.cards('steps');
      assert.is(timesWritten(commands, IMAGE), 1);
      assert.match(seen.err, /^sg2: check$/m);
      const at = commands.findIndex(isActivation);
      const next = commands[at + 1];
      assert.ok(next!.atMs - commands[at]!.atMs >= 1000, 'the pause');
      assert.ok(
        commands.slice(at + 1).some(({ cdb }) => cdb.startsWith('00')),
        'wait-ready asks the card',
      );
      // The program saw the activation at the card; the kernel shows what it scanned afterwards.
      assert.equal(seen.peer, ['1', NEW_REVISION, NEW_REVISION]);
    },
  },
  {
    name: 'waits-for-power',
    words: `apply ${work('disk.yml')} --yes --format json --only /dev/sda`,
    after: revision('disk'),
    proves: (seen) => {
      assert.is(seen.exitCode, 6, seen.out + seen.err);
      assert.is(timesWritten(seen.cards('disk'), IMAGE), 1);
      assert.ok(seen.cards('disk').some(({ cdb }) => cdb.startsWith('1b')));
      assert.equal(seen.peer, ['0001']);
    },
  },
  {
    name: 'waits-for-reboot',
    words: `apply ${work('boot.yml')} --yes --timestamps`,
    after: revision('boot'),
    proves: (seen) => {
      assert.is(seen.exitCode, 6, seen.out + seen.err);
      assert.match(seen.out, /pending.*reboot/);
      assert.match(seen.err, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ sg6: check$/m);
      assert.is(timesWritten(seen.cards('boot'), IMAGE), 1);
      assert.is(seen.cards('boot').filter(isActivation).length, 0);
      assert.equal(seen.peer, [START]);
    },
  },
  {
    name: 'verify',
    before: `kill -USR2 $(</run/cards.pid); until [[ $(${revision('disk')}) == ${NEW_REVISION} ]]; do nap 0.2; done`,
    words: `verify --wait 1s --format json ${only('disk')} ${only('boot')} ${reports('verify')} ${trace('verify')}`,
    after: `${revision('disk')}; ${revision('boot')}`,
    proves: (seen) => {
      const { devices } = json(seen.out);
      const ends = devices.map(({ outcome, after }) => `${outcome} ${after ?? ''}`);
      assert.equal(ends, [`updated ${NEW_REVISION}`, `updated ${NEW_REVISION}`], seen.out);
      assert.is(seen.exitCode, 0);
      assert.equal(seen.peer, [NEW_REVISION, NEW_REVISION]);
      assert.ok(seen.cards('disk').some(isInquiry) && seen.cards('boot').some(isInquiry));
      nothingWritten(seen);
      assert.ok(seen.trace('verify').some(({ device }) => device === nodeOf('disk')));
      assert.equal(json(seen.file('verify.json')).devices, devices);
      assert.equal((lines(seen.file('verify.jsonl')).at(-1) as Document).devices, devices);
      for (const kind of ['markdown', 'junit', 'html'])
        assert.ok(seen.file(`verify.${kind}`).includes(productOf('disk')), kind);
    },
  },
  {
    name: 'reload-driver',
    before: `
mount -t tmpfs tmpfs /usr/local/sbin
mkdir -p /run/kernel/lib/modules /run/modprobe.d
mount --bind /usr/lib/uml/modules /run/kernel/lib/modules
printf '#!/bin/sh\\nexec /sbin/modprobe -d /run/kernel "$@"\\n' >/usr/local/sbin/modprobe
chmod 755 /usr/local/sbin/modprobe
echo 'options scsi_debug ${RELOADED}' >/run/modprobe.d/card.conf
echo "$(</sys/module/scsi_debug/parameters/inq_rev)" >/run/before
udev & echo $! >/run/udev.pid`,
    words: `apply ${work('reload.yml')} --yes --format json ${trace('reload')}`,
    after:
      'kill $(</run/udev.pid); echo "$(</run/before)"; echo "$(</sys/module/scsi_debug/parameters/inq_rev)"; echo "$(</sys/class/scsi_generic/sg0/device/rev)"; revision /dev/sg0',
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      assert.is(json(seen.out).devices[0]?.after, NEW_REVISION);
      // The parameter of the module, before and after; what the kernel scanned; what the card says.
      assert.equal(seen.peer, [START, NEW_REVISION, NEW_REVISION, NEW_REVISION]);
      assert.is(seen.trace('reload').filter(isWriteBuffer).length, IMAGE.length / CHUNK_BYTES + 1);
    },
  },
];
