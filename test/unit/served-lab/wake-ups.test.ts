import * as assert from 'uvu/assert';
import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, readSync, rmSync, closeSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadServingCalls } from '../../../src/native/libc.ts';
import { WakeUps } from '../../../src/served-lab/wake-ups.ts';
import { suite } from '../../support/suite.ts';

const wakeUps = suite('simulator/served/wake-ups');

/** A descriptor that can be read when something was written to it. */
function pipe(directory: string, name: string): number {
  const file = path.join(directory, name);
  execFileSync('mkfifo', [file]);
  return openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
}

wakeUps('calls whoever has something to read, also those that were added while it waited', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-wake-'));
  const waits = new WakeUps(await loadServingCalls());
  const ended = waits.run();
  const seen: string[] = [];
  const first = pipe(directory, 'first');
  const second = pipe(directory, 'second');
  try {
    await new Promise<void>((resolve) => {
      waits.add(first, () => {
        seen.push(`first ${readSync(first, Buffer.alloc(9))}`);
        waits.add(second, () => {
          seen.push(`second ${readSync(second, Buffer.alloc(9))}`);
          resolve();
        });
        writeSync(second, 'abc');
      });
      writeSync(first, 'a');
    });
    waits.remove(first);
    writeSync(first, 'a'); // nobody asks any more
    waits.stop();
    await ended;
    assert.equal(seen, ['first 1', 'second 3']);
  } finally {
    closeSync(first);
    closeSync(second);
    rmSync(directory, { recursive: true, force: true });
  }
});

wakeUps('ends with the mistake of an action', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-wake-'));
  const waits = new WakeUps(await loadServingCalls());
  const fd = pipe(directory, 'pipe');
  waits.add(fd, () => {
    throw new RangeError('a bug');
  });
  writeSync(fd, 'x');
  try {
    await waits.run();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RangeError);
    waits.remove(fd); // taking down goes on, and touches no closed descriptor
    waits.stop();
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  }
});

wakeUps.run();
