import * as assert from 'uvu/assert';
import { whyApart } from '../../../../src/run/facts/domains.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { UNKNOWN_TOPOLOGY } from '../../../../src/run/facts/unit-topology.ts';
import type { UnitTopology } from '../../../../src/run/facts/unit-topology.ts';
import { lastPathsTaken, outageText } from '../../../../src/run/facts/redundancy.ts';
import { whyLastPath } from '../../../../src/run/guards/outage.ts';
import { suite } from '../../../support/suite.ts';
import { cascade, driveNaa, enclosureNaa, sasDisk, shelf, sesUnit } from '../../../support/sysfs-machines.ts';
import { scanned, sysfsTree } from '../../../support/sysfs-tree.ts';
import type { SysfsTree } from '../../../support/sysfs-tree.ts';
import { factsOf, playOf } from '../builders.ts';
import { factsOfTree, planOfTree, shelfPlay, told } from '../machines.ts';
import type { AnsweringNode } from '../machines.ts';

const test = suite('run/redundancy');

const CASCADE = {
  sg0: { naa: enclosureNaa(0) },
  sg1: { naa: enclosureNaa(1) },
  sg2: { naa: enclosureNaa(2) },
};
const SHELF = { sg0: { naa: enclosureNaa(1) }, sg1: { naa: enclosureNaa(2) } };

async function looked(
  tree: SysfsTree,
  nodes: Readonly<Record<string, AnsweringNode>>,
  types?: Set<number>,
): Promise<readonly DeviceFacts[]> {
  try {
    return await factsOfTree(tree, nodes, types);
  } finally {
    tree.remove();
  }
}

/** Drives `numbers` of a tree are members of pool tank. */
function inPool(tree: SysfsTree, numbers: readonly string[]): SysfsTree {
  for (const number of numbers) {
    tree.write(`run/udev/data/b${number}`, 'E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n');
  }
  tree.write('proc/spl/kstat/zfs/tank/state', 'ONLINE\n');
  return tree;
}

const outages = (facts: readonly DeviceFacts[]): string[] =>
  facts.flatMap(({ paths, topology }) => {
    const text = outageText(topology);
    return text === null ? [] : [`${paths[0]!.sgNode!.split('/').at(-1)}: ${text}`];
  });

test('cascaded expanders: what is behind an expander is behind those above it', async () => {
  const facts = await looked(inPool(cascade(), ['8:60005']), CASCADE);
  assert.equal(outages(facts), [
    'sg0: 6 drives behind it, 6 lose their only path; in use: 1 (ZFS pool tank)',
    'sg1: 4 drives behind it, 4 lose their only path; in use: 1 (ZFS pool tank)',
    'sg2: 2 drives behind it, 2 lose their only path; in use: 1 (ZFS pool tank)',
  ]);
});

test('a drive in use refuses every expander that its only path goes through, and no other', async () => {
  const facts = await looked(inPool(cascade(), ['8:60002']), CASCADE);
  const obstacle = 'refused: last-path';
  assert.equal(told(planOfTree(facts)), [`sg0 ${obstacle}`, `sg1 ${obstacle}`, 'sg2 update: 0100 → 2.10']);
  assert.equal(
    told(planOfTree(facts, shelfPlay(), { redundancy: 'outage-accepted' })).map((line) => line.slice(0, 10)),
    ['sg0 update', 'sg1 update', 'sg2 update'],
  );
});

test('two modules with 24 dual-path drives in use: each has another path, so both go, one after the other', async () => {
  const tree = inPool(
    shelf(),
    Array.from({ length: 24 }, (_, n) => `8:6${n.toString(16).padStart(4, '0')}`),
  );
  const facts = await looked(tree, SHELF);
  assert.equal(outages(facts), [
    'sg0: 24 drives behind it, each with another path',
    'sg1: 24 drives behind it, each with another path',
  ]);
  assert.equal(told(planOfTree(facts)), ['sg0 update: 0100 → 2.10', 'sg1 update: 0100 → 2.10']);
  const [a, b] = facts
    .filter(({ deviceType }) => deviceType === 13)
    .map((unit) => ({ ...unit, enclosures: null })); // as if page 01h did not say that they belong together
  assert.is(
    whyApart(a!, b!, { together: null, redundancy: 'required' }),
    'together they would take the last path of drives in use',
  );
  assert.is(whyApart(a!, b!, { together: null, redundancy: 'outage-accepted' }), null);
});

