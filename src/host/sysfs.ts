import { readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { asciiField } from '../base/bytes.ts';
import { readAttributeText } from './attribute.ts';
import { compareHctl } from './hctl.ts';
import { HostError } from './host-error.ts';
import type { AttachedDevice } from './host.ts';
import { Reads } from './reads.ts';

export interface SysfsRoots {
  readonly sysfsRoot: string;
  readonly devRoot: string;
}

/** SPC: unknown or no device type. */
const UNKNOWN_DEVICE_TYPE = 0x1f;

/** What the units of one host adapter have in common; read once per adapter. */
interface Adapter {
  readonly driver: string | null;
  readonly scatterGatherEntries: number | null;
}

/**
 * All logical units in sysfs, in the order of host, channel, target and lun; no command is sent and nothing is opened
 * but attributes that the kernel keeps in memory (scsi-microcode.md#sysfs). Without an sg class (driver not loaded, no
 * SCSI) the list is empty. An attribute that is missing or garbled is a fact not known. Throws HostError where the units cannot be
 * listed.
 *
 * Synchronous on purpose: a thousand units are read in well under a second, and `runbook devices` starts no thread.
 */
export function discover(roots: SysfsRoots): AttachedDevice[] {
  const { sysfsRoot } = roots;
  if (namesIn(path.join(sysfsRoot, 'class/scsi_generic')) === null) return [];
  const adapters = new Map<string, Adapter>();
  const adapterOf = (host: string): Adapter => {
    const known = adapters.get(host) ?? readAdapter(sysfsRoot, host);
    adapters.set(host, known);
    return known;
  };
  return unitNames(sysfsRoot)
    .sort(compareHctl)
    .map((hctl) => readDevice(roots, hctl, adapterOf(hctl.slice(0, hctl.indexOf(':')))));
}

/** One attribute by its path below the root, with or without a leading `/sys`; what lies outside is not read. */
export function readAttribute(sysfsRoot: string, attribute: string): string | null {
  const file = path.resolve(sysfsRoot, attribute.replace(/^\/sys\//, '').replace(/^\/+/, ''));
  return file.startsWith(`${path.resolve(sysfsRoot)}${path.sep}`) ? textOf(file) : null;
}

/** One logical unit by its place; null when nothing is there. */
export function discoverOne(roots: SysfsRoots, hctl: string): AttachedDevice | null {
  if (!HCTL.test(hctl) || namesIn(path.join(devicesDirectory(roots.sysfsRoot), hctl)) === null) return null;
  return readDevice(roots, hctl, readAdapter(roots.sysfsRoot, hctl.slice(0, hctl.indexOf(':'))));
}

const HCTL = /^\d+:\d+:\d+:\d+$/;

export function devicesDirectory(sysfsRoot: string): string {
  return path.join(sysfsRoot, 'bus/scsi/devices');
}

/** Nodes of the tape and changer drivers: `/dev/st0`, `/dev/nst0`, …, `/dev/sch0`. Empty: the unit is neither. */
export function tapeNodes({ sysfsRoot, devRoot }: SysfsRoots, hctl: string): string[] {
  const unit = path.join(devicesDirectory(sysfsRoot), hctl);
  return ['scsi_tape', 'scsi_changer'].flatMap((kind) =>
    (namesIn(path.join(unit, kind)) ?? []).map((name) => path.join(devRoot, name)),
  );
}

/** H:C:T:L of the logical units. Throws HostError `host-unreadable`: units that cannot be listed are not absent. */
export function unitNames(sysfsRoot: string): string[] {
  const reads = new Reads('links');
  // Beside logical units there are entries like `host6` and `target6:0:0`.
  const names = reads.names(devicesDirectory(sysfsRoot)).filter((name) => HCTL.test(name));
  const [unread] = reads.unreadable;
  if (unread !== undefined) throw new HostError('host-unreadable', unread.why.message);
  return names;
}

function readDevice({ sysfsRoot, devRoot }: SysfsRoots, hctl: string, adapter: Adapter): AttachedDevice {
  const directory = path.join(devicesDirectory(sysfsRoot), hctl);
  // What is not in the directory is not asked for: a failed open costs more than a read.
  const there = new Set(namesIn(directory));
  const read = (name: string): string | null => (there.has(name) ? textOf(`${directory}/${name}`) : null);
  const nameIn = (name: string, pattern: RegExp): string | null =>
    there.has(name) ? firstName(`${directory}/${name}`, pattern) : null;
  const sgName = nameIn('scsi_generic', /^sg\d+$/);
  const blockName = nameIn('block', /^[\w!-]+$/);
  return {
    hctl,
    deviceType: wholeNumber(read('type')) ?? UNKNOWN_DEVICE_TYPE,
    vendor: read('vendor') ?? '',
    product: read('model') ?? '',
    revision: read('rev') ?? '',
    sasAddress: sasAddress(read('sas_address')) ?? sasAddress(endDeviceAddress(sysfsRoot, directory)),
    hbaDriver: adapter.driver,
    sgNode: sgName && path.join(devRoot, sgName),
    blockNode: blockName && path.join(devRoot, blockName.replaceAll('!', '/')),
    wwid: read('wwid') || null,
    state: read('state') || 'unknown',
    limits: {
      // Enclosures have no queue directory: their limit is told by the open node alone, and is a hint at best.
      maximumTransferBytes:
        blockName === null ? null : kibibytes(textOf(`${directory}/block/${blockName}/queue/max_sectors_kb`)),
      scatterGatherEntries: adapter.scatterGatherEntries,
    },
  };
}

function readAdapter(sysfsRoot: string, host: string): Adapter {
  const directory = path.join(sysfsRoot, `class/scsi_host/host${host}`);
  const name = textOf(path.join(directory, 'proc_name'));
  return {
    // Drivers without a /proc entry say `<NULL>` or `(null)`: then the driver of the bus device above the host.
    driver: name !== null && /^[\w-]+$/.test(name) ? name : driverAbove(directory),
    scatterGatherEntries: wholeNumber(textOf(path.join(directory, 'sg_tablesize'))),
  };
}

/** class/scsi_host/host6 → …/0000:03:00.0/host6/scsi_host/host6; the driver belongs to 0000:03:00.0. */
function driverAbove(scsiHost: string): string | null {
  const target = linkOf(scsiHost);
  if (target === null) return null;
  const driver = linkOf(path.resolve(path.dirname(scsiHost), target, '../../../driver'));
  return driver && path.basename(driver);
}

/** Two levels above the unit is its SAS end device: …/end_device-6:0:1/target6:0:1/6:0:1:0. */
function endDeviceAddress(sysfsRoot: string, directory: string): string | null {
  const endDevice = linkOf(directory)
    ?.split('/')
    .findLast((element) => element.startsWith('end_device-'));
  return endDevice === undefined
    ? null
    : textOf(path.join(sysfsRoot, 'class/sas_device', endDevice, 'sas_address'));
}

function sasAddress(text: string | null): string | null {
  const address = text?.toLowerCase() ?? '';
  return /^0x[\da-f]{16}$/.test(address) && !/^0x0+$/.test(address) ? address : null;
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

function kibibytes(text: string | null): number | null {
  const number = wholeNumber(text);
  return number && number * 1024;
}

/** An attribute as the text of a device is read: its line feed is padding. null: not there, or the read fails. */
function textOf(file: string): string | null {
  const text = readAttributeText(file);
  return text === null ? null : asciiField(Buffer.from(text, 'latin1'));
}

function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

function namesIn(directory: string): string[] | null {
  try {
    return readdirSync(directory);
  } catch {
    return null;
  }
}

function firstName(directory: string, pattern: RegExp): string | null {
  return namesIn(directory)?.find((name) => pattern.test(name)) ?? null;
}
