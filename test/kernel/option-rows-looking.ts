import * as assert from 'uvu/assert';
import type { Finding } from '../../src/report/doctor-text.ts';
import { isInquiry } from './card-log.ts';
import { HEADER_BYTES, NEW_REVISION, nodeOf, productOf, serialOf, UNIT_NAMES } from './option-lab.ts';
import { json, nothingWritten, only, reports, trace, work } from './option-row.ts';
import type { OptionRow } from './option-row.ts';

/** Before anything is written. */
export const LOOKING: readonly OptionRow[] = [
  {
    name: 'probe',
    words: `devices --probe --format json ${trace('probe')}`,
    script: `runbook devices --probe --format json ${trace('probe')} >${work('inventory.json')}; code=$?; cat ${work('inventory.json')}; (exit $code)`,
    proves: (seen) => {
      assert.is(seen.exitCode, 0);
      const { devices } = json(seen.out);
      for (const name of UNIT_NAMES) {
        assert.ok(seen.cards(name).some(isInquiry), name);
        const shown = devices.find(({ sgNode }) => sgNode === nodeOf(name));
        assert.is(shown?.probe?.serialNumber, serialOf(name));
        assert.ok(
          seen.trace('probe').some(({ device }) => device === nodeOf(name)),
          name,
        );
      }
      assert.is(devices.length, UNIT_NAMES.length + 1);
      nothingWritten(seen);
    },
  },
  {
    name: 'doctor',
    words: `doctor --format json ${trace('doctor')}`,
    after: 'ls /dev/sg[0-9]* | wc -l',
    proves: (seen) => {
      const { findings } = JSON.parse(seen.out) as { readonly findings: readonly Finding[] };
      const found = (check: string): string => findings.find((one) => one.check === check)?.found ?? '';
      assert.match(found('sg-driver'), `${seen.peer[0]!} devices, ${seen.peer[0]!} nodes`);
      assert.is(found('sg-nodes'), 'all of them can be opened');
      assert.match(found('native-part'), /koffi\.node, \d+ threads$/);
      assert.equal(seen.cards(), [], 'no command was sent');
    },
  },
  {
    name: 'tree',
    words: 'devices --tree',
    after: 'ls /sys/class/scsi_host',
    proves: (seen) => {
      assert.is(seen.exitCode, 0);
      for (const name of UNIT_NAMES)
        assert.match(seen.out, new RegExp(`${nodeOf(name).slice(5)} .*${productOf(name)}`));
      for (const host of new Set(seen.out.match(/^host\d+/gm))) assert.ok(seen.peer.includes(host), host);
      assert.equal(seen.cards(), [], 'no command is sent for it');
    },
  },
  {
    name: 'probe-as-nobody',
    words: 'devices --probe --format json --state-dir /run/nobody',
    asNobody: true,
    proves: (seen) => {
      const { exit, error, devices } = json(seen.out);
      assert.equal(exit, { code: 4, name: 'REFUSED' });
      assert.match(error!.message, new RegExp(`no permission .*\\(${UNIT_NAMES.length + 1} devices\\)`));
      assert.is(devices.length, UNIT_NAMES.length + 1);
      assert.equal(seen.cards(), []);
    },
  },
  {
    name: 'status-as-nobody',
    words: `status ${nodeOf('frozen')} --state-dir /run/nobody`,
    asNobody: true,
    proves: (seen) => {
      assert.is(seen.exitCode, 4, seen.err);
      assert.match(seen.out, `${nodeOf('frozen')}: no permission to open it`);
      assert.not.match(seen.out, '--trace');
      assert.equal(seen.cards(), []);
    },
  },
  {
    // One name of another kind for each unit. udev is not here: what it makes is made by hand.
    name: 'names',
    before: `
mkdir -p /dev/disk/by-id /dev/bsg
link_node block sda /dev/sda
link_node scsi_tape st0 /dev/tape0; link_node scsi_tape nst0 /dev/nst0
link_node bsg "$(hctl sg2)" "/dev/bsg/$(hctl sg2)"
ln -s ../../sg1 /dev/disk/by-id/scsi-card`,
    words: `status /dev/disk/by-id/scsi-card "/dev/bsg/$(hctl sg2)" opt-mute "[$(hctl sg4)]" ${nodeOf('left')} SG6 sda nst0 --format json ${trace('names')}`,
    after: 'ls /dev/sd* /dev/st* /dev/nst*',
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out);
      assert.equal(
        json(seen.out).devices.flatMap(({ paths }) => paths),
        UNIT_NAMES.map(nodeOf),
      );
      for (const name of UNIT_NAMES) assert.ok(seen.cards(name).length > 0, name);
      assert.ok(seen.trace('names').length > 0);
      assert.equal(seen.peer, ['/dev/nst0', '/dev/sda'], 'the tape has no node of its name');
    },
  },
  {
    name: 'names-of-nodes-that-nobody-made',
    before: 'rm /dev/sda /dev/nst0',
    words: 'status /sys/class/block/sda/ st0 tape0 --format json',
    proves: (seen) => {
      const paths = json(seen.out).devices.flatMap((device) => device.paths);
      assert.equal(paths, [nodeOf('disk'), nodeOf('tape')]);
      assert.ok(seen.cards('disk').length > 0 && seen.cards('tape').length > 0);
    },
  },
  {
    name: 'init',
    words: `init --device /dev/tape0 --firmware ${work('fw.tar')} --member fw/boxed.bin --strip ${HEADER_BYTES} --verbatim --revision ${NEW_REVISION} --out ${work('made.yml')} --format json ${trace('init')}`,
    proves: (seen) => {
      assert.is(seen.exitCode, 0, seen.out + seen.err);
      const made = seen.file('made.yml');
      for (const text of [
        productOf('tape'),
        `"0001"`,
        serialOf('tape'),
        nodeOf('tape'),
        `strip: ${HEADER_BYTES}`,
        'is: verbatim',
      ])
        assert.ok(made.includes(text), `${text} in ${made}`);
      assert.ok(seen.cards('tape').some(isInquiry));
      assert.ok(seen.trace('init').length > 0);
      nothingWritten(seen);
    },
  },
  {
    name: 'plan',
    words: `plan ${work('card.yml')} --exit-code --out ${work('planned.json')} --valid-for 2h --explain -v --format json ${only('card')} ${reports('plan')} ${trace('plan')}`,
    proves: (seen) => {
      assert.is(seen.exitCode, 5, seen.out + seen.err);
      const { units, created, expires } = JSON.parse(seen.file('planned.json')) as {
        readonly units: readonly { readonly nodes: readonly string[]; readonly serialNumber: string }[];
        readonly created: string;
        readonly expires: string;
      };
      assert.equal(
        units.map(({ nodes, serialNumber }) => [nodes, serialNumber]),
        [[[nodeOf('card')], serialOf('card')]],
      );
      assert.is(Date.parse(expires) - Date.parse(created), 7_200_000);
      for (const kind of ['json', 'jsonl', 'markdown', 'html'])
        assert.ok(seen.file(`plan.${kind}`).includes(productOf('card')), kind);
      assert.ok(seen.file('plan.junit').includes('<testsuite'));
      assert.match(seen.out, new RegExp(`sg_write_buffer [^\\n]*${nodeOf('card')}`));
      assert.ok(seen.cards('card').some(isInquiry));
      assert.ok(seen.trace('plan').some(({ device }) => device === nodeOf('card')));
      nothingWritten(seen);
    },
  },
  {
    name: 'plan-of-recorded-host',
    words: `plan ${work('card.yml')} --inventory ${work('inventory.json')} --format json`,
    proves: (seen) => {
      assert.equal(seen.cards(), []);
      const { hosts } = json(seen.out);
      const updates = hosts.flatMap(({ devices }) => devices).filter(({ action }) => action === 'update');
      assert.equal(
        updates.map(({ paths }) => paths),
        [[nodeOf('card')]],
      );
    },
  },
];
