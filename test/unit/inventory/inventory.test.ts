import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import type { Host } from '../../../src/host/host.ts';
import type { ResolvedPlaybook } from '../../../src/playbook/resolved.ts';
import { documentOf } from '../../../src/report/documents.ts';
import { planBody } from '../../../src/report/plan-document.ts';
import { writtenInventory, type InventoryMemory } from '../../../src/inventory/inventory.ts';
import { InventoryError, parseInventory } from '../../../src/inventory/parse.ts';
import { planOfInventory } from '../../../src/inventory/plan.ts';
import { recordInventory } from '../../../src/inventory/record.ts';
import { inspect } from '../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import { matchPagesOf } from '../../../src/run/facts/match-bytes.ts';
import type { UnitRecord } from '../../../src/run/records/unit-record.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import { supportedDiagnosticPages } from '../../../src/ses/supported-diagnostic-pages.ts';
import { outcomeFor } from '../../support/scripted-transport.ts';
import { suite } from '../../support/suite.ts';
import { cascade, driveNaa, enclosureNaa, sasDisk, shelf } from '../../support/sysfs-machines.ts';
import { scanned, sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsTree } from '../../support/sysfs-tree.ts';
import { obeys } from '../report/schemas.ts';
import { playbookOf, playOf } from '../run/builders.ts';
import { runShelf } from '../run/ses-plays.ts';
import { hostOfTree, shelfPlay } from '../run/machines.ts';
import type { AnsweringNode } from '../run/machines.ts';
import { SHIPPED, shippedOnItsLab } from '../run/shipped.ts';
import { NO_MEMORY } from '../../../src/run/records/remembered-units.ts';
import type { RememberedUnits } from '../../../src/run/records/remembered-units.ts';
import { memoryFrom } from '../../../src/run/records/memory.ts';

const test = suite('run/inventory');

const NOTHING: InventoryMemory = { problem: null, bootId: 'b', units: [], dead: new Map() };
const AGAINST = { retry: false, recover: [], takeOver: false, only: [] };

/** What `devices --probe --format json` writes on this host. */
async function recorded(host: Host, memory = NOTHING): Promise<string> {
  const facts = { host: 'alpha', recorded: '2026-01-02T03:04:05.000Z', runbook: '0.1.0', memory };
  const inventory = writtenInventory(await recordInventory(host, new VirtualClock(), facts));
  const document = documentOf('runbook.devices/1', 'devices', 'OK', { body: { devices: [], inventory } });
  obeys('report', document);
  return JSON.stringify(document);
}

async function direct(host: Host, playbook: ResolvedPlaybook, known?: RememberedUnits): Promise<unknown> {
  const types = new Set(playbook.plays.map(({ match }) => match.deviceType));
  const facts = await inspect(host, types, new VirtualClock(), matchPagesOf(playbook.plays));
  return planBody(
    makePlan(playbook, facts, known === undefined ? undefined : { only: [], remembered: known }),
  );
}

const later = (text: string, playbook: ResolvedPlaybook): unknown =>
  planBody(planOfInventory(playbook, parseInventory(text), AGAINST));

for (const name of SHIPPED) {
  test(`${name}: the plan from the recorded lab is the plan on the lab`, async () => {
    const { host, resolved } = await shippedOnItsLab(name);
    assert.equal(later(await recorded(host), resolved), await direct(host, resolved));
  });
}

const disks = (numbers: readonly number[]): Readonly<Record<string, AnsweringNode>> =>
  Object.fromEntries(numbers.map((n) => [`sg${n}`, { naa: driveNaa(n), persona: 'disk' as const }]));
const allDisks = (hosts: readonly number[], count: number): Readonly<Record<string, AnsweringNode>> =>
  Object.fromEntries(
    hosts.flatMap((host) =>
      Array.from({ length: count }, (_, n) => [
        `sg${1000 + host * 1000 + n}`,
        { naa: driveNaa(n), persona: 'disk' as const },
      ]),
    ),
  );

