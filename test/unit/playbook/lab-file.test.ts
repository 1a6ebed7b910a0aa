import * as assert from 'uvu/assert';
import { loadLabFile } from '../../../src/playbook/lab-file.ts';
import { suite } from '../../support/suite.ts';
import { brief } from './sample.ts';

const test = suite('playbook/lab-file');

const LAB = `lab: v1
images:
  - {name: PUF21000.bin, bytes: 1MiB, rule: standard, revision: "2.10"}
devices:
  - persona: hp-sas-expander
    revision: "2.08"
    serial: "A1"
    sas-address: "0x50014380abc00040"
    node: sg1
    latency: 5ms
    faults: [{command: write-buffer, nth: 3, sense: "5/24/00"}]
`;

test('a lab file without a mistake gives its words, frozen', () => {
  const { lab, diagnostics } = loadLabFile('x.yml', LAB);
  assert.equal(diagnostics, []);
  assert.is(lab!.devices[0]!.node, 'sg1');
  assert.ok(Object.isFrozen(lab!.devices[0]!.faults));
});

test('texts of devices may hold any byte, and others no NUL', () => {
  const { lab, diagnostics } = loadLabFile('x.yml', LAB.replace('"A1"', '"A\\0\\x01B\\xff"'));
  assert.equal(diagnostics, []);
  assert.is(lab!.devices[0]!.serial, 'A\0\x01B\xff');
  const name = loadLabFile('x.yml', LAB.replace('PUF21000.bin', '"a\\0b"'));
  assert.equal(
    name.diagnostics.map(({ code }) => code),
    ['nul'],
  );
});

test('a lab of one line is enough', () => {
  assert.equal(
    loadLabFile('x.yml', 'lab: v1\ndevices: [{persona: disk, revision: "0001"}]\n').diagnostics,
    [],
  );
});

for (const [title, from, to, expected] of [
  [
    'a revision without quotes',
    '"2.08"',
    '2.08',
    '6:15 quote: revision must be text, but YAML reads 2.08 as a number | write it in quotes: "2.08"',
  ],
  [
    'an address that YAML would round',
    '"0x50014380abc00040"',
    '0x50014380abc00040',
    '8:18 quote: sas-address must be text, but YAML reads 0x50014380abc00040 as a number, 5764963217927307000 | write it in quotes: "0x50014380abc00040"',
  ],
  [
    'an address that is too short',
    '"0x50014380abc00040"',
    '"0x50014380"',
    '8:18 format: sas-address must be 16 hex digits after 0x, not "0x50014380" | write "0x50014380032e4c00"',
  ],
  [
    'a persona that is not a name',
    'hp-sas-expander',
    'HP card',
    '5:14 format: persona must be the name of a persona, not HP card | write hp-sas-expander, for example',
  ],
  [
    'a node with its directory',
    'node: sg1',
    'node: /dev/sg1',
    '9:11 format: node must be the name of an sg node, not /dev/sg1 | write sg1',
  ],
  [
    'a latency without unit',
    '5ms',
    '5',
    '10:14 duration: latency 5 has no unit | write 5s if you mean seconds',
  ],
  [
    'a seed of nothing that is made by the rule',
    'rule: standard',
    'rule: zeros, seed: 1',
    '3:58 no-effect: only the rule standard takes a seed | write rule: standard',
  ],
  ['a latency that no timer can hold', '5ms', '9999h', '10:14 duration: 9999h is too long'],
  [
    'an image without a rule',
    ', rule: standard',
    '',
    '3:5 missing-key: image PUF21000.bin needs bytes and rule, or file | write bytes: 1MiB and rule: standard',
  ],
  [
    'an image that is made and read',
    'rule: standard',
    'rule: standard, file: a.bin',
    '3:5 missing-key: image PUF21000.bin needs bytes and rule, or file | write bytes: 1MiB and rule: standard',
  ],
  [
    'an image that is too large',
    '1MiB',
    '300MiB',
    '3:33 range: bytes must be from 1 to 268435456, not 300MiB',
  ],
  [
    'an unknown command of a fault',
    'write-buffer',
    'writebuffer',
    '11:24 word: command cannot be writebuffer | did you mean write-buffer? (one of test-unit-ready, request-sense, inquiry, receive-diagnostic-results, send-diagnostic, write-buffer, report-luns, read-buffer, report-supported-operation-codes)',
  ],
  [
    'a sense without its parts',
    '"5/24/00"',
    '"5/24"',
    '11:53 format: sense must be key/asc/ascq in hex, not "5/24" | write "5/24/00"',
  ],
  [
    'a key of nobody',
    'node: sg1',
    'hctl: 1',
    '9:5 unknown-key: there is no key hctl in entry 1 of devices | known keys: persona, count, vendor, product, revision, serial, new-serial, sas-address, node, latency, link-rate, sysfs, paths, target-of, enclosure, health, nickname, users, raid-level, sata, restart, faults; keys that begin with x- are ignored',
  ],
  ['no version', 'lab: v1\n', '', '1:1 missing-key: lab is missing | the file begins with `lab: v1`'],
] as const) {
  test(`${title} is a mistake in a lab file`, () => {
    const { lab, diagnostics } = loadLabFile('x.yml', LAB.replace(from, to));
    assert.is(lab, null);
    assert.equal(diagnostics.map(brief), [expected]);
  });
}

