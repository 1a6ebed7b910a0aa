import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { TransportError } from '../../../src/base/errors.ts';
import { openError, openSgIo } from '../../../src/transport/sg-io.ts';
import { suite } from '../../support/suite.ts';

const sgIo = suite('transport/sg-io');

async function codeOf(opening: Promise<unknown>): Promise<string> {
  return opening.then(
    () => 'opened',
    (error: unknown) => (error instanceof TransportError ? error.code : String(error)),
  );
}

sgIo('a node that is not there is open-failed', async () => {
  assert.is(await codeOf(openSgIo('/nonexistent/sg0', 'read')), 'open-failed');
});

sgIo('a character device of another driver is not an sg node', async () => {
  assert.is(await codeOf(openSgIo('/dev/null', 'read')), 'not-an-sg-node');
});

sgIo('a file is not an sg node, and stays as it is', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-'));
  const file = path.join(directory, 'sg0');
  writeFileSync(file, '');
  assert.is(await codeOf(openSgIo(file, 'read')), 'not-an-sg-node');
  rmSync(directory, { recursive: true });
});

sgIo('does not open for changes when threads may get signals', async () => {
  // The loader of this test has used the thread pool already.
  await openSgIo('/dev/null', 'change').then(
    () => assert.unreachable('must reject'),
    (error: unknown) => {
      assert.instance(error, TransportError);
      assert.match(String(error), 'NODE_OPTIONS');
    },
  );
});

const { EACCES, EPERM, EBUSY, ENXIO, ENODEV, EMFILE, ENFILE, EIO } = constants.errno;
for (const [errno, code, words] of [
  [EACCES, 'not-permitted', 'run as root'],
  [EPERM, 'not-permitted', 'run as root'],
  [EBUSY, 'node-busy', 'fuser -v /dev/sg1'],
  [ENXIO, 'open-failed', 'offline or removed'],
  [ENODEV, 'open-failed', 'offline or removed'],
  [EMFILE, 'no-descriptor', 'EMFILE (24)'],
  [ENFILE, 'no-descriptor', 'ENFILE (23)'],
  [EIO, 'open-failed', 'EIO (5)'],
] as const) {
  sgIo(`errno ${errno} of open is ${code}, and the message says what to do`, () => {
    const error = openError('/dev/sg1', errno);
    assert.is(error.code, code);
    assert.ok(error.message.startsWith('/dev/sg1: ') && error.message.includes(words), error.message);
  });
}

sgIo.run();
