import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { readForRehearsal } from '../../../src/cli/read-for-rehearsal.ts';
import type { RehearsedPlaybook } from '../../../src/cli/read-for-rehearsal.ts';
import { rehearse } from '../../../src/rehearsal/rehearse.ts';
import { InvalidFiles } from '../../../src/cli/invalid-files.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';
import { SHIPPED } from '../run/shipped.ts';
import type { RehearsalEnd } from '../../../src/rehearsal/rehearsal-end.ts';

const test = suite('cli/rehearsal');

const directory = mkdtempSync(path.join(tmpdir(), 'rehearsal-'));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const DEFERRED = '{ via: write-buffer, mode: dmc_offs_defer, bpw: 4096 }';
const HASH = 'a'.repeat(64);

interface Words {
  readonly match?: string;
  readonly expect?: string;
  readonly firmware?: string;
  /** null: none. */
  readonly download?: string | null;
  readonly activate?: string;
  readonly verify?: string;
  readonly strategy?: string;
  readonly more?: string;
}

/** A playbook of one play; what is given replaces a block. */
function textOf(words: Words): string {
  const block = (name: string, value: string | null | undefined): string =>
    value == null ? '' : `    ${name}: ${value}\n`;
  return [
    'runbook: v1\nname: x\nplays:\n  - name: first\n',
    block(
      'match',
      words.match ?? '{ type: enclosure, vendor: HP, product: "HP SAS EXP Card", revision: ["2.08"] }',
    ),
    block('expect', words.expect),
    block('firmware', words.firmware ?? `{ file: fw.bin, sha256: ${HASH}, revision: "2.10" }`),
    block('download', words.download === undefined ? DEFERRED : words.download),
    block('activate', words.activate ?? '[activate_mc, { wait-ready: 1m }]'),
    block('verify', words.verify),
    words.more ?? '',
    words.strategy === undefined ? '' : `strategy: ${words.strategy}\n`,
  ].join('');
}

async function read(words: Words): Promise<RehearsedPlaybook> {
  const file = path.join(directory, 'x.yml');
  writeFileSync(file, textOf(words));
  try {
    return await readForRehearsal(file);
  } catch (error) {
    if (error instanceof InvalidFiles) assert.equal(error.diagnostics, []);
    throw error;
  }
}

const rehearsed = async (words: Words): Promise<readonly RehearsalEnd[]> =>
  rehearse((await read(words)).resolved);

const saidOf = (rehearsals: readonly RehearsalEnd[]): Record<string, string> =>
  Object.fromEntries(
    rehearsals.map(({ name, devices, exit }) => [
      name,
      [...devices.map(({ outcome }) => outcome), exit.code].join(' '),
    ]),
  );

const problemsOf = (rehearsals: readonly RehearsalEnd[]): string[] =>
  rehearsals.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));

for (const name of SHIPPED) {
  test(`playbooks/${name} stands every rehearsal, without its image`, async () => {
    const { resolved, standIns } = await readForRehearsal(inProject('playbooks', name));
    assert.is(standIns.length, resolved.plays.length);
    const rehearsals = await rehearse(resolved);
    assert.equal(problemsOf(rehearsals), []);
    assert.is(rehearsals[0]!.name, 'as-expected');
    assert.ok(rehearsals.length > 6);
  });
}

test('a card with a fallback meets what cards do, and each verdict is what the card holds', async () => {
  const rehearsals = await rehearsed({
    download:
      '{ via: write-buffer, mode: dmc_offs_defer, bpw: 4096, otherwise: { when: mode-not-supported, mode: dmc_offs_save } }',
  });
  assert.equal(problemsOf(rehearsals), []);
  assert.equal(saidOf(rehearsals), {
    'as-expected': 'updated 0',
    'other-revision': 'refused 4',
    'unknown-mode': 'updated 0',
    'image-refused': 'failed 1',
    'chunk-lost': 'updated 0',
    'power-lost': 'updated 0',
    'last-answer-lost': 'updated 0',
    'activation-lost': 'updated 0',
    'never-shows': 'unverified 12',
    'wants-power-cycle': 'pending 6',
    'needs-microcode': 'frozen 9',
    'does-not-return': 'lost 8',
    'paths-lost': 'degraded skipped 7',
    'serial-changes': 'degraded 1',
    'product-changes': 'degraded 1',
    'last-path': 'refused 4',
  });
});

test('a shelf meets what shelves do', async () => {
  const said = saidOf(
    await rehearsed({
      download: '{ via: ses, mode: dmc_offs_save, bpw: 4096 }',
      activate: '[{ wait-ready: 1m }]',
      strategy: '{ redundancy: outage-accepted }',
    }),
  );
  assert.equal(
    [
      said['as-expected'],
      said['status-read-drops'],
      said['starts-early'],
      said['needs-microcode'],
      said['last-path'],
      said['unwell'],
      said['worse-after'],
    ],
    ['updated 0', 'updated 0', 'updated 0', 'frozen 9', 'updated 0', 'refused 4', 'degraded 1'],
  );
});

