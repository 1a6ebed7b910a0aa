import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { hctlsNamed } from '../../../src/host/named-hctls.ts';
import { suite } from '../../support/suite.ts';
import { scanned, sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsTree } from '../../support/sysfs-tree.ts';

const test = suite('host/named-places');

let tree: SysfsTree;
const unit = (hctl: string): string => path.join(tree.sysfsRoot, 'bus/scsi/devices', hctl);
const link = (target: string, at: string): void => {
  mkdirSync(path.dirname(at), { recursive: true });
  symlinkSync(target, at);
};
const inSysfs = (file: string): string => path.join(tree.sysfsRoot, file);
const inDev = (file: string): string => path.join(tree.devRoot, file);
const places = (name: string): readonly string[] => hctlsNamed(tree, name);

test.before(() => {
  tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas' }],
    [
      { hctl: '6:0:1:0', attributes: scanned(0, 'SEAGATE', 'ST4000', '0004'), sg: 'sg1', block: 'sdb' },
      { hctl: '6:0:2:0', attributes: scanned(0, 'SEAGATE', 'ST4000', '0004'), sg: 'sg2', block: 'sdc' },
      { hctl: '6:0:3:0', attributes: scanned(1, 'HP', 'Ultrium 6-SCSI', '35GD'), sg: 'sg3' },
    ],
  );
  tree.write('sys/class/scsi_tape/readme', '');
  for (const name of ['st0', 'nst0']) {
    mkdirSync(path.join(unit('6:0:3:0'), 'scsi_tape', name), { recursive: true });
    link(path.join(unit('6:0:3:0'), 'scsi_tape', name), inSysfs(`class/scsi_tape/${name}`));
  }
  link(path.join(unit('6:0:1:0'), 'block/sdb'), inSysfs('class/block/sdb'));
  link(path.join(unit('6:0:2:0'), 'block/sdc'), inSysfs('class/block/sdc'));
  mkdirSync(path.join(unit('6:0:1:0'), 'bsg/6:0:1:0'), { recursive: true });
  link(path.join(unit('6:0:1:0'), 'bsg/6:0:1:0'), inSysfs('class/bsg/6:0:1:0'));
  // A node of this machine stands for the node of a tape drive: what it is called does not matter.
  link('/dev/null', inDev('disk/by-path/tape'));
  link('../by-path/tape', inDev('disk/by-id/tape'));
  link(path.join(unit('6:0:3:0'), 'scsi_tape/st0'), inSysfs('dev/char/1:3'));
  link('circle', inDev('circle'));
  tree.addMapped('dm-3', '253:3', { 'dm/uuid': 'mpath-3600508b1001c' });
  tree.addMapped('dm-4', '253:4', { 'dm/uuid': 'LVM-abcdef' });
  for (const map of ['dm-3', 'dm-4']) {
    for (const [slave, hctl] of [
      ['sdb', '6:0:1:0'],
      ['sdc', '6:0:2:0'],
    ] as const)
      link(path.join(unit(hctl), 'block', slave), inSysfs(`devices/virtual/block/${map}/slaves/${slave}`));
  }
});
test.after(() => tree.remove());

for (const [name, hctl] of [
  ['sdb', '6:0:1:0'],
  ['sdc', '6:0:2:0'],
  ['sg2', '6:0:2:0'],
  ['st0', '6:0:3:0'],
  ['nst0', '6:0:3:0'],
  ['6:0:1:0', '6:0:1:0'],
] as const) {
  test(`a name of the kernel leads to its unit, with /dev/ and without, where nobody made the node: ${name}`, () => {
    assert.equal(places(name), [hctl]);
    assert.equal(places(inDev(name)), [hctl]);
  });
}

test('a node is known by its number, and a link leads to its node', () => {
  for (const name of [inDev('disk/by-path/tape'), inDev('disk/by-id/tape'), 'disk/by-id/tape', '/dev/null'])
    assert.equal(places(name), ['6:0:3:0'], name);
});

test('bsg calls a unit by its place', () => {
  assert.equal(places(inDev('bsg/6:0:1:0')), ['6:0:1:0']);
});

test('a multipath map is all of its paths; a volume on several disks is none of them', () => {
  assert.equal(places('dm-3'), ['6:0:1:0', '6:0:2:0']);
  assert.equal(places('dm-4'), []);
});

test('a directory of sysfs is its unit, and a slash at the end changes nothing', () => {
  for (const name of ['class/block/sdb', 'class/bsg/6:0:1:0/', 'bus/scsi/devices/6:0:1:0'])
    assert.equal(places(inSysfs(name)), ['6:0:1:0'], name);
  assert.equal(places(inDev('sdb/')), ['6:0:1:0']);
  assert.equal(places(inSysfs('class/scsi_tape')), []);
});

test('what is not a name of a SCSI device is nothing, and never an error', () => {
  for (const name of [
    '',
    '/',
    '.',
    '..',
    '/etc/passwd',
    '/dev/zero',
    'sdz',
    'naa.5001438000000010',
    'a/b/c',
    'x'.repeat(5000),
    inDev('circle'),
    '/x/sdb',
  ])
    assert.equal(places(name), [], name);
  assert.equal(hctlsNamed({ sysfsRoot: '/nonexistent', devRoot: '/nonexistent' }, 'sda'), []);
});

test.run();
