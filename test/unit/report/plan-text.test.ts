import * as assert from 'uvu/assert';
import { documentOf } from '../../../src/report/documents.ts';
import { noInk } from '../../../src/report/ink.ts';
import { planBody } from '../../../src/report/plan-document.ts';
import { planText } from '../../../src/report/plan-text.ts';
import type { AttachedDevice } from '../../../src/host/host.ts';
import type { ResolvedPlay, ResolvedPlaybook, ResolvedStrategy } from '../../../src/playbook/resolved.ts';
import type { DeviceFacts } from '../../../src/run/facts/inspect.ts';
import { UNKNOWN_TOPOLOGY } from '../../../src/run/facts/unit-topology.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import { suite } from '../../support/suite.ts';
import { playbookOf, sectionOf } from '../run/builders.ts';
import { obeys } from './schemas.ts';

const IMAGE_SHA256 = '2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9';

const PLAY: ResolvedPlay = {
  name: 'hp-sas-expander',
  after: null,
  match: {
    type: 'enclosure',
    deviceType: 13,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    revision: ['2.06', '2.08'],
    identity: null,
    proof: [],
  },
  expect: { min: 1, max: null },
  firmware: {
    file: 'PUF21000.bin',
    sha256: IMAGE_SHA256,
    sizeBytes: 1 << 20,
    revision: '2.10',
    product: null,
    vendor: null,
    serialMayChange: false,
  },
  imageSha256: IMAGE_SHA256,
  download: [
    sectionOf({
      otherwise: { mode: 'dmc_offs_save', bpw: 4096 },
      image: new Uint8Array(1 << 20),
      sentSha256: IMAGE_SHA256,
      source: {
        file: 'PUF21000.bin',
        member: null,
        strip: null,
        skipBytes: 0,
        lengthBytes: null,
        fill: null,
      },
    }),
  ],
  activate: [{ step: 'activate_mc' }, { step: 'wait-ready', withinMs: 120_000 }],
  verify: {
    revision: '2.10',
    unchanged: false,
    aliases: {},
    witness: null,
    paths: 'same',
    withinMs: 120_000,
  },
};

const PLAYBOOK: ResolvedPlaybook = {
  file: 'upgrade-expanders.yml',
  sha256: 'ab'.repeat(32),
  name: 'HP SAS expander cards to 2.10',
  why: 'link negotiation fix, CHG-1234',
  plays: [PLAY],
  strategy: playbookOf([], { concurrent: 4 }).strategy,
};

function facts(n: number, fields: Partial<DeviceFacts> = {}): DeviceFacts {
  const attached: AttachedDevice = {
    hctl: `6:0:${n}:0`,
    deviceType: 13,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    revision: '2.08',
    sasAddress: null,
    hbaDriver: 'mpt3sas',
    sgNode: `/dev/sg${n}`,
    blockNode: null,
    wwid: null,
    state: 'running',
    limits: { maximumTransferBytes: null, scatterGatherEntries: null },
  };
  const id = `naa.500143800000000${n}`;
  return {
    id,
    identity: { logicalUnit: id, designators: [id], serialNumber: `S${n}` },
    paths: [attached],
    deviceType: 13,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    revision: '2.08',
    enclosures: null,
    topology: UNKNOWN_TOPOLOGY,
    pages: new Map(),
    problem: null,
    ...fields,
  };
}

const disk = (n: number): DeviceFacts =>
  facts(n, { deviceType: 0, vendor: 'ATA', product: 'Disk', revision: '0001', identity: null });

const show = (units: readonly DeviceFacts[], verbose = false): string[] =>
  planText(makePlan(PLAYBOOK, units, { only: [] }), { ink: noInk, verbose }).split('\n');

const test = suite('plan');

