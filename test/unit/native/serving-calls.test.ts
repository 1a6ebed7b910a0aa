import * as assert from 'uvu/assert';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadServingCalls } from '../../../src/native/libc.ts';
import { suite } from '../../support/suite.ts';

const serving = suite('native/libc for serving');

async function inDirectory(act: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-libc-'));
  try {
    await act(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

serving('shares memory: what is written there is in the file', async () => {
  await inDirectory(async (directory) => {
    const { mapShared } = await loadServingCalls();
    const file = path.join(directory, 'memory');
    writeFileSync(file, new Uint8Array(8192).fill(7));
    const fd = openSync(file, constants.O_RDWR);
    const { shared, errno } = mapShared(fd, 8192);
    closeSync(fd); // the mapping stays
    assert.is(errno, 0);
    assert.is(shared!.memory.byteLength, 8192);
    const bytes = new Uint8Array(shared!.memory);
    assert.is(bytes[8191], 7);
    bytes[4096] = 0x5a;
    assert.is(readFileSync(file)[4096], 0x5a);
    shared!.unmap();
  });
});

serving('tells the errno of a mapping that the kernel refuses', async () => {
  const { mapShared } = await loadServingCalls();
  const fd = openSync('/dev/null', constants.O_RDWR);
  assert.equal(mapShared(fd, 4096), { shared: null, errno: 19 }); // ENODEV
  assert.equal(mapShared(-1, 4096), { shared: null, errno: 9 }); // EBADF
  closeSync(fd);
});

serving('makes a character device, or tells why not', async () => {
  await inDirectory(async (directory) => {
    const { makeCharacterDevice } = await loadServingCalls();
    const node = path.join(directory, 'null');
    const { result, errno } = makeCharacterDevice(node, 0o600, statSync('/dev/null').rdev);
    if (errno === 1) return; // EPERM: not root, or a container that does not allow it
    assert.is(result, 0);
    const made = statSync(node);
    assert.ok(made.isCharacterDevice());
    assert.is(made.rdev, statSync('/dev/null').rdev);
    assert.equal(makeCharacterDevice(node, 0o600, 0), { result: -1, errno: 17 }); // EEXIST
  });
});

serving.run();
