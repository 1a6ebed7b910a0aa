import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { errnoName } from '../base/errno.ts';
import type { ServingCalls } from '../native/libc.ts';
import type { DeviceNodes } from './device-nodes.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError, hasCode, reasonOf } from './served-error.ts';

/** The kernel's side of one unit: shared memory, and a descriptor that says when there is something in it. */
export interface UioDevice {
  readonly fd: number;
  readonly node: string;
  readonly memory: ArrayBuffer;
  /** Takes what the kernel said; false: it said nothing new, or the device is gone. */
  readonly acknowledge: () => boolean;
  readonly notifyKernel: () => void;
  /** The memory is gone afterwards. */
  readonly close: () => void;
}

/** Opens the uio device whose `name` in sysfs is this one. Throws ServedError. */
export async function openUioDevice(
  name: string,
  { sysfs }: Pick<LabRoots, 'sysfs'>,
  nodes: DeviceNodes,
  calls: ServingCalls,
): Promise<UioDevice> {
  const directory = await findUio(path.join(sysfs, 'class/uio'), name);
  if (directory === null) {
    throw new ServedError('kernel-refused', `the kernel made no uio device ${name}`, 'See the end of dmesg.');
  }
  const sizeBytes = Number((await readFile(path.join(directory, 'maps/map0/size'), 'latin1')).trim());
  const node = await nodes.provide(path.basename(directory), directory);
  const fd = openNode(node);
  const { shared, errno } = calls.mapShared(fd, sizeBytes);
  if (shared === null) {
    closeSync(fd);
    throw new ServedError('kernel-refused', `mmap ${node}: ${errnoName(errno)}`, 'See the end of dmesg.');
  }
  const counter = new Uint8Array(4);
  return {
    fd,
    node,
    memory: shared.memory,
    acknowledge: () => {
      try {
        return readSync(fd, counter) === counter.length;
      } catch (cause) {
        if (hasCode(cause, 'EAGAIN', 'EIO')) return false;
        throw cause;
      }
    },
    notifyKernel: () => void writeSync(fd, new Uint8Array(4)),
    close: () => {
      shared.unmap();
      closeSync(fd);
    },
  };
}

function openNode(node: string): number {
  try {
    return openSync(node, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (cause) {
    throw new ServedError(
      'kernel-refused',
      `open ${node}: ${reasonOf(cause)}`,
      'See who holds it: fuser -v /dev/uio*',
      { cause },
    );
  }
}

async function findUio(directory: string, name: string): Promise<string | null> {
  for (const entry of await readdir(directory).catch(() => [])) {
    const found = await readFile(path.join(directory, entry, 'name'), 'latin1').catch(() => '');
    if (found.trim() === name) return path.join(directory, entry);
  }
  return null;
}
