import { access, mkdir, readFile, readdir, rmdir, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LabRoots } from './lab-roots.ts';
import { ServedError, hasCode, reasonOf } from './served-error.ts';
import type { UnitName } from './unit-name.ts';
import { BACKSTORE_HOST, backstoreName, initiatorName, targetName, unitOfTarget } from './unit-name.ts';

/** The data area is memory of the kernel; one command is at most 1.25 MiB, and each unit has an area of its own. */
const DATA_AREA_MIB = 16;
/** Fails what the handler was given, instead of asking the initiator to try again. */
const RESET_RING_HARD = '2';

/** Where a unit is linked: at the target of which unit, and as which logical unit of it. */
export interface UnitPlace {
  readonly target: UnitName;
  readonly lun: number;
}

/** Directories of one unit in configfs (linux/Documentation/target). */
export class KernelTarget {
  readonly unit: UnitName;
  readonly #place: UnitPlace;
  readonly #host: string;
  readonly #backstore: string;
  readonly #fabric: string;
  readonly #target: string;
  readonly #group: string;

  /** @param place absent: a target of its own */
  constructor(
    unit: UnitName,
    { configfs }: Pick<LabRoots, 'configfs'>,
    place: UnitPlace = { target: unit, lun: 0 },
  ) {
    this.unit = unit;
    this.#place = place;
    this.#host = path.join(configfs, 'target/core', `user_${BACKSTORE_HOST}`);
    this.#backstore = path.join(this.#host, backstoreName(unit));
    this.#fabric = path.join(configfs, 'target/loopback');
    this.#target = path.join(this.#fabric, targetName(place.target));
    this.#group = path.join(this.#target, 'tpgt_1');
  }

  /** A unit that somebody has made: where it is linked, if it is. */
  static async found(unit: UnitName, roots: Pick<LabRoots, 'configfs'>): Promise<KernelTarget> {
    const fabric = path.join(roots.configfs, 'target/loopback');
    for (const name of await namesIn(fabric)) {
      const target = unitOfTarget(name);
      if (target?.lab !== unit.lab) continue;
      const luns = path.join(fabric, name, 'tpgt_1/lun');
      for (const lun of await namesIn(luns)) {
        if (!(await namesIn(path.join(luns, lun))).includes(backstoreName(unit))) continue;
        return new KernelTarget(unit, roots, { target, lun: Number(lun.replace('lun_', '')) });
      }
    }
    return new KernelTarget(unit, roots);
  }

  /** What `name` of the uio device says. */
  get uioName(): string {
    return `tcm-user/${BACKSTORE_HOST}/${backstoreName(this.unit)}/${this.#configuration}`;
  }

  get #configuration(): string {
    return `runbook/${this.unit.lab}/${this.unit.index}`;
  }

  /**
   * Makes the backstore, and with it a uio device. `commandTimeoutS`: after it the kernel itself answers for a handler
   * that does not (2/08/00); an answer that comes later is discarded.
   */
  async makeBackstore(commandTimeoutS: number): Promise<void> {
    await this.#step('mkdir', this.#backstore, () => mkdir(this.#backstore, { recursive: true }));
    await this.#write('control', `dev_config=${this.#configuration}`);
    await this.#write('control', 'dev_size=1048576'); // nobody reads it, but it must not be 0
    await this.#write('control', 'hw_block_size=512');
    await this.#write('control', 'nl_reply_supported=-1'); // there is no daemon whose reply would be waited for
    await this.#write('control', `max_data_area_mb=${DATA_AREA_MIB}`);
    await this.#write('enable', '1');
    // Only through here: the kernel ignores a time-out that is written to `control`.
    await this.#write('attrib/cmd_time_out', String(commandTimeoutS));
    await this.#write(
      'attrib/tmr_notification',
      '1',
      'Use a Linux kernel from 5.9 on: it tells of aborts and resets.',
    );
  }

  /**
   * Links the unit. The kernel scans it before this comes back, so somebody must answer already. Returns the address
   * of the unit as host:channel:target:lun.
   */
  async link(): Promise<string> {
    const lun = this.#lun;
    if (this.#place.lun === 0) {
      await this.#step('mkdir', lun, () => mkdir(this.#group, { recursive: true }));
      const nexus = path.join(this.#group, 'nexus');
      await this.#step('write', nexus, () => writeFile(nexus, initiatorName(this.unit)));
    }
    await this.#step('mkdir', lun, () => mkdir(lun));
    const link = path.join(lun, backstoreName(this.unit));
    await this.#step('symlink', link, () => symlink(this.#backstore, link));
    const address = await readFile(path.join(this.#group, 'address'), 'latin1');
    return `${address.trim()}:${this.#place.lun}`;
  }

  get #lun(): string {
    return path.join(this.#group, 'lun', `lun_${this.#place.lun}`);
  }

  /**
   * For a handler that died: no new command is taken, and what it was given fails now. Without it every removal, and
   * everybody who sent a command, would wait for the time-out.
   */
  async abandon(): Promise<void> {
    const { block, reset } = {
      block: path.join(this.#backstore, 'action/block_dev'),
      reset: path.join(this.#backstore, 'action/reset_ring'),
    };
    if (!(await exists(block))) return;
    await this.#step('write', block, () => writeFile(block, '1'));
    await this.#step('write', reset, () => writeFile(reset, RESET_RING_HARD));
  }

  /** Takes away the unit: the reverse of {@link link}, from whatever is there. */
  async unlink(): Promise<void> {
    const lun = this.#lun;
    const link = path.join(lun, backstoreName(this.unit));
    await this.#step('unlink', link, () => gone(unlink(link)));
    // The first unit of a target takes it away, after the others.
    for (const directory of this.#place.lun === 0 ? [lun, this.#group, this.#target] : [lun]) {
      await this.#step('rmdir', directory, () => gone(rmdir(directory)));
    }
  }

  /** The reverse of {@link makeBackstore}, from whatever is there. */
  async removeBackstore(): Promise<void> {
    await this.#step('rmdir', this.#backstore, () => gone(rmdir(this.#backstore)));
  }

  /** Removes what units share, if nobody else uses it. */
  async removeShared(): Promise<void> {
    for (const directory of [this.#host, this.#fabric]) {
      if (await isWithoutUnits(directory)) await gone(rmdir(directory)).catch(() => undefined);
    }
  }

  #write(attribute: string, value: string, next?: string): Promise<void> {
    const file = path.join(this.#backstore, attribute);
    return this.#step(`write "${value}" to`, file, () => writeFile(file, value), next);
  }

  async #step(
    verb: string,
    file: string,
    act: () => Promise<unknown>,
    next = 'See the end of dmesg; runbook lab down --all takes away what is left.',
  ): Promise<void> {
    try {
      await act();
    } catch (cause) {
      throw new ServedError('kernel-refused', `${verb} ${file}: ${reasonOf(cause)}`, next, { cause });
    }
  }
}

const namesIn = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** What is not there need not be removed. */
async function gone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((cause: unknown) => {
    if (!hasCode(cause, 'ENOENT')) throw cause;
  });
}

/** configfs shows attributes as files; only directories are units of somebody. */
async function isWithoutUnits(directory: string): Promise<boolean> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return !entries.some((entry) => entry.isDirectory() && entry.name !== 'discovery_auth');
  } catch {
    return false;
  }
}
