import * as assert from 'uvu/assert';
import type { Procedure, SentImage } from '../../../../src/run/unit/procedure.ts';
import { prepareSes } from '../../../../src/run/unit/ses-procedure.ts';
import type { ResolvedSesSection } from '../../../../src/playbook/resolved.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { suite } from '../../../support/suite.ts';
import { openShelf, reading } from '../../microcode/ses-shelf.ts';
import type { SesCase } from '../../microcode/ses-shelf.ts';
import { sesSectionOf, WITH_ALL_FACTS } from '../ses-plays.ts';

const test = suite('run/ses-procedure');

interface Sent {
  readonly sent: SentImage;
  readonly procedure: Procedure;
  /** Data bytes of each page. */
  readonly sizes: number[];
}

async function send(
  section: Partial<ResolvedSesSection> = {},
  { hostLimitBytes = Infinity, ...shelf }: SesCase & { readonly hostLimitBytes?: number } = {},
): Promise<Sent> {
  const sizes: number[] = [];
  const { device, simulated } = openShelf(shelf);
  simulated.putInFront(({ cdb, dataOut }) => {
    if (cdb[0] === OperationCode.sendDiagnostic) sizes.push(dataOut!.length - 24);
    return undefined;
  });
  const procedure = await prepareSes(device, sesSectionOf(section), WITH_ALL_FACTS, {
    revision: 'OLD',
    hostLimitBytes,
  });
  if ('code' in procedure) throw new Error(procedure.message);
  const sent = await procedure.download(device, {
    unchanged: () => Promise.resolve(true),
    waitMs: 10_000,
    onProgress: () => undefined,
    onNotice: () => undefined,
    onWaiting: () => undefined,
  });
  return { sent, procedure, sizes };
}

for (const [bpw, hostLimitBytes, pageBytes] of [
  ['auto', 0x80000, 10_000],
  ['auto', 4096, 4072],
  ['auto', 1026, 1000],
  ['auto', 20, 4],
  ['auto', 0, 10_000],
  ['auto', Infinity, 10_000],
  ['whole', 512, 10_000],
  [64, 32, 64],
] as const) {
  test(`bpw ${bpw} where the host says ${hostLimitBytes}: pages of ${pageBytes} bytes`, async () => {
    const { sent, sizes } = await send({ bpw }, { hostLimitBytes });
    assert.is(sent.kind, 'complete');
    assert.is(sizes[0], pageBytes);
    assert.is(sizes.length, Math.ceil(10_000 / pageBytes));
  });
}

for (const [status, mode, deferred, waitsFor] of [
  [0x10, 'dmc_offs_save', false, []],
  [0x10, 'dmc_offs_defer', false, []],
  [0x11, 'dmc_offs_save', false, ['hard-reset', 'power-cycle']],
  [0x12, 'dmc_offs_defer', false, ['power-cycle']],
  [0x13, 'dmc_offs_save', true, ['activation', 'hard-reset', 'power-cycle']],
  [0x13, 'dmc_offs_defer', true, ['activation', 'hard-reset', 'power-cycle']],
  [0x14, 'dmc_offs_save', false, []],
  [0x14, 'dmc_offs_defer', true, ['activation', 'hard-reset', 'power-cycle']],
  [0x70, 'dmc_offs_defer', true, ['activation', 'hard-reset', 'power-cycle']],
] as const) {
  test(`final status ${status.toString(16)}h in mode ${mode}: waits for ${waitsFor.join(', ') || 'nothing'}`, async () => {
    const { sent } = await send(
      { mode },
      { ses: { modes: [0x07, 0x0e, 0x0f] }, front: [reading(4, { status })] },
    );
    assert.is(sent.kind, 'complete');
    assert.is(sent.deferred, deferred);
    assert.equal(sent.waitsFor, waitsFor);
  });
}

test('a final status that was read is not asked for again', async () => {
  const { procedure } = await send();
  const { device, wire } = openShelf();
  const { failure, pending } = await procedure.lastWord(device);
  assert.equal([failure, pending, wire], [null, [], []]);
});

test('one that was not read is asked for once', async () => {
  const { procedure } = await send({ finalStatus: 'skip' });
  const { device, wire } = openShelf({ front: [reading(1, { status: 0x11 })] });
  const { pending } = await procedure.lastWord(device);
  assert.equal(pending, ['hard-reset', 'power-cycle']);
  assert.equal(wire, ['R']);
});

for (const [status, said] of [
  [0x00, { failure: false, frozen: false, startsNow: false }],
  [0x01, { failure: true, frozen: false, startsNow: false }],
  [0x10, { failure: false, frozen: false, startsNow: true }],
  [0x81, { failure: true, frozen: false, startsNow: false }],
  [0x83, { failure: true, frozen: true, startsNow: false }],
] as const) {
  test(`the last word ${status.toString(16)}h`, async () => {
    const { procedure } = await send({ statusReads: 'none' });
    const { device } = openShelf({ front: [reading(1, { status })] });
    const { failure, frozen, startsNow } = await procedure.lastWord(device);
    assert.equal({ failure: failure !== null, frozen, startsNow }, said);
  });
}

test('a section that cannot be sent is a refusal, and page 0Eh is not touched', async () => {
  const { device, wire } = openShelf();
  const end = await prepareSes(device, sesSectionOf({ offsetBytes: 0xffff_fffc }), WITH_ALL_FACTS, {
    revision: 'OLD',
    hostLimitBytes: Infinity,
  });
  assert.ok('code' in end && end.code === 'out-of-range' && /BUFFER OFFSET/.test(end.message));
  assert.equal(wire, []);
});

test('a device without page 0Eh is told the other way', async () => {
  const { device } = openShelf({
    front: [
      ({ cdb }, { enclosure }) => {
        if (cdb[0] === 0x1c && cdb[2] === 0x00) enclosure!.generationCode = 1;
        return undefined;
      },
    ],
  });
  const end = await prepareSes(device, sesSectionOf(), WITH_ALL_FACTS, {
    revision: 'OLD',
    hostLimitBytes: Infinity,
  });
  assert.not('code' in end);
  const simple = openShelf({ persona: 'ses-simple' });
  const refused = await prepareSes(simple.device, sesSectionOf(), WITH_ALL_FACTS, {
    revision: 'OLD',
    hostLimitBytes: Infinity,
  });
  assert.ok('code' in refused && refused.code === 'page-not-listed');
});

test.run();
