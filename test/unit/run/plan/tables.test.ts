import * as assert from 'uvu/assert';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ResolvedStrategy } from '../../../../src/playbook/resolved.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import { noInk } from '../../../../src/report/ink.ts';
import { planText } from '../../../../src/report/plan-text.ts';
import { inProject } from '../../../support/paths.ts';
import {
  bigHost,
  cascadeWithHolders,
  raidAndSata,
  shelfUnderMultipath,
} from '../../../support/storage-machines.ts';
import { suite } from '../../../support/suite.ts';
import { driveNaa, enclosureNaa } from '../../../support/sysfs-machines.ts';
import type { SysfsTree } from '../../../support/sysfs-tree.ts';
import type { PlayFields } from '../builders.ts';
import { factsOfTree, planOfTree, shelfPlay } from '../machines.ts';
import type { AnsweringNode } from '../machines.ts';

const test = suite('run/tables');

type Nodes = Readonly<Record<string, AnsweringNode>>;

/** 40h apart: what lies closer is one enclosure to the simulator. */
const shelfOf = (n: number): AnsweringNode => ({ naa: enclosureNaa(0x40 * n) });
const enclosures = (count: number): Nodes =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`sg${n}`, shelfOf(n)]));
const MODULES: Nodes = Object.fromEntries(
  [1, 2].map((process) => [
    `sg${process - 1}`,
    { naa: enclosureNaa(process), module: { process, logicalIdentifier: '5003048000001aff' } },
  ]),
);
const disk = (n: number): AnsweringNode => ({ naa: driveNaa(n), persona: 'disk' });

const DISKS: PlayFields = {
  name: 'disks',
  match: { type: 'disk', deviceType: 0, vendor: '*', product: '*', revision: ['*'] },
};

/** The nodes of the tree as those of /dev. */
const asIfReal = (unit: DeviceFacts, { devRoot }: SysfsTree): DeviceFacts => ({
  ...unit,
  paths: unit.paths.map((path) => ({ ...path, sgNode: path.sgNode?.replace(devRoot, '/dev') ?? null })),
});

interface Table {
  readonly name: string;
  readonly tree: () => SysfsTree;
  readonly nodes: Nodes;
  readonly play?: PlayFields;
  readonly strategy?: Partial<ResolvedStrategy>;
  /** Also what no play selects. */
  readonly verbose?: true;
}

const TABLES: readonly Table[] = [
  {
    name: 'cascade',
    verbose: true,
    tree: cascadeWithHolders,
    nodes: enclosures(3),
    strategy: { onRefusal: 'skip' },
  },
  {
    name: 'cascade-outage-accepted',
    tree: cascadeWithHolders,
    nodes: enclosures(3),
    strategy: { redundancy: 'outage-accepted', concurrent: 4 },
  },
  {
    name: 'cascade-disks',
    tree: cascadeWithHolders,
    nodes: Object.fromEntries([0, 1, 2, 3, 4, 5].map((n) => [`sg${7000 + n}`, disk(n)])),
    play: DISKS,
  },
  { name: 'dual-module', tree: shelfUnderMultipath, nodes: MODULES, strategy: { concurrent: 4 } },
  {
    name: 'dual-module-path-lost',
    tree: () => shelfUnderMultipath((n) => n >= 18),
    nodes: MODULES,
    strategy: { concurrent: 4 },
  },
  {
    name: 'raid-and-sata-disks',
    verbose: true,
    tree: raidAndSata,
    nodes: {
      sg0: { naa: '600605b00d1c0000', persona: 'disk' },
      sg2: disk(7),
      sg3: disk(1),
      sg4: disk(2),
    },
    play: DISKS,
    strategy: { onRefusal: 'skip' },
  },
  {
    name: 'raid-and-sata-enclosures',
    verbose: true,
    tree: raidAndSata,
    nodes: { sg1: shelfOf(9), sg5: shelfOf(1) },
    strategy: { onRefusal: 'skip', redundancy: 'outage-accepted' },
  },
  {
    name: 'thousand',
    tree: () => bigHost(1000),
    nodes: enclosures(20),
    strategy: { redundancy: 'outage-accepted', concurrent: 8 },
  },
];

for (const { name, tree: build, nodes, play = shelfPlay(), strategy, verbose = false } of TABLES) {
  test(`${name}: the whole plan is as it was reviewed`, async () => {
    const tree = build();
    try {
      const types = new Set([play.match?.deviceType ?? 0x0d]);
      const facts = (await factsOfTree(tree, nodes, types)).map((unit) => asIfReal(unit, tree));
      const text = planText(planOfTree(facts, play, strategy), { ink: noInk, verbose });
      const file = inProject(`test/unit/run/plan/tables/${name}.txt`);
      if (process.env['RUNBOOK_WRITE_TABLES'] === '1') writeFileSync(file, text);
      assert.fixture(text, readFileSync(file, 'utf8'));
    } finally {
      tree.remove();
    }
  });
}

test.run();