test('each of several sections shows what proves it as soon as the shelf runs it', async () => {
  const first = `via: ses, mode: dmc_offs_save, bpw: 4096, subenclosure: 2, file: psu.bin, sha256: ${'b'.repeat(64)}`;
  const last = '{ via: ses, mode: dmc_offs_save, bpw: 4096 }';
  for (const proof of [
    'revision: "0031"',
    'witness: { vpd: 0xC0, offset: 4, equals: "NEW" }',
    'witness: { sysfs: "{device}/psu", equals: "0031" }',
    'unproven: accepted',
  ]) {
    const rehearsals = await rehearsed({
      download: `[{ ${first}, ${proof} }, ${last}]`,
      activate: '[{ wait-ready: 1m }]',
    });
    assert.equal(problemsOf(rehearsals), [], proof);
    assert.is(saidOf(rehearsals)['as-expected'], 'updated 0', proof);
  }
});

test('a shelf whose health nobody wants to know is upgraded, whatever it reports', async () => {
  const rehearsals = await rehearsed({
    download: '{ via: ses, mode: dmc_offs_save, bpw: 4096 }',
    activate: '[{ wait-ready: 1m }]',
    strategy: '{ redundancy: outage-accepted, health: ignore }',
  });
  const said = saidOf(rehearsals);
  assert.equal([problemsOf(rehearsals), said['unwell'], said['worse-after']], [[], 'updated 0', 'updated 0']);
});

test('a serial number that the playbook announces is rehearsed as expected, and not as a change', async () => {
  const rehearsals = await rehearsed({
    firmware: `{ file: fw.bin, sha256: ${HASH}, revision: "2.10", serial: may-change }`,
  });
  const said = saidOf(rehearsals);
  assert.equal(
    [problemsOf(rehearsals), said['as-expected'], said['serial-changes']],
    [[], 'updated 0', undefined],
  );
});

const SECOND_STEP = [
  '  - name: second',
  '    after: first',
  '    match: { type: enclosure, vendor: HP, product: "HP SAS EXP Card", revision: ["2.10"] }',
  `    firmware: { file: later.bin, sha256: ${HASH}, revision: "2.12" }`,
  '    download: { via: write-buffer, mode: dmc_offs_defer, bpw: 4096 }',
  '    activate: [activate_mc]',
  '',
].join('\n');

