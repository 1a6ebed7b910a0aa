import * as assert from 'uvu/assert';
import { asciiText, noInk } from '../../../src/report/ink.ts';
import { topologyLines } from '../../../src/report/topology-text.ts';
import { topologyOf } from '../../../src/run/facts/topology.ts';
import { suite } from '../../support/suite.ts';
import { cascade, enclosureNaa, expanderAddress, shelf } from '../../support/sysfs-machines.ts';
import { factsOfTree } from '../run/machines.ts';
import { jbod } from './page-documents.ts';
import { idOf } from './run-events.ts';

const test = suite('topology as a tree');
const SHOWN = { ink: noInk, verbose: false };

test('a shelf with two modules on two adapters: drives that are alike share a line, modules of one enclosure are named together', () => {
  assert.equal(topologyLines(jbod(), SHOWN), [
    'host6  mpt3sas',
    '└─ 4×12G  expander 0x6',
    '   ├─ sg1  LAB SHELF 0100  enclosure 3000000e0200003f',
    '   └─ 24 × LAB DISK 0100 (disk), 2 paths each; ZFS pool tank',
    'host7  mpt3sas',
    '└─ 4×12G  expander 0x7',
    '   ├─ sg2  LAB SHELF 0100  enclosure 3000000e0200003f',
    '   └─ 24 × LAB DISK 0100 (disk), 2 paths each; ZFS pool tank',
    'one shelf: enclosure 3000000e0200003f, modules sg1 and sg2, 24 drives',
  ]);
});

test('a plan marks its units, and says what goes dark', () => {
  const marks = new Map([[idOf(1), { text: 'update', tone: 'good' as const }]]);
  const lines = topologyLines(jbod(), { ...SHOWN, marks });
  assert.match(lines[2]!, /enclosure 3000000e0200003f {2}update$/);
  assert.is(
    lines.at(-1),
    'While sg1 restarts: 24 paths to 24 drives go dark; every drive keeps another path.',
  );
});

test('cascaded expanders, from sysfs', async () => {
  const tree = cascade();
  try {
    const nodes = Object.fromEntries([0, 1, 2].map((n) => [`sg${n}`, { naa: enclosureNaa(n) }]));
    const topology = topologyOf(await factsOfTree(tree, nodes));
    const lines = topologyLines(topology, SHOWN);
    const told = lines
      .filter((line) => /[├└]─/.test(line))
      .map((line) => {
        const [, indent = '', what = ''] = /^([ │]*)[├└]─ (expander \S+|\d+ ×|\S+)/.exec(line) ?? [];
        return `${indent.length / 3} ${what.replace(/^.*\/dev\//, '')}`;
      });
    assert.equal(told, [
      `0 expander ${expanderAddress(0)}`,
      ...['1 sg0', '1 2 ×', `1 expander ${expanderAddress(1)}`],
      ...['2 sg1', '2 2 ×', `2 expander ${expanderAddress(2)}`],
      ...['3 sg2', '3 2 ×'],
    ]);
  } finally {
    tree.remove();
  }
});

test('a path that several units of a host share is drawn under each, and every drive is one unit', async () => {
  const tree = shelf();
  try {
    const topology = topologyOf(
      await factsOfTree(tree, { sg0: { naa: enclosureNaa(1) }, sg1: { naa: enclosureNaa(2) } }),
    );
    const drives = topology.units.filter(({ type }) => type === 'disk');
    assert.is(drives.length, 24);
    assert.ok(drives.every(({ paths }) => paths.length === 2 && paths.every(({ slot }) => slot !== null)));
    assert.ok(drives.every(({ paths }) => paths.every(({ darkWith }) => darkWith.length === 1)));
  } finally {
    tree.remove();
  }
});

test('a locale of ASCII has its own branches', () => {
  assert.match(asciiText(topologyLines(jbod(), SHOWN).join('\n')), '\n`- 4x12G  expander 0x6\n   |- sg1');
});

test('two hundred cards that restart are one line, and what goes dark with them another', () => {
  const { units, ...more } = jbod();
  const card = { ...units[0]!, enclosure: null, ownExpanders: [] };
  const cards = Array.from({ length: 200 }, (_, n) => ({
    ...card,
    id: idOf(n),
    paths: card.paths.map((path) => ({ ...path, hctl: `6:0:${n}:0`, node: `/dev/sg${n}` })),
  }));
  const marks = new Map(cards.map(({ id }) => [id, { text: 'update', tone: 'good' as const }]));
  const lines = topologyLines({ ...more, units: cards }, { ...SHOWN, marks });
  assert.ok(lines.length < 10, lines.join('\n'));
  assert.match(lines.join('\n'), /200 × LAB SHELF 0100 \(enclosure\) {2}update$/m);
  assert.match(lines.at(-1)!, /^While one of sg0 sg1 sg2 sg3 \.\.\. \(200 devices\) restarts: /);
});

test('a thousand drives stay a few lines, and -v names each', () => {
  const topology = jbod();
  const many = Array.from({ length: 1000 }, (_, i) => ({ ...topology.units[2]!, id: `naa.${i}` }));
  const big = { ...topology, units: [...topology.units.slice(0, 2), ...many] };
  assert.is(topologyLines(big, SHOWN).length, 9);
  assert.ok(topologyLines(big, { ...SHOWN, verbose: true }).length > 2000);
});

test.run();
