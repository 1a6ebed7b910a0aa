import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { causeText } from '../../../src/base/errno.ts';
import { pipeChunks } from '../../../src/base/pipe.ts';
import { ReadError, readWhole, readWholeFile } from '../../../src/base/whole-file.ts';
import { suite } from '../../support/suite.ts';

const home = mkdtempSync(path.join(tmpdir(), 'runbook-whole-'));
const at = (name: string): string => path.join(home, name);
const fifo = (name: string): string => {
  execFileSync('mkfifo', [at(name)]);
  return at(name);
};
const problemOf = (file: string): Promise<string> =>
  readWhole(file, 1000).then(
    () => 'read',
    (error: unknown) => (error instanceof ReadError ? `${error.code}: ${error.message}` : String(error)),
  );

const test = suite('files and pipes read as a whole');
test.after(() => rmSync(home, { recursive: true }));

test('a file is read to its end, and up to a limit that its size is held against', async () => {
  writeFileSync(at('a'), 'x'.repeat(1000));
  assert.is((await readWhole(at('a'), 1000)).length, 1000);
  truncateSync(at('a'), 2 ** 40);
  assert.is(await problemOf(at('a')), `too-large: is ${2 ** 40} bytes long`);
});

test('what is not there or cannot be read is told in words', async () => {
  mkdirSync(at('directory'));
  symlinkSync('circle', at('circle'));
  writeFileSync(at('file'), '');
  assert.is(await problemOf(at('directory')), 'unreadable: is a directory');
  assert.is(await problemOf(at('none')), 'unreadable: there is no such file');
  assert.is(
    await problemOf(at('circle')),
    'unreadable: cannot be read: too many symbolic links encountered (ELOOP)',
  );
  assert.is(await problemOf(at('file/x')), 'unreadable: cannot be read: not a directory (ENOTDIR)');
  assert.is(await problemOf('x'.repeat(5000)), 'unreadable: cannot be read: name too long (ENAMETOOLONG)');
});

test('in a thread of the pool a file is the same, and one without an end is left', async () => {
  writeFileSync(at('b'), 'text');
  assert.is(Buffer.from((await readWholeFile(at('b'), 10, 'pool')).bytes).toString(), 'text');
  // Files of /proc say that they are empty.
  assert.is(
    Buffer.from((await readWholeFile('/proc/self/comm', 100, 'pool')).bytes).toString(),
    Buffer.from(await readWhole('/proc/self/comm', 100)).toString(),
  );
  assert.is(await problemOf('/proc/kallsyms'), 'too-large: is more than 1000 bytes long');
});

test('a device is not opened, also one that never ends', async () => {
  for (const device of ['/dev/zero', '/dev/null', '/dev/full'])
    assert.is(await problemOf(device), 'unreadable: is neither a file nor a pipe', device);
});

test('a pipe is read to its end, piece by piece, with the writer before us or after us', async () => {
  for (const lateMs of [0, 50]) {
    const pipe = fifo(`pipe${lateMs}`);
    const writing = new Promise((resolve) => setTimeout(resolve, lateMs))
      .then(() => open(pipe, 'w'))
      .then(async (file) => {
        for (const piece of ['one ', 'two ', 'three']) {
          await file.write(piece);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        await file.close();
      });
    assert.is(Buffer.from(await readWhole(pipe, 1000)).toString(), 'one two three');
    await writing;
  }
});

test('a pipe that brings too much is left', async () => {
  const pipe = fifo('flood');
  const writing = open(pipe, 'w').then(async (file) => {
    await file.write('x'.repeat(2000));
    await file.close();
  });
  assert.is(await problemOf(pipe), 'too-large: is more than 1000 bytes long');
  await writing;
});

test('a pipe to which nobody writes is empty after five seconds, and a silent writer is waited for', async () => {
  const clock = new VirtualClock();
  /** Answers of read(2), one by one; null: EAGAIN. */
  const pipeOf = (answers: (string | null)[]): Parameters<typeof pipeChunks>[0] => ({
    read: (buffer: Uint8Array) => {
      const [answer = ''] = answers.splice(0, 1);
      if (answer === null) return Promise.reject(Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' }));
      return Promise.resolve({ bytesRead: Buffer.from(answer).copy(buffer), buffer });
    },
  });
  const textOf = async (answers: (string | null)[]): Promise<string> => {
    let text = '';
    for await (const chunk of pipeChunks(pipeOf(answers), 100, clock)) text += Buffer.from(chunk).toString();
    return text;
  };
  assert.is(await textOf([]), '');
  assert.is(Math.round(clock.nowMs() / 1000), 5);
  const silent = Array<null>(1000).fill(null);
  assert.is(await textOf(['', '', ...silent, 'a', ...silent, 'b']), 'ab');
  assert.is(Math.round(clock.nowMs() / 1000), 25);
});

test('an errno is told with its words, a sentence of Node as it is', () => {
  const failed = Object.assign(new Error("ENOSPC: no space left on device, open '/x, y'"), {
    code: 'ENOSPC',
  });
  assert.is(causeText(failed), 'no space left on device (ENOSPC)');
  assert.is(causeText(Object.assign(new Error('odd'), { code: 'EODD' })), 'EODD');
  assert.is(
    causeText(Object.assign(new Error('no NUL bytes'), { code: 'ERR_INVALID_ARG_VALUE' })),
    'no NUL bytes',
  );
  assert.is(causeText('thrown'), 'thrown');
});

test.run();