const SHELF = `lab: v1
devices:
  - persona: ses-shelf
    revision: "0100"
    enclosure: { id: "0x3000000e0100003f", process: 1, of: 2 }
    paths: [{ node: sg1, adapter: 6, behind: [a] }, { node: sg2, adapter: 7, behind: [a], driver: mpt3sas }]
    restart: { ready-after: 3s, lost-paths: 1, leaves: { for: 5s, node: sg9 } }
    faults: [{ command: send-diagnostic, moment: last-chunk, path: sg2, delay: 2s, reset: hard-reset }]
  - { persona: disk, revision: "0001", count: 24, users: [ZFS pool tank], paths: [{ behind: [a] }] }
sysfs: { class/sas_phy/phy-6:0/negotiated_linkrate: 6.0 Gbit }
`;

test('an image of zeros is made by a rule, too', () => {
  assert.equal(loadLabFile('x.yml', LAB.replace('rule: standard', 'rule: zeros')).diagnostics, []);
});

test('modules, paths, expanders, users and restarts have their words', () => {
  const { lab, diagnostics } = loadLabFile('x.yml', SHELF);
  assert.equal(diagnostics, []);
  assert.equal(lab!.devices[0]!.paths![1]!.behind, ['a']);
});

for (const [title, from, to, expected] of [
  [
    'a node beside the paths',
    'revision: "0100"',
    'revision: "0100"\n    node: sg7',
    '5:11 no-effect: a device with paths cannot have a node too | write the node in one of its paths',
  ],
  [
    'a node that two paths share',
    'node: sg2',
    'node: sg1',
    [
      '6:61 count: node sg1 appears twice',
      '8:68 word: no path of this device has the node sg2 | one of sg1, sg1',
    ],
  ],
  [
    'a third module of two',
    'process: 1',
    'process: 3',
    '5:53 range: process 3 of an enclosure that has only 2',
  ],
  [
    'a loss of paths where nothing is behind',
    'behind: [a] }, { node: sg2, adapter: 7, behind: [a],',
    'behind: [] }, { node: sg2, adapter: 7, behind: [],',
    '7:45 no-effect: nothing can be behind a device without an expander | name its expander in the behind of its paths',
  ],
  [
    'a moment of a command that has none',
    'send-diagnostic, moment',
    'inquiry, moment',
    '8:42 no-effect: inquiry does not take moment | only write-buffer and send-diagnostic take it',
  ],
  ['an absence that no timer can hold', 'for: 5s', 'for: 9999h', '7:63 duration: 9999h is too long'],
  [
    'a serial number for two dozen',
    'count: 24',
    'count: 24, serial: "X"',
    '9:59 count: 24 devices cannot share one serial | remove it, or write the devices one by one',
  ],
] as const) {
  test(`${title} is a mistake`, () => {
    const { lab, diagnostics } = loadLabFile('x.yml', SHELF.replace(from, to));
    assert.is(lab, null);
    assert.equal(diagnostics.map(brief), [expected].flat());
  });
}

test('one process of an enclosure is there once, and all modules agree on how many there are', () => {
  const shelf = SHELF.slice(SHELF.indexOf('  - persona'), SHELF.indexOf('    paths'));
  assert.equal(loadLabFile('x.yml', `lab: v1\ndevices:\n${shelf}${shelf}`).diagnostics.map(brief), [
    '8:53 count: process 1 of enclosure 0x3000000e0100003f appears twice',
  ]);
  const other = shelf.replace('process: 1, of: 2', 'process: 2, of: 3');
  assert.equal(loadLabFile('x.yml', `lab: v1\ndevices:\n${shelf}${other}`).diagnostics.map(brief), [
    '8:16 range: enclosure 0x3000000e0100003f has 2 modules, and 3 here',
  ]);
});

test('two devices with one node or address are a mistake; modules of one chassis share a serial number', () => {
  const device = LAB.slice(LAB.indexOf('  - persona'));
  assert.equal(loadLabFile('x.yml', LAB + device).diagnostics.map(brief), [
    '15:18 count: sas-address 0x50014380abc00040 appears twice',
    '16:11 count: node sg1 appears twice',
  ]);
});

test.run();