test('drives that have lost their second path, or whose second path is offline, lose their only one', async () => {
  const numbers = Array.from({ length: 24 }, (_, n) => `8:6${n.toString(16).padStart(4, '0')}`);
  const facts = await looked(inPool(shelf({ single: (n) => n < 12 }), numbers), SHELF);
  assert.equal(outages(facts), [
    'sg0: 24 drives behind it, 12 lose their only path; in use: 12 (ZFS pool tank)',
    'sg1: 12 drives behind it, each with another path',
  ]);
  assert.equal(told(planOfTree(facts)), ['sg0 refused: last-path', 'sg1 update: 0100 → 2.10']);
  const offline = shelf({
    fields: (n, host) =>
      host === 7 && n === 3
        ? {
            attributes: {
              ...scanned(0, 'SEAGATE', 'X', '1'),
              wwid: `naa.${driveNaa(3)}\n`,
              state: 'offline\n',
            },
          }
        : {},
  });
  assert.equal(outages(await looked(inPool(offline, numbers), SHELF)), [
    'sg0: 24 drives behind it, 1 loses its only path; in use: 1 (ZFS pool tank)',
    'sg1: 24 drives behind it, each with another path',
  ]);
});

test('a drive without a designator that merges paths has the one path that is seen', async () => {
  const nameless = shelf({
    fields: (n) =>
      n === 0 ? { attributes: { ...scanned(0, 'SEAGATE', 'X', '1'), wwid: 't10.SEAGATE 1\n' } } : {},
  });
  const facts = await looked(inPool(nameless, ['8:60000']), SHELF);
  assert.match(outages(facts)[0]!, /24 drives behind it, 1 loses its only path; in use: 1/);
});

test('where the host shows no links, the drives of the adapter may be behind the enclosure', async () => {
  const tree = sysfsTree(
    [
      { host: 6, procName: 'vendor_hba' },
      { host: 7, procName: 'vendor_hba' },
    ],
    [
      { ...sesUnit('6:0:1:0', 1, 'sg0', []), endDevice: undefined as never },
      { ...sasDisk('6:0:0:0', 0, 'sda'), endDevice: undefined as never },
      { ...sasDisk('7:0:0:0', 1, 'sdb'), endDevice: undefined as never },
    ],
  );
  const facts = await looked(inPool(tree, ['8:60000', '8:70001']), { sg0: { naa: enclosureNaa(1) } });
  assert.equal(outages(facts), [
    'sg0: 1 drive on its adapter, perhaps behind it, 1 loses its only path; in use: 1 (ZFS pool tank)',
  ]);
  assert.match(
    planOfTree(facts).decisions.find(({ error }) => error !== undefined)!.error!.message,
    /if they are behind it: the host does not show the links/,
  );
});

test('a disk in use is refused, over whichever path it is used, unless the playbook accepts it', async () => {
  const play = shelfPlay({
    match: { type: 'disk', deviceType: 0, vendor: '*', product: '*', revision: ['*'] },
  });
  const tree = shelf({ single: (n) => n > 1, fields: (n, host) => ({ sg: `sg${host}0${n}` }) });
  for (let n = 2; n < 24; n++) tree.removeUnit(`6:0:${n}:0`);
  const nodes = Object.fromEntries(
    [6, 7].flatMap((host) =>
      [0, 1].map((n) => [`sg${host}0${n}`, { naa: driveNaa(n), persona: 'disk' as const }]),
    ),
  );
  const facts = await looked(inPool(tree, ['8:70001']), nodes, new Set([0]));
  assert.equal(told(planOfTree(facts, play)), [
    'sg600+sg700 update: 0100 → 2.10',
    'sg601+sg701 refused: in-use',
  ]);
  assert.match(told(planOfTree(facts, play, { inUse: 'accepted' }))[1]!, /^sg601\+sg701 update/);
});

