import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { withStandIns } from '../../../src/rehearsal/stand-ins.ts';
import type { WithStandIns } from '../../../src/rehearsal/stand-ins.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { suite } from '../../support/suite.ts';

const test = suite('cli/rehearsal/stand-ins');

const directory = mkdtempSync(path.join(tmpdir(), 'stand-ins-'));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const HASH = 'a'.repeat(64);

function made(firmware: string, download: string): WithStandIns {
  const text = `runbook: v1
name: x
plays:
  - name: first
    match: { type: enclosure, vendor: HP, product: CARD, revision: ["1"] }
    firmware: { ${firmware}, sha256: ${HASH}, revision: "2" }
    download: ${download}
    activate: []
`;
  const { playbook, diagnostics } = loadPlaybook('x.yml', text);
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return withStandIns(playbook!, directory);
}

const sizesOf = ({ standIns }: WithStandIns): Record<string, number> =>
  Object.fromEntries(standIns.map(({ image, bytes }) => [image, bytes]));

test('an image that is there is left alone, with its hash', () => {
  writeFileSync(path.join(directory, 'there.bin'), 'x');
  const { standIns, playbook } = made('file: there.bin', '{ via: write-buffer, mode: dmc_save }');
  assert.equal(standIns, []);
  assert.is(playbook.words.plays[0]!.firmware.sha256, HASH);
});

test('what stands in for an image is pinned in its place, without member and header', () => {
  const { playbook, images, standIns } = made(
    'file: a.rpm, member: x/b.bin, strip: 80',
    '{ via: write-buffer, mode: dmc_save }',
  );
  const bytes = images.get('a.rpm!x/b.bin')!;
  assert.equal(playbook.words.plays[0]!.firmware, {
    file: 'a.rpm!x/b.bin',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    revision: '2',
  });
  assert.equal(standIns, [{ image: 'a.rpm!x/b.bin', bytes: 131072, sha256: HASH }]);
});

test('it is as large as what is cut out of it, and no larger than its place', () => {
  const cut = made('file: a.bin', '{ via: write-buffer, mode: dmc_save, skip: 1MiB, length: 512k }');
  assert.equal(sizesOf(cut), { 'a.bin': 0x180000 });
  const small = made('file: a.bin', '{ via: ses, mode: dmc_offs_save, bpw: 4096, total-length: 8k }');
  assert.equal(sizesOf(small), { 'a.bin': 8192 });
});

test('two images that are not there differ in their first bytes', () => {
  const { images } = made(
    'file: a.bin',
    `[{ via: write-buffer, mode: dmc_save }, { via: write-buffer, mode: dmc_save, buffer-id: 1, file: b.bin, sha256: ${HASH} }]`,
  );
  const [a, b] = [...images.values()];
  assert.not.equal(a!.subarray(0, 16), b!.subarray(0, 16));
});

test('the playbook that was read stays as it was', () => {
  const { playbook } = made('file: a.bin', '{ via: write-buffer, mode: dmc_save }');
  assert.not(Object.isFrozen(playbook.words));
  assert.is(playbook.document.writtenAt('/plays/0/firmware/sha256'), HASH);
});

test.run();
