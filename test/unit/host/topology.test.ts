import * as assert from 'uvu/assert';
import type { Surroundings } from '../../../src/host/host.ts';
import { expanderNames, survey } from '../../../src/host/topology.ts';
import { suite } from '../../support/suite.ts';
import { cascade, expanderAddress, sasDisk, shelf } from '../../support/sysfs-machines.ts';
import { scanned, sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsTree } from '../../support/sysfs-tree.ts';

const test = suite('host/topology');

function surveyed(tree: SysfsTree): ReadonlyMap<string, Surroundings> {
  const { sysfsRoot, procRoot, root } = tree;
  try {
    return survey({ sysfsRoot, procRoot, runRoot: `${root}/run` });
  } finally {
    tree.remove();
  }
}

const E = (n: number): string => expanderAddress(n);
const short = (address: string): string =>
  address.startsWith('0x') ? `E${Number.parseInt(address.slice(-3), 16)}` : address;
/** `6:0:1:0 below E0 E1, slots …`, one line each. */
const lines = (around: ReadonlyMap<string, Surroundings>): string[] =>
  [...around].map(([hctl, { expanders, inSlots, users, isSata }]) =>
    [
      hctl,
      expanders === null ? 'links unknown' : `below ${expanders.map(short).join(' ') || 'the adapter'}`,
      ...(inSlots.length > 0 ? [`${inSlots.length} in slots`] : []),
      ...users,
      ...(isSata ? ['SATA'] : []),
    ].join(', '),
  );

for (const [path, expected] of [
  [null, null],
  ['', null],
  ['../../devices/pci0000:00/ata1/host1/target1:0:0/1:0:0:0', null],
  ['../host6/port-6:0/end_device-6:0/target6:0:0/6:0:0:0', []],
  ['../host6/port-6:0/expander-6:0/port-6:0:2/end_device-6:0:2/target6:0:2/6:0:2:0', ['expander-6:0']],
  [
    '../host6/port-6:0/expander-6:0/port-6:0:1/expander-6:3/port-6:3:2/end_device-6:3:2/target6:0:2/6:0:2:0',
    ['expander-6:0', 'expander-6:3'],
  ],
] as const) {
  test(`${path === null ? 'no link' : `"${path.slice(-60)}"`} is below ${JSON.stringify(expected)}`, () =>
    assert.equal(expanderNames(path), expected));
}

test('cascaded expanders: every unit with its way from the adapter', () => {
  assert.equal(lines(surveyed(cascade())).sort(), [
    '6:0:0:0, below E0',
    '6:0:10:0, below E0',
    '6:0:11:0, below E0 E1',
    '6:0:12:0, below E0 E1 E2',
    '6:0:1:0, below E0',
    '6:0:2:0, below E0 E1',
    '6:0:3:0, below E0 E1',
    '6:0:4:0, below E0 E1 E2',
    '6:0:5:0, below E0 E1 E2',
  ]);
});

test('two adapters: each module with its own expander, and 24 drives in its slots', () => {
  const told = lines(surveyed(shelf()));
  assert.is(told.length, 50);
  assert.equal(
    told.filter((line) => line.includes('slots')),
    ['6:0:24:0, below E1, 24 in slots', '7:0:24:0, below E2, 24 in slots'],
  );
  assert.is(told.filter((line) => line.endsWith('below E1')).length, 24);
  assert.is(told.filter((line) => line.endsWith('below E2')).length, 24);
});

test('the same expander below two adapters is one, by its address', () => {
  const expanders = (name: string): Record<string, string> => ({
    [name]: E(9).toUpperCase().replace('0X', '0x'),
  });
  const tree = sysfsTree(
    [
      { host: 1, procName: 'mpt3sas', expanders: expanders('expander-1:0') },
      { host: 2, procName: 'mpt3sas', expanders: expanders('expander-2:4') },
    ],
    [
      sasDisk('1:0:0:0', 1, 'sda', { expanders: ['expander-1:0'] }),
      sasDisk('2:0:0:0', 1, 'sdb', { expanders: ['expander-2:4'] }),
    ],
  );
  assert.equal(lines(surveyed(tree)).sort(), ['1:0:0:0, below E9', '2:0:0:0, below E9']);
});

test('an expander without an address, or with a garbled one, keeps its name', () => {
  const tree = sysfsTree(
    [{ host: 1, procName: 'x', expanders: { 'expander-1:0': '0x0000000000000000', 'expander-1:1': 'none' } }],
    [sasDisk('1:0:0:0', 1, 'sda', { expanders: ['expander-1:0', 'expander-1:1', 'expander-1:2'] })],
  );
  assert.equal(surveyed(tree).get('1:0:0:0')!.expanders, ['expander-1:0', 'expander-1:1', 'expander-1:2']);
});

test('RAID adapters and SATA ports show no links; VPD page 89h tells a SATA drive behind SAS', () => {
  const attributes = scanned(0, 'ATA', 'INTEL SSDSC2BB24', '0370');
  const tree = sysfsTree(
    [
      { host: 0, procName: 'megaraid_sas' },
      { host: 1, procName: '<NULL>', busDriver: 'ahci' },
      { host: 6, procName: 'mpt3sas', sas: true },
    ],
    [
      { hctl: '0:2:0:0', attributes: scanned(0, 'LSI', 'MR9260-8i', '2.13'), block: 'sda' },
      { hctl: '1:0:0:0', attributes, block: 'sdb' },
      sasDisk('6:0:0:0', 1, 'sdc', { attributes: { ...attributes, vpd_pg89: '\x00\x89\x02\x38' } }),
    ],
  );
  assert.equal(lines(surveyed(tree)).sort(), [
    '0:2:0:0, links unknown',
    '1:0:0:0, links unknown',
    '6:0:0:0, below the adapter, SATA',
  ]);
});

test('without a SCSI bus there is nothing', () => {
  const tree = sysfsTree([], []);
  assert.is(surveyed(tree).size, 0);
});

test('a host with 1000 devices is told completely', () => {
  const units = Array.from({ length: 1000 }, (_, n) =>
    sasDisk(`6:0:${n}:0`, n, `sdx${n}`, { expanders: [`expander-6:${n % 40}`] }),
  );
  const expanders = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`expander-6:${n}`, E(n)]));
  const around = surveyed(sysfsTree([{ host: 6, procName: 'mpt3sas', sas: true, expanders }], units));
  assert.is(around.size, 1000);
  assert.is([...around.values()].filter(({ expanders: above }) => above?.[0] === E(7)).length, 25);
});

test.run();
