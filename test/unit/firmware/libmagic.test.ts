import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { foreignOf, MAGICS } from '../../../src/firmware/foreign.ts';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';

const test = suite('firmware: what libmagic says of the magics');

const SAMPLE_BYTES = 70_000;
/** Of these libmagic wants to see more than the magic. */
const NOT_ALONE: readonly string[] = [
  'cafebabe', // Java or Mach-O, by the number behind it
  '6465780a',
  '2d6c6835',
  '314159265359', // bzip2, whose first bytes may be cut off
  '76686478',
  '4546492050415254', // behind a boot sector
  '25504446',
  '89504e470d0a1a0a',
  '53514c69746520666f726d6174203300',
  '2320762032206769742062756e646c65',
];

testWith(test, 'file')('each file that is refused by its magic is something that file(1) knows', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'runbook-magic-'));
  try {
    for (const [index, [magic, , at = 0]] of MAGICS.entries()) {
      const bytes = new Uint8Array(SAMPLE_BYTES);
      bytes.set(Buffer.from(magic, 'hex'), at);
      assert.ok(foreignOf(bytes) !== null, magic);
      await writeFile(path.join(directory, String(index)), bytes);
    }
    const names = MAGICS.map((_, index) => path.join(directory, String(index)));
    const { stdout } = await promisify(execFile)('file', ['--brief', '--', ...names]);
    const said = stdout.trimEnd().split('\n');
    const unknown = MAGICS.filter((_, index) => /^(data|ASCII text.*|.*text, with.*)$/.test(said[index]!));
    assert.equal(
      unknown.map(([magic]) => magic),
      NOT_ALONE,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.run();