test('shows per play what is sent, and each unit with its decision and the reason', () => {
  assert.equal(show([facts(1), facts(2, { revision: '2.10' }), disk(3)]), [
    'HP SAS expander cards to 2.10',
    'why: link negotiation fix, CHG-1234',
    '',
    'play hp-sas-expander',
    '  image     PUF21000.bin, 1 MiB (1048576 bytes), sha256 2583692ff3e0',
    '  send      WRITE BUFFER dmc_offs_defer, bpw 4096, 256 commands',
    '            if the device does not support the mode: dmc_offs_save, bpw 4096',
    '  activate  activate_mc, wait-ready: 2m',
    '  verify    revision 2.10 within 2m',
    '',
    '  update   sg1  naa.5001438000000001  HP SAS EXP Card  2.08 → 2.10',
    '  current  sg2  naa.5001438000000002  HP SAS EXP Card  runs 2.10 already',
    '',
    'not selected: 1 device (-v shows why)',
    '',
    '1 to update, 1 current',
    '',
  ]);
});

test('with -v names the units that no play selects, and why', () => {
  const lines = show([facts(1), disk(3)], true);
  assert.ok(lines.includes('not selected'));
  assert.ok(
    lines.some((line) => /^ {2}not-selected {2}sg3 .* ATA Disk {2}is not of type enclosure$/.test(line)),
    lines.join('\n'),
  );
});

test('shows the hash of the bytes that are sent where they are not the whole image', () => {
  const [section] = PLAY.download;
  const cut = { ...section!, image: new Uint8Array(512), sentSha256: 'cd'.repeat(32) };
  const playbook = { ...PLAYBOOK, plays: [{ ...PLAY, download: [cut] }] };
  const text = planText(makePlan(playbook, [facts(1)], { only: [] }), { ink: noInk, verbose: false });
  assert.match(text, 'of these 512 bytes, sha256 cdcdcdcdcdcd');
});

/** A unit whose restart takes the only path of drives, all of them in pool tank or none. */
const withDrives = (n: number, count: number, lost: number, users: readonly string[] = []): DeviceFacts =>
  facts(n, {
    topology: {
      ...UNKNOWN_TOPOLOGY,
      expanders: ['0x5001438000000001', `E${n}`],
      ownExpanders: [`E${n}`],
      drives: Array.from({ length: count }, (_, d) => ({
        id: `naa.${d}`,
        users,
        paths: [0, ...(d < lost ? [] : [1])].map((path) => ({
          hctl: `${path}:0:${d}:0`,
          node: `/dev/sd${d}`,
          running: true,
          through: path === 0,
        })),
      })),
    },
  });

test('shows what is behind a unit, what loses its only path, and who uses that', () => {
  const lines = show([withDrives(1, 24, 12, ['ZFS pool tank']), withDrives(2, 24, 0, ['ZFS pool tank'])]);
  const at = lines.findIndex((line) => line.startsWith('  sg1: '));
  assert.equal(lines.slice(at - 1, at + 2), [
    '',
    '  sg1: 24 drives behind it, 12 lose their only path; in use: 12 (ZFS pool tank)',
    '  sg2: 24 drives behind it, each with another path',
  ]);
  assert.ok(
    lines.some((line) => /^ {2}refused {2}sg1 .*its restart takes the last path of 12 drives/.test(line)),
  );
});

test('shows the order where it is not simply the order of the host', () => {
  const shelf = { logicalIdentifier: '50014380000000ff' } as NonNullable<DeviceFacts['enclosures']>[number];
  const units = [
    facts(1, { enclosures: [shelf] }),
    facts(2, { enclosures: [shelf] }),
    facts(3, { topology: { ...UNKNOWN_TOPOLOGY, expanders: ['A'], ownExpanders: ['A'] } }),
    facts(4, { topology: { ...UNKNOWN_TOPOLOGY, expanders: ['A', 'B'], ownExpanders: ['B'] } }),
  ];
  const orderOf = (strategy: Partial<ResolvedStrategy>): string[] => {
    const playbook = { ...PLAYBOOK, strategy: playbookOf([], { concurrent: 4, ...strategy }).strategy };
    const text = planText(makePlan(playbook, units), { ink: noInk, verbose: false });
    return /\norder\n([^]*?)\n\n/.exec(text)?.[1]?.split('\n') ?? [];
  };
  assert.equal(orderOf({ canary: 1 }), [
    '  1 canary unit of each play first; the others follow when it is updated',
    '  not at the same time: sg1 sg2 (modules of enclosure 50014380000000ff)',
    '  not at the same time: sg3 sg4 (expander A and what is behind it)',
  ]);
  assert.ok(
    orderOf({ together: 'hba' }).includes(
      '  not at the same time: sg1 sg2 sg3 sg4 (units of host adapter 6)',
    ),
  );
  assert.equal(orderOf({ concurrent: 1 }), []);
});

