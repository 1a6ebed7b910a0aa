import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { formatDiagnostic } from '../../../src/playbook/diagnostics.ts';
import type { Diagnostic } from '../../../src/playbook/diagnostics.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import type { ResolvedSesSection } from '../../../src/playbook/resolved.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { suite } from '../../support/suite.ts';

const test = suite('playbook: download via ses');

async function sectionOf(
  words: string,
  bytes = 10_000,
): Promise<{ section: ResolvedSesSection | null; told: string }> {
  const image = standardImage(bytes);
  const sha256 = createHash('sha256').update(image).digest('hex');
  const text = `runbook: v1
name: shelves
plays:
  - name: shelf
    match: {type: enclosure, vendor: LAB, product: SES SHELF, revision: ["0100"]}
    firmware: {file: fw.bin, sha256: ${sha256}, revision: "0107"}
    download: {via: ses, ${words}}
`;
  const say = (diagnostics: readonly Diagnostic[]): string => diagnostics.map(formatDiagnostic).join('\n');
  const loaded = loadPlaybook('shelves.yml', text);
  if (loaded.playbook === null) return { section: null, told: say(loaded.diagnostics) };
  const { resolved, diagnostics } = await resolvePlaybook(loaded.playbook, {
    directory: '/nonexistent',
    labImages: new Map([['fw.bin', image]]),
  });
  const section = resolved?.plays[0]!.download[0] ?? null;
  return { section: section?.via === 'ses' ? section : null, told: say(diagnostics) };
}

test('every key of the two peers has its place', async () => {
  const { section } = await sectionOf(
    'mode: dmc_offs_defer, bpw: 4k, subenclosure: 2, buffer-id: 1, offset: 0x1000, skip: 1000, length: 8000, ' +
      'total-length: 20000, status-reads: none, final-status: skip, timeout: {last: 3h}',
  );
  const { mode, bpw, subenclosureId, bufferId, offsetBytes, totalLengthBytes, image } = section!;
  assert.equal(
    { mode, bpw, subenclosureId, bufferId, offsetBytes, totalLengthBytes },
    {
      mode: 'dmc_offs_defer',
      bpw: 4096,
      subenclosureId: 2,
      bufferId: 1,
      offsetBytes: 0x1000,
      totalLengthBytes: 20_000,
    },
  );
  assert.equal([section!.statusReads, section!.finalStatus], ['none', 'skip']);
  assert.equal(section!.timeouts, { firstMs: null, chunkMs: null, lastMs: 10_800_000, activateMs: null });
  assert.is(Buffer.compare(image, standardImage(10_000).subarray(1000, 9000)), 0);
});

test('the defaults watch everything', async () => {
  const { section } = await sectionOf('mode: dmc_offs_save, bpw: auto');
  assert.equal(
    [section!.statusReads, section!.finalStatus, section!.subenclosureId, section!.totalLengthBytes],
    ['auto', 'read', 0, 10_000],
  );
});

test('the whole length is never less than what is sent', async () => {
  const { section } = await sectionOf('mode: dmc_offs_save, bpw: 4096, total-length: 5000');
  assert.is(section!.totalLengthBytes, 10_000);
});

test('bpw: whole is one page, which holds at most 65,508 bytes', async () => {
  assert.is((await sectionOf('mode: dmc_offs_save, bpw: whole', 65_508)).section!.bpw, 'whole');
  const { section, told } = await sectionOf('mode: dmc_offs_save, bpw: whole', 65_509);
  assert.is(section, null);
  assert.match(told, /65509 bytes and 24 of header are 65533; a diagnostic page holds 65532/);
});

for (const [bpw, message] of [
  ['65512', /65512 bytes and 24 of header are 65536; a diagnostic page holds 65532/],
  ['4098', /4098 is 4 x 1024 \+ 2/],
  ['2', /multiples of 4/],
] as const) {
  test(`bpw ${bpw} is refused with the arithmetic, whatever the image`, async () => {
    const { section, told } = await sectionOf(`mode: dmc_offs_save, bpw: ${bpw}`);
    assert.is(section, null);
    assert.match(told, message);
  });
}

test('modes that page 0Eh does not have are refused', async () => {
  for (const mode of ['dmc', 'dmc_save', 'dmc_offs_ev_defer', 'activate_mc', 'dmc_abort']) {
    const { section, told } = await sectionOf(`mode: ${mode}, bpw: 4096`);
    assert.is(section, null, mode);
    assert.match(told, mode);
  }
});

test.run();