const DISKS = { match: { type: 'disk', deviceType: 0, vendor: '*', product: '*', revision: ['*'] } } as const;
const MACHINES: Readonly<
  Record<string, () => { readonly tree: SysfsTree; readonly nodes: Readonly<Record<string, AnsweringNode>> }>
> = {
  'cascaded expanders': () => ({
    tree: cascade(),
    nodes: {
      ...Object.fromEntries([0, 1, 2].map((n) => [`sg${n}`, { naa: enclosureNaa(n) }])),
      ...allDisks([6], 6),
    },
  }),
  'a shelf with two modules': () => ({
    tree: shelf({ single: (n) => n > 3 }),
    nodes: {
      sg0: { naa: enclosureNaa(1), module: { process: 1, logicalIdentifier: '5003048000001aff' } },
      sg1: { naa: enclosureNaa(2), module: { process: 2, logicalIdentifier: '5003048000001aff' } },
      ...allDisks([6, 7], 24),
    },
  }),
  'a RAID adapter and SATA': () => ({
    tree: sysfsTree(
      [
        { host: 0, procName: 'megaraid_sas' },
        { host: 6, procName: 'mpt3sas', sas: true },
      ],
      [
        sasDisk('0:0:0:0', 0, 'sda', { sg: 'sg0' }),
        sasDisk('6:0:1:0', 1, 'sdb', {
          sg: 'sg1',
          attributes: { ...scanned(0, 'ATA', 'INTEL SSDSC2BB24', '0370'), vpd_pg89: '\x00\x89' },
        }),
        sasDisk('6:0:2:0', 2, 'sdc', { sg: 'sg2' }),
      ],
    ),
    nodes: disks([0, 1, 2]),
  }),
};

for (const [name, machine] of Object.entries(MACHINES)) {
  test(`${name}: the plan from the recorded host is the plan on the host`, async () => {
    const { tree, nodes } = machine();
    tree.write('run/udev/data/b8:60001', 'E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n');
    tree.write('proc/spl/kstat/zfs/tank/state', 'ONLINE\n');
    try {
      const host = hostOfTree(tree, nodes);
      const text = await recorded(host);
      for (const playbook of [
        playbookOf([playOf(shelfPlay())]),
        playbookOf([playOf({ name: 'disks', ...DISKS })], { onRefusal: 'skip' }),
        playbookOf([playOf(shelfPlay()), playOf({ name: 'disks', ...DISKS })], {
          redundancy: 'outage-accepted',
          concurrent: 4,
          together: 'hba',
        }),
      ]) {
        assert.equal(later(text, playbook), await direct(host, playbook));
      }
    } finally {
      tree.remove();
    }
  });
}

const FIRST = SHIPPED.includes('upgrade-expanders.yml') ? 'upgrade-expanders.yml' : SHIPPED[0]!;

for (const [sense, wanted] of [
  ['4/3e/01', { kind: 'unreadable', by: 'ses-00h' }],
  ['5/24/00', { kind: 'absent' }],
] as const) {
  test(`which page keeps the health of an enclosure from being known is in the inventory (page 00h: ${sense})`, async () => {
    const { host } = await runShelf({
      arrange: ([shelf]) =>
        shelf!.putInFront(({ cdb }) =>
          cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === supportedDiagnosticPages.pageCode
            ? outcomeFor(sense)
            : undefined,
        ),
    });
    const { inspected } = parseInventory(await recorded(host));
    const { kind, by, why } = { why: null, ...inspected[0]!.seen!.health! };
    assert.equal({ kind, ...(by && { by }) }, wanted);
    assert.is(why === null, kind === 'absent');
  });
}

