import * as assert from 'uvu/assert';
import { main } from '../../../src/cli/main.ts';
import { scanArguments } from '../../../src/cli/scan.ts';
import type { Io } from '../../../src/cli/io.ts';
import { suite } from '../../support/suite.ts';
import { obeys } from '../report/schemas.ts';

/** Streams that keep what is written; `broken` makes a look at stdout fail, as a bug of ours would. */
function fakeIo(broken: boolean): { io: Io; out: () => string; err: () => string } {
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): unknown => ({
    on: () => undefined,
    write: (piece: string, written?: () => void) => {
      text[name] += piece;
      written?.();
      return true;
    },
    get isTTY() {
      if (broken && name === 'out') throw new TypeError('cannot read the moon');
      return false;
    },
  });
  const io = { stdin: {}, stdout: stream('out'), stderr: stream('err'), env: {} } as unknown as Io;
  return { io, out: () => text.out, err: () => text.err };
}

const run = (line: string, io: Io): Promise<number> =>
  main(line.split(' '), scanArguments(line.split(' ')), io);

const test = suite('a bug of runbook');

test('is exit 70, says that it is a bug, and shows the stack with -v only', async () => {
  const quiet = fakeIo(true);
  assert.is(await run('validate none.yml', quiet.io), 70);
  assert.is(quiet.out(), '');
  assert.match(
    quiet.err(),
    'this is a bug in runbook 0.0.0-source: cannot read the moon\n  next: Report it with',
  );
  assert.not.match(quiet.err(), 'main.test.ts');
  const verbose = fakeIo(true);
  assert.is(await run('validate none.yml -v', verbose.io), 70);
  assert.match(verbose.err(), 'TypeError: cannot read the moon\n    at ');
});

test('is one JSON document where it is asked for', async () => {
  const { io, out, err } = fakeIo(true);
  assert.is(await run('validate none.yml --format json', io), 70);
  const document = JSON.parse(out()) as { exit: unknown; command: string };
  obeys('report', document);
  assert.equal(document.exit, { code: 70, name: 'INTERNAL' });
  assert.is(document.command, 'validate');
  assert.is(err(), '');
});

test.run();