test('the JSON document names the drives that lose their only path', () => {
  const body = planBody(makePlan(PLAYBOOK, [withDrives(1, 2, 1, ['swap']), facts(2)])) as Record<
    string,
    unknown
  > & { devices: { behind: unknown; users: string[] }[] };
  assert.equal(body.devices[0]!.behind, {
    drives: 2,
    assumed: false,
    notRunning: [],
    losingOnlyPath: [{ id: 'naa.0', paths: ['/dev/sd0'], users: ['swap'] }],
  });
  assert.equal([body.devices[1]!.behind, body.devices[1]!.users], [null, []]);
  obeys('report', JSON.parse(JSON.stringify(documentOf('runbook.plan/1', 'plan', 'REFUSED', { body }))));
});

test('says why a unit is refused once, and that nothing is begun because of it', () => {
  const lines = show([facts(1, { revision: '1.99' })]);
  assert.is(lines.filter((line) => line.includes('runs "1.99"')).length, 1);
  assert.equal(lines.slice(-4, -1), [
    'one unit is refused, so the whole run is refused: nothing would be begun',
    '',
    '0 to update, 1 refused',
  ]);
});

test('units that are refused for the same reason share a line, behind the others; with -v each has its own', () => {
  const old = { revision: '1.99' };
  const units = [facts(1, old), facts(2), facts(3, old), facts(4, { revision: '1.98' })];
  const rows = (verbose: boolean): string[] =>
    show(units, verbose).flatMap((line) => /^ {2}(refused|update) .*?(?= {2,}(naa|-))/.exec(line)?.[0] ?? []);
  assert.equal(rows(false), ['  update   sg2', '  refused  sg1 sg3', '  refused  sg4']);
  assert.is(rows(true).length, 4);
});

test('two units that show one id are counted as two', () => {
  const [play] = PLAYBOOK.plays;
  const named = { ...PLAYBOOK, plays: [{ ...play!, match: { ...play!.match, identity: ['S1'] } }] };
  const identity = { logicalUnit: null, designators: [], serialNumber: 'S1' };
  const units = [1, 2].map((n) => facts(n, { id: 'sn.S1', identity }));
  const lines = planText(makePlan(named, units, { only: [] }), { ink: noInk, verbose: false }).split('\n');
  assert.ok(lines.includes('2 units are refused, so the whole run is refused: nothing would be begun'));
  assert.ok(lines.includes('0 to update, 2 refused'));
});

test('says why the whole play is refused', () => {
  const lines = show([disk(3)]);
  assert.ok(
    lines.some((line) => /^refused: play hp-sas-expander: /.test(line)),
    lines.join('\n'),
  );
  assert.not.match(lines.join('\n'), 'a unit is refused');
});

test('the JSON document obeys its schema', () => {
  const plan = makePlan(PLAYBOOK, [facts(1), facts(2, { revision: '1.99' }), disk(3)], { only: [] });
  const document = documentOf('runbook.plan/1', 'plan', 'REFUSED', { body: planBody(plan) });
  obeys('report', JSON.parse(JSON.stringify(document)));
  const { devices } = document as unknown as { devices: { action: string; target: string | null }[] };
  assert.equal(
    devices.map(({ action, target }) => [action, target]),
    [
      ['update', '2.10'],
      ['refused', '2.10'],
      ['not-selected', null],
    ],
  );
});

test.run();
