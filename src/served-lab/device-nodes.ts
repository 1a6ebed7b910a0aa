import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { errnoName } from '../base/errno.ts';
import type { ServingCalls } from '../native/libc.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError } from './served-error.ts';

const MODE = 0o600;

/** Device nodes, for machines where nobody else makes them: no devtmpfs, no udev. */
export class DeviceNodes {
  readonly #dev: string;
  readonly #calls: Pick<ServingCalls, 'makeCharacterDevice'>;
  readonly #made = new Set<string>();
  readonly #remember: (made: readonly string[]) => void;

  /** `remember` is told all nodes that would not be there without us, so that somebody knows after a crash. */
  constructor(
    { dev }: Pick<LabRoots, 'dev'>,
    calls: Pick<ServingCalls, 'makeCharacterDevice'>,
    remember: (made: readonly string[]) => void,
  ) {
    this.#dev = dev;
    this.#calls = calls;
    this.#remember = remember;
  }

  /** Sees to it that the node is there; `sysfsDirectory` holds `dev`, the numbers of the device. Returns its path. */
  async provide(name: string, sysfsDirectory: string): Promise<string> {
    const node = path.join(this.#dev, name);
    const numbers = await readFile(path.join(sysfsDirectory, 'dev'), 'latin1');
    const [major = NaN, minor = NaN] = numbers.trim().split(':').map(Number);
    const device = deviceNumber(major, minor);
    const there = await stat(node).catch(() => null);
    if (there?.isCharacterDevice() === true && there.rdev === device) return node;
    await rm(node, { force: true }); // of a device that had this name before
    const { errno } = this.#calls.makeCharacterDevice(node, MODE, device);
    const exists = errno !== 0 && (await stat(node).catch(() => null))?.rdev === device;
    if (errno !== 0 && !exists) {
      throw new ServedError(
        'kernel-refused',
        `mknod ${node}: ${errnoName(errno)}`,
        `Make it by hand: mknod ${node} c ${major} ${minor}`,
      );
    }
    if (!exists) {
      this.#made.add(node);
      this.#remember([...this.#made]);
    }
    return node;
  }

  async remove(node: string): Promise<void> {
    if (this.#made.delete(node)) await rm(node, { force: true });
  }
}

/** st_rdev as Linux has it: 12 bits of major number between the low 8 and the high bits of the minor number. */
export function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