test('what is remembered of a unit is in the inventory', async () => {
  const { host, resolved } = await shippedOnItsLab(FIRST);
  const [unit] = await inspect(host, new Set([0x0d]), new VirtualClock());
  const record: UnitRecord = {
    format: 'runbook.unit/1',
    unit: unit!.id,
    at: '2026-01-01T00:00:00.000Z',
    run: 'r1',
    play: resolved.plays[0]!.name,
    vendor: unit!.vendor,
    product: unit!.product,
    deviceType: 0x0d,
    logicalUnit: unit!.id,
    serialNumber: null,
    before: '2.08',
    target: '2.10',
    after: '2.08',
    imageSha256: resolved.plays[0]!.firmware.sha256,
    proof: { aliases: {}, unchanged: false, witness: null, subenclosure: null, product: 'HP SAS EXP Card' },
    outcome: 'frozen',
    reason: null,
    pending: null,
    frozen: { run: 'r1', at: '2026-01-01T00:00:00.000Z', reason: null },
    bootId: 'b',
    endedBadly: [],
  };
  const text = await recorded(host, { ...NOTHING, units: [record] });
  const memory = memoryFrom({ records: new Map([[unit!.id, record]]), bootId: 'b' });
  const plan = await direct(host, resolved, { ...NO_MEMORY, memory });
  assert.match(JSON.stringify(plan), /frozen/);
  assert.equal(later(text, resolved), plan);
});

test('a memory that could not be read refuses the host', async () => {
  const { host, resolved } = await shippedOnItsLab(FIRST);
  const text = await recorded(host, { problem: '/var/lib/runbook: EACCES' });
  const { refusals } = planOfInventory(resolved, parseInventory(text), AGAINST);
  assert.is(refusals[0]!.error.code, 'memory-unreadable');
  assert.match(refusals[0]!.error.message, /could not be read: \/var\/lib\/runbook: EACCES/);
});

function problemOf(text: string): string {
  try {
    parseInventory(text);
  } catch (error) {
    assert.instance(error, InventoryError);
    return `${(error as InventoryError).code}: ${(error as InventoryError).message}`;
  }
  return 'none';
}

test('what is not an inventory is told apart', async () => {
  const { host } = await shippedOnItsLab(FIRST);
  const text = await recorded(host);
  assert.is(problemOf(text), 'none');
  assert.match(
    problemOf(text.slice(0, -9)),
    /^not-json: is not JSON \(.*\); record it on the host: runbook devices/,
  );
  assert.match(
    problemOf('{"format": "runbook.plan/1"}'),
    /^not-an-inventory: is not what `runbook devices` writes/,
  );
  assert.match(problemOf('[]'), /^not-an-inventory/);
  assert.match(
    problemOf(text.replace('devices/1', 'devices/2')),
    /^other-format: has the format runbook\.devices\/2, written by runbook 0\.1\.0/,
  );
  assert.match(
    problemOf('{"format": "runbook.devices/1", "devices": []}'),
    /^not-an-inventory: was written without --probe/,
  );
  assert.match(
    problemOf(text.replace('"isSata"', '"isOld"').replace('"pages"', '"page"')),
    /^damaged: is damaged at \/inventory\/paths\/0\/seen\/pages, written by runbook 0\.1\.0/,
  );
});

/** Every place of a JSON value. */
function* places(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) yield* places(child, [...path, key]);
}

test('damage at any place is an error of the file, or changes no type that a plan relies on', async () => {
  const { host, resolved } = await shippedOnItsLab(FIRST);
  const text = await recorded(host);
  let refused = 0;
  for (const path of places((JSON.parse(text) as { inventory: unknown }).inventory)) {
    for (const damage of [undefined, null, 7, 'x', [], {}]) {
      const document = JSON.parse(text) as { inventory: Record<string, unknown> };
      let at: Record<string, unknown> = document.inventory;
      for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
      const last = path.at(-1)!;
      if (damage === undefined) Reflect.deleteProperty(at, last);
      else at[last] = damage;
      const damaged = JSON.stringify(document);
      if (problemOf(damaged) === 'none') later(damaged, resolved);
      else refused++;
    }
  }
  assert.ok(refused > 300, `${refused} damaged files were refused`);
});

test.run();