/** Playbooks of every kind: the device that is made for each is upgraded, and no verdict of any rehearsal is untrue. */
const KINDS: Readonly<Record<string, Words & { readonly ends?: string }>> = {
  'a mode that activates by itself': {
    download: '{ via: write-buffer, mode: dmc_offs_save, bpw: 32k }',
    activate: '[]',
  },
  'the whole image in one command': { download: '{ via: write-buffer, mode: dmc_save }', activate: '[]' },
  'another mode for the last chunk': {
    download: '{ via: write-buffer, mode: dmc_offs, bpw: 32k, last-mode: dmc_offs_save }',
    activate: '[]',
  },
  'a buffer id that steps': {
    match: '{ type: disk, vendor: HGST, product: "HUS*", revision: ["A124"] }',
    firmware: `{ file: fw.bin, sha256: ${HASH}, revision: A280 }`,
    download: '{ via: write-buffer, mode: dmc_offs_save, bpw: 4096, buffer-id: 1, buffer-id-step: 1 }',
    activate: '[]',
  },
  'a tape drive with an empty last command': {
    match: '{ type: tape, vendor: HP, product: "Ultrium*", revision: ["Z64D"] }',
    firmware: `{ file: fw.bin, sha256: ${HASH}, revision: Z6ED }`,
    download: '{ via: write-buffer, mode: dmc, bpw: 4096, end-with: { mode: dmc_save } }',
    activate: '[]',
  },
  'an event that activates': {
    download: '{ via: write-buffer, mode: dmc_offs_ev_defer, bpw: 4096, mode-specific: 4 }',
    activate: '[power-cycle]',
    ends: 'pending',
  },
  'a deferred image that nobody activates': { activate: '[]', ends: 'pending' },
  'a power cycle at the end': {
    download: '{ via: ses, mode: dmc_offs_save, bpw: 4096 }',
    activate: '[power-cycle]',
    ends: 'pending',
  },
  'activation alone': { download: null },
  'a shelf with a deferred mode': { download: '{ via: ses, mode: dmc_offs_defer, bpw: 4096 }' },
  'a shelf whose status is not read': {
    download: '{ via: ses, mode: dmc_offs_save, bpw: 4096, status-reads: none, final-status: skip }',
    activate: '[]',
  },
  'another subenclosure': {
    download: '{ via: ses, mode: dmc_offs_save, bpw: 4096, subenclosure: 2 }',
    activate: '[]',
  },
  'an image that is cut and filled': {
    download:
      '{ via: write-buffer, mode: dmc_offs_defer, bpw: 4096, skip: 4096, length: 512KiB, offset: 0, fill: 0xff }',
  },
  'an alias': {
    firmware: `{ file: fw.bin, sha256: ${HASH}, revision: "4.3.0.5" }`,
    verify: '{ aliases: { "0430": "4.3.0.5" } }',
  },
  'a named unit by its address': {
    match:
      '{ type: enclosure, vendor: HP, product: "HP*", revision: ["*"], identity: ["0x50014380032e4c00"] }',
  },
  'a named unit by its serial number': {
    match: '{ type: enclosure, vendor: HP, product: "*", revision: ["*"], identity: ["PADCP0B8SZY01A"] }',
  },
  'proofs in standard data and in a page that few have': {
    match:
      '{ type: enclosure, vendor: HP, product: "HP*", revision: ["2.08"], proof: [{ vpd: 0xc0, offset: 40, equals: "0x0102ff" }, { vpd: 0x83, offset: 60, equals: "CUST7" }, { inquiry: standard, offset: 36, equals: "OEM-4711" }] }',
  },
  'a witness in a page': { verify: '{ witness: { vpd: 0xc0, offset: 4, equals: "NEW" } }' },
  'a witness alone': {
    verify:
      '{ revision: unchanged, witness: { sysfs: class/sas_phy/phy-6:0/negotiated_linkrate, equals: "6.0 Gbit" } }',
  },
  'a new product': {
    firmware: `{ file: fw.bin, sha256: ${HASH}, revision: "2.10", product: "HP SAS EXP Card2" }`,
  },
  'a header and a member': {
    firmware: `{ file: pack.rpm, member: a/fw.bin, strip: 80, sha256: ${HASH}, revision: "2.10" }`,
  },
  'five units, canary first': { expect: '5..', strategy: '{ canary: 1, concurrent: 4 }' },
  'two dozen units': { expect: '24', strategy: '{ concurrent: 8, canary: 1 }' },
  'two sections of their own images': {
    download: `[{ via: write-buffer, mode: dmc_offs_defer, bpw: 4096, unproven: accepted }, { via: write-buffer, mode: dmc_offs_defer, bpw: 4096, buffer-id: 1, file: boot.bin, sha256: ${HASH} }]`,
  },
  'two steps': { more: SECOND_STEP },
  'two plays on different units': {
    more: [
      '  - name: shelves',
      '    match: { type: enclosure, vendor: LAB, product: SHELF, revision: ["0100"] }',
      `    firmware: { file: shelf.bin, sha256: ${HASH}, revision: "0107" }`,
      '    download: { via: ses, mode: dmc_offs_save, bpw: 4096 }',
      '    activate: [{ wait-ready: 1m }]',
      '',
    ].join('\n'),
  },
};

test('a unit that waits for its power cycle holds up the next step, and the others behind a canary', async () => {
  const download = '{ via: write-buffer, mode: dmc_offs_save, bpw: 32k }';
  const canary = await rehearsed({
    download,
    activate: '[power-cycle]',
    expect: '2',
    strategy: '{ canary: 1 }',
  });
  assert.equal([problemsOf(canary), saidOf(canary)['as-expected']], [[], 'pending skipped 7']);
  const steps = await rehearsed({ download, activate: '[power-cycle]', more: SECOND_STEP });
  assert.equal([problemsOf(steps), saidOf(steps)['as-expected']], [[], 'pending skipped 6']);
});

test('modules that bring each other along are two in a rehearsal, and the second one needs nothing', async () => {
  const rehearsals = await rehearsed({
    download: '{ via: ses, mode: dmc_offs_save, bpw: 4096 }',
    activate: '[{ wait-ready: 1m }]',
    strategy: '{ partner-sync: both }',
  });
  assert.equal(problemsOf(rehearsals), []);
  const said = saidOf(rehearsals);
  assert.equal(
    [said['as-expected'], said['image-refused'], said['paths-lost']],
    ['updated current 0', 'failed skipped 7', 'degraded skipped 7'],
  );
});

for (const [kind, { ends = 'updated', ...words }] of Object.entries(KINDS)) {
  test(`a playbook with ${kind} is ${ends} on its device, and no verdict is untrue`, async () => {
    const rehearsals = await rehearsed(words);
    assert.equal(problemsOf(rehearsals), []);
    const outcomes = new Set(rehearsals[0]!.devices.map(({ outcome }) => outcome));
    assert.equal([...outcomes], [ends]);
  });
}

test.run();
