import { constants, existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { refusal } from '../base/refusal.ts';
import { systemClock } from '../base/clock.ts';
import { TransportError } from '../base/errors.ts';
import { openSgIo } from '../transport/sg-io.ts';
import type { Transport } from '../transport/transport.ts';
import { DiskUsers } from './disk-users.ts';
import { holdersOf } from './holders.ts';
import { Reads } from './reads.ts';
import { inhibitShutdown } from './inhibitor.ts';
import { hctlsNamed } from './named-hctls.ts';
import { holdersOfNodes, nodeHolders } from './node-holders.ts';
import { HostError } from './host-error.ts';
import type { Access, AttachedDevice, Host, ProgramResult } from './host.ts';
import { runProgram } from './program.ts';
import { survey } from './topology.ts';
import { linkRates } from './link-rates.ts';
import { lockUnit } from './unit-lock.ts';
import { devicesDirectory, discover, discoverOne, readAttribute, tapeNodes } from './sysfs.ts';

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
        if (!(error instanceof TransportError) || error.code !== 'node-busy') throw error;
        const holders = nodeHolders(node, procRoot);
        if (access === 'change' && clock.nowMs() < endMs) await clock.sleep(POLL_MS);
        else if (holders.length === 0) throw error;
        else {
          const message = `${node}: is open in ${holders.join(', ')}; nothing is written while another program has it open`;
          throw new TransportError('node-busy', message, { node }, { cause: error });
        }
      }
    }
  }

  async function rescan({ hctl }: AttachedDevice): Promise<void> {
    const directory = path.join(devicesDirectory(sysfsRoot), hctl);
    const scan = path.join(sysfsRoot, `class/scsi_host/host${hctl.split(':', 1)[0]!}/scan`);
    const block = path.join(directory, 'block');
    const users = new DiskUsers(userRoots);
    const reads = new Reads('users');
    const uses = [...users.of(block), ...holdersOf(block, reads)];
    const [unread] = [...users.unreadable, ...reads.unreadable];
    if (unread !== undefined) {
      const message = `${hctl}: not removed, because it may be in use: ${unread.why.message}`;
      throw new HostError('step-removes-disk', message, { hctl }, { next: unread.why.next });
    }
    if (uses.length > 0) {
      const message = `${hctl}: not removed, because it is in use (${uses.join(', ')}); stop using it first`;
      throw new HostError('step-removes-disk', message, { hctl });
    }
    const scanning = await openTrigger(hctl, scan);
    let place: string;
    try {
      const isThere = discoverOne(roots, hctl) !== null;
      // Before the unit is removed: where the kernel scans nothing, there would be no way back. Of what is there it asks nothing.
      place = await scanTarget(hctl, scanning);
      if (isThere) {
        const removing = await openTrigger(hctl, path.join(directory, 'delete'));
        await trigger(hctl, removing, '1').finally(() => removing.handle.close());
        await trigger(hctl, scanning, place);
      }
    } finally {
      await scanning.handle.close();
    }
    await appears(
      () => discoverOne(roots, hctl) !== null,
      () =>
        rescanFailed(
          hctl,
          `did not come back within ${APPEAR_MS / 1000} s; scan again with: echo "${place}" > ${scan}`,
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

  /** Reads sysfs again each time: while the unit settles it may change its node. */
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
        `${driver}: cannot be unloaded because it is in use: ${lastLine(removed)}; see: lsmod | grep ${driver}`,
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
    discover: () =>
      new Promise((resolve) => {
        requireSgDriver(sysfsRoot);
        resolve(discover(roots));
      }),
    survey: () => Promise.resolve(survey(userRoots)),
    hctlsNamed: (name) => Promise.resolve(hctlsNamed(roots, name)),
    open: (device, access) => {
      if (device.sgNode !== null) return openNamingHolder(device.sgNode, access);
      const message = `${device.hctl}: has no sg node; load the driver with: modprobe sg`;
      return Promise.reject(new TransportError('open-failed', message, { hctl: device.hctl }));
    },
    inhibitShutdown: (why) => inhibitShutdown(why),
    openElsewhere: (devices) => {
      const nodes = devices.flatMap((device) => [
        ...(device.sgNode === null ? [] : [device.sgNode]),
        ...tapeNodes(roots, device.hctl),
      ]);
      const held = holdersOfNodes(nodes, procRoot);
      return Promise.resolve(held.map(({ process, node }) => `${node} is open in ${process}`));
    },
    readSysfs: (attribute) => Promise.resolve(readAttribute(sysfsRoot, attribute)),
    linkRates: (device) => Promise.resolve(linkRates(sysfsRoot, device)),
    lock: (unitId, run) => lockUnit(unitId, lockDirectory, run),
    rescan,
    reloadDriver,
    run: (argv, timeoutMs, about) => run(argv, timeoutMs, about),
    close: () => Promise.resolve(),
  };
}

/** The class of sg nodes is there from the moment on that the driver is loaded, with devices and without. */
function requireSgDriver(sysfsRoot: string): void {
  if (existsSync(path.join(sysfsRoot, 'class/scsi_generic'))) return;
  const { code, message } = existsSync(path.join(sysfsRoot, 'class'))
    ? ({ code: 'no-sg-driver', message: refusal('no-sg-driver').message } as const)
    : ({
        code: 'sysfs-not-mounted',
        message: refusal('sysfs-not-mounted', { root: sysfsRoot }).message,
      } as const);
  throw new HostError(code, message);
}

/** An attribute of sysfs that makes the kernel do something when it is written. */
interface Trigger {
  readonly file: string;
  readonly handle: FileHandle;
}

/** For writing alone: these attributes have mode 0200, and sysfs lets nobody open them for reading, root neither. */
async function openTrigger(hctl: string, file: string): Promise<Trigger> {
  try {
    return { file, handle: await open(file, constants.O_WRONLY) };
  } catch (cause) {
    throw triggerFailed(hctl, file, cause);
  }
}

/**
 * Has the kernel scan the place of one unit, or that of its whole target: some drivers declare no highest unit number, and the
 * kernel then refuses every single one (EINVAL). Returns what it took.
 */
async function scanTarget(hctl: string, scanning: Trigger): Promise<string> {
  const [channel = '', target = '', lun = ''] = hctl.split(':').slice(1);
  const [unit, everyUnit] = [`${channel} ${target} ${lun}`, `${channel} ${target} -`];
  try {
    await scanning.handle.write(unit, 0);
    return unit;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw triggerFailed(hctl, scanning.file, error);
    await trigger(hctl, scanning, everyUnit);
    return everyUnit;
  }
}

/** In one write(2): the kernel takes each for a whole value. */
async function trigger(hctl: string, { file, handle }: Trigger, value: string): Promise<void> {
  try {
    await handle.write(value, 0);
  } catch (cause) {
    throw triggerFailed(hctl, file, cause);
  }
}

function triggerFailed(hctl: string, file: string, cause: unknown): HostError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  const hint = code === 'EACCES' || code === 'EPERM' ? 'run as root' : 'check the kernel log (dmesg)';
  return rescanFailed(hctl, `cannot write ${file}: ${code}; ${hint}`, cause);
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
