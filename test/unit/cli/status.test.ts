import * as assert from 'uvu/assert';
import type { Io } from '../../../src/cli/io.ts';
import { main } from '../../../src/cli/main.ts';
import { scanArguments } from '../../../src/cli/scan.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';
import { obeys } from '../report/schemas.ts';

const test = suite('runbook status');

async function status(args: string): Promise<{ exitCode: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): unknown => ({
    on: () => undefined,
    write: (piece: string) => ((text[name] += piece), true),
    isTTY: false,
  });
  const io = { stdin: {}, stdout: stream('out'), stderr: stream('err'), env: {} } as unknown as Io;
  const words = ['status', ...args.split(' ').filter((word) => word !== '')];
  words.push('--lab', inProject('playbooks/ses-shelf.lab.yml'));
  const exitCode = await main(words, scanArguments(words), io);
  return { exitCode, ...text };
}

interface StatusDocument {
  readonly format: string;
  readonly exit: unknown;
  readonly devices: readonly { readonly id: string; readonly subenclosures: readonly unknown[] }[];
}

test('without a name it shows every enclosure', async () => {
  const { exitCode, out, err } = await status('');
  assert.is(exitCode, 0);
  assert.is(err, '');
  assert.match(out, /^\/dev\/sg1 {2}naa\.3000000e01000000 {2}LAB SES SHELF {2}revision 0100$/m);
  assert.is(out.match(/no download in progress \(00h\)/g)!.length, 3);
});

test('with names it shows these, in JSON as the schema says', async () => {
  const { exitCode, out } = await status('sg2 SHELF0003 --format json');
  const document = JSON.parse(out) as StatusDocument;
  obeys('report', document);
  assert.is(exitCode, 0);
  assert.equal(document.exit, { code: 0, name: 'OK' });
  assert.equal(
    document.devices.map(({ id }) => id),
    ['naa.3000000e07000000', 'naa.3000000e02000000'],
  );
});

test('a name that nobody has is a usage error', async () => {
  const { exitCode, err } = await status('sg9');
  assert.is(exitCode, 2);
  assert.match(err, 'there is no device sg9');
});

test.run();