test('RAID adapters and SATA devices are refused for write-buffer, with the reason', async () => {
  const match = { type: 'disk', deviceType: 0, vendor: '*', product: '*', revision: ['*'] } as const;
  const ata = scanned(0, 'ATA', 'INTEL SSDSC2BB24', '0370');
  const tree = sysfsTree(
    [
      { host: 0, procName: 'megaraid_sas' },
      { host: 6, procName: 'mpt3sas', sas: true },
    ],
    [
      sasDisk('0:0:0:0', 0, 'sda', { sg: 'sg0' }),
      sasDisk('6:0:1:0', 1, 'sdb', { sg: 'sg1', attributes: { ...ata, vpd_pg89: '\x00\x89' } }),
      sasDisk('6:0:2:0', 2, 'sdc', { sg: 'sg2' }),
    ],
  );
  const nodes = Object.fromEntries(
    [0, 1, 2].map((n) => [`sg${n}`, { naa: driveNaa(n), persona: 'disk' as const }]),
  );
  const facts = await looked(tree, nodes, new Set([0]));
  assert.equal(told(planOfTree(facts, { name: 'disks', match })), [
    'sg0 refused: raid-adapter',
    'sg1 refused: sata-drive',
    'sg2 update: 0100 → 2.10',
  ]);
  assert.is(playOf().download[0]!.via, 'write-buffer');
});

test('rescan and reload-driver leave disks alone that are in use, and take those that are not', async () => {
  const activate = [{ step: 'reload-driver', driver: 'mpt3sas' }] as const;
  const free = await looked(cascade(), CASCADE);
  assert.match(told(planOfTree(free, shelfPlay({ activate })))[0]!, /^sg0 update/);
  const used = await looked(inPool(cascade(), ['8:60003']), CASCADE);
  const accepted = { redundancy: 'outage-accepted' } as const;
  assert.is(told(planOfTree(used, shelfPlay({ activate }), accepted))[0], 'sg0 refused: step-removes-disk');
});

test('nothing behind, or nothing known: no obstacle', () => {
  assert.is(whyLastPath(UNKNOWN_TOPOLOGY), null);
  assert.is(outageText(UNKNOWN_TOPOLOGY), null);
  assert.is(whyApart(factsOf(1), factsOf(2), { together: null, redundancy: 'required' }), null);
});

test('a drive with no running path loses nothing, and users are named once, four of them at most', () => {
  const drive = (n: number, running: boolean, users: readonly string[]): UnitTopology['drives'][number] => ({
    id: `naa.${n}`,
    users,
    paths: [{ hctl: `6:0:${n}:0`, node: null, running, through: true }],
  });
  const place: UnitTopology = {
    ...UNKNOWN_TOPOLOGY,
    drives: [
      drive(0, false, ['swap']),
      ...[1, 2, 3, 4, 5, 6].map((n) => drive(n, true, ['swap', `mounted on /${n}`])),
    ],
  };
  assert.is(lastPathsTaken([place]).length, 6);
  assert.match(
    whyLastPath(place)!.message,
    /6 drives in use \(swap, mounted on \/1, mounted on \/2, mounted on \/3, and 3 more\)/,
  );
});

test('1000 devices: every unit knows its own drives', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `expander-6:${n}`);
  const tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas', sas: true }],
    names.flatMap((name, e) => [
      sesUnit(`6:0:${1000 + e}:0`, e, `sg${e}`, [name]),
      ...Array.from({ length: 49 }, (_, d) => {
        const n = e * 49 + d;
        return sasDisk(`6:0:${n}:0`, n, `sdx${n}`, { expanders: [name], sg: `sg${100 + n}` });
      }),
    ]),
  );
  const nodes = Object.fromEntries(names.map((_, e) => [`sg${e}`, { naa: enclosureNaa(e) }]));
  const facts = await looked(tree, nodes);
  assert.is(facts.length, 1000);
  assert.equal(
    [...new Set(outages(facts).map((line) => line.replace(/^sg\d+: /, '')))],
    ['49 drives behind it, 49 lose their only path; none in use'],
  );
});

test.run();
