import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { TransportError } from '../base/errors.ts';
import { openSgIo } from '../transport/sg-io.ts';
import type { Transport } from '../transport/transport.ts';
import { DiskUsers } from './disk-users.ts';
import { holdersOf } from './holders.ts';
import { inhibitShutdown } from './inhibitor.ts';
import { nodeHolders } from './node-holders.ts';
import { HostError } from './host-error.ts';
import type { Access, AttachedDevice, Host, ProgramResult } from './host.ts';
import { runProgram } from './program.ts';
import { survey } from './topology.ts';
import { lockUnit } from './unit-lock.ts';
import { devicesDirectory, discover, discoverOne, readAttribute } from './sysfs.ts';

export interface LinuxHostOptions {
  readonly sysfsRoot?: string | undefined;
  readonly procRoot?: string | undefined;
  readonly devRoot?: string | undefined;
  /** Where the locks of units lie; for tests. */
  readonly lockDirectory?: string | undefined;
  readonly clock?: Clock | undefined;
  /** How sg nodes are opened and programs started; for tests. */
  readonly openNode?: (node: string, access: Access) => Promise<Transport>;
  readonly runProgram?: Host['run'];
}

/** After a scan the unit has this long to appear, and its sg node the same again: udev makes it, in its own time. */
const APPEAR_MS = 30_000;
const POLL_MS = 200;
/**
 * udev and monitoring daemons have a node open for moments only. They are in the way of who wants it for itself; who only
 * looks meets a run that has it for itself, and would wait in vain.
 */
const BUSY_MS = 3000;
/** The driver of a big adapter resets it and waits for every link. */
const MODPROBE_MS = 300_000;

/** The Linux machine that we run on; the roots can be set for tests. */
export function createLinuxHost(options: LinuxHostOptions = {}): Host {
  const { sysfsRoot = '/sys', procRoot = '/proc', devRoot = '/dev', clock = systemClock } = options;
  const { openNode = openSgIo, runProgram: run = runProgram, lockDirectory } = options;
  const roots = { sysfsRoot, devRoot };
  const userRoots = { sysfsRoot, procRoot, runRoot: path.join(sysfsRoot, '../run') };

  async function openNamingHolder(node: string, access: Access): Promise<Transport> {
    const endMs = clock.nowMs() + BUSY_MS;
    for (;;) {
      try {
        return await openNode(node, access);
      } catch (error) {
        if (!(error instanceof TransportError) || error.code !== 'busy') throw error;
        const holders = nodeHolders(node, procRoot);
        if (access === 'change' && clock.nowMs() < endMs) await clock.sleep(POLL_MS);
        else if (holders.length === 0) throw error;
        else {
          const message = `${node}: is open in ${holders.join(', ')}; nothing is written while another program has it`;
          throw new TransportError('busy', message, { node }, { cause: error });
        }
      }
    }
  }

  async function rescan({ hctl }: AttachedDevice): Promise<void> {
    const [host, ...place] = hctl.split(':');
    const directory = path.join(devicesDirectory(sysfsRoot), hctl);
    const scan = path.join(sysfsRoot, `class/scsi_host/host${host ?? ''}/scan`);
    const block = path.join(directory, 'block');
    const uses = [...new DiskUsers(userRoots).of(block), ...holdersOf(block)];
    if (uses.length > 0) {
      const message = `${hctl}: not removed, because it is in use (${uses.join(', ')}); stop its use first`;
      throw new HostError('in-use', message, { hctl });
    }
    // Before the unit is removed: without this file there would be no way back.
    if (!existsSync(scan)) throw rescanFailed(hctl, `${scan} is missing`);
    // Both writes take as long as the kernel works on them. A unit that is gone already needs the scan alone.
    if (discoverOne(roots, hctl) !== null) await writeAttribute(hctl, path.join(directory, 'delete'), '1');
    await writeAttribute(hctl, scan, place.join(' '));
    await appears(
      () => discoverOne(roots, hctl) !== null,
      () =>
        rescanFailed(
          hctl,
          `did not come back within ${APPEAR_MS / 1000} s; scan again with: echo "${place.join(' ')}" > ${scan}`,
        ),
    );
    await appears(
      () => nodeIsThere(hctl),
      () => {
        const node = discoverOne(roots, hctl)?.sgNode;
        return rescanFailed(
          hctl,
          node
            ? `is back, but ${node} is not; is udev running?`
            : 'is back without an sg node; load the driver with: modprobe sg',
        );
      },
    );
  }

  /** Reads sysfs anew each time: while the unit settles it may change its node. */
  function nodeIsThere(hctl: string): boolean {
    const node = discoverOne(roots, hctl)?.sgNode ?? null;
    return node !== null && existsSync(node);
  }

  async function appears(isThere: () => boolean, failure: () => Error): Promise<void> {
    const endMs = clock.nowMs() + APPEAR_MS;
    while (!isThere()) {
      if (clock.nowMs() >= endMs) throw failure();
      await clock.sleep(POLL_MS);
    }
  }

  async function reloadDriver(driver: string): Promise<void> {
    // modprobe takes options and file names too: a name only.
    if (!/^[A-Za-z0-9]\w*(-\w+)*$/.test(driver))
      throw driverFailed(`"${driver}" is not the name of a kernel module`);
    const removed = await run(['modprobe', '-r', driver], MODPROBE_MS);
    if (removed.exitCode !== 0) {
      throw driverFailed(
        `${driver}: cannot be unloaded, something uses it: ${lastLine(removed)}; see: lsmod | grep ${driver}`,
      );
    }
    const loaded = await run(['modprobe', driver], MODPROBE_MS);
    if (loaded.exitCode !== 0) {
      throw driverFailed(
        `${driver}: was unloaded and CANNOT BE LOADED AGAIN: ${lastLine(loaded)}; load it by hand with: modprobe ${driver}`,
      );
    }
  }

  return {
    kind: 'linux',
    discover: () => Promise.resolve(discover(roots)),
    survey: () => Promise.resolve(survey(userRoots)),
    open: (device, access) => {
      if (device.sgNode !== null) return openNamingHolder(device.sgNode, access);
      const message = `${device.hctl}: has no sg node; load the driver with: modprobe sg`;
      return Promise.reject(new TransportError('open-failed', message, { hctl: device.hctl }));
    },
    inhibitShutdown: (why) => inhibitShutdown(why),
    readSysfs: (attribute) => Promise.resolve(readAttribute(sysfsRoot, attribute)),
    lock: (unitId, run) => lockUnit(unitId, lockDirectory, run),
    rescan,
    reloadDriver,
    run: (argv, timeoutMs, about) => run(argv, timeoutMs, about),
    close: () => Promise.resolve(),
  };
}

async function writeAttribute(hctl: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'r+' }); // never creates a file
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    const hint = code === 'EACCES' || code === 'EPERM' ? 'run as root' : 'look into the kernel log (dmesg)';
    throw rescanFailed(hctl, `cannot write ${file}: ${code}; ${hint}`, cause);
  }
}

function rescanFailed(hctl: string, text: string, cause?: unknown): HostError {
  return new HostError('rescan-failed', `${hctl}: ${text}`, { hctl }, { cause });
}

function driverFailed(text: string): HostError {
  return new HostError('driver-failed', `reload-driver: ${text}`);
}

function lastLine({ exitCode, output }: ProgramResult): string {
  return output.trim().split('\n').at(-1) || `exit code ${exitCode}`;
}
