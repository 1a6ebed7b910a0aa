import { readdirSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import path from 'node:path';
import { readAttributeText } from './attribute.ts';
import type { SysfsRoots } from './sysfs.ts';
import { devicesDirectory } from './sysfs.ts';

/** Classes of sysfs whose entries are called as the nodes of SCSI devices: sda, st0, sch0, sg0, 0:0:0:0. */
const CLASSES = ['block', 'scsi_tape', 'scsi_changer', 'scsi_generic', 'bsg'];
const HCTL = /^\d+:\d+:\d+:\d+$/;
/** `dm/uuid` of a multipath map: its slaves are paths of one unit, and not parts of a volume. */
const MULTIPATH = /^mpath-/;

/**
 * H:C:T:L of the units that the system knows under this name: a node (`/dev/sda`, `sda`, `/dev/st0`, `/dev/bsg/0:0:0:0`), a
 * link to one (`/dev/disk/by-id/…`), a multipath map, or a directory of sysfs (`/sys/class/enclosure/0:0:0:0`). A node is known by its device number, whatever it is called and
 * wherever it lies; one that nobody made by its name in sysfs. Empty: no name of a SCSI device.
 */
export function hctlsNamed({ sysfsRoot, devRoot }: SysfsRoots, typed: string): readonly string[] {
  let name = typed;
  while (name.length > 1 && name.endsWith('/')) name = name.slice(0, -1);
  if (name === '') return [];
  const inSysfs = name.startsWith(`${sysfsRoot}/`) ? realPath(name) : null;
  if (inSysfs !== null) return hctlsOf(sysfsRoot, inSysfs);
  const files = name.includes('/') ? [name, path.join(devRoot, name)] : [path.join(devRoot, name)];
  for (const file of files) {
    const directory = sysfsDirectoryOf(sysfsRoot, file);
    if (directory !== null) return hctlsOf(sysfsRoot, directory);
  }
  const base = path.basename(name);
  if (base !== name && path.dirname(name) !== devRoot && path.dirname(name) !== path.join(devRoot, 'bsg'))
    return [];
  for (const directory of CLASSES.map((kind) => realPath(path.join(sysfsRoot, 'class', kind, base)))) {
    if (directory !== null) return hctlsOf(sysfsRoot, directory);
  }
  return [];
}

/** `/sys/dev/block/8:0` leads to the directory of the device with this number. null: no node, or none that sysfs has. */
function sysfsDirectoryOf(sysfsRoot: string, file: string): string | null {
  const stats = statOf(file);
  if (stats === null || !(stats.isBlockDevice() || stats.isCharacterDevice())) return null;
  const { rdev } = stats;
  // gnu_dev_major and gnu_dev_minor
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xffff_f000n);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffff_ff00n);
  return realPath(path.join(sysfsRoot, 'dev', stats.isBlockDevice() ? 'block' : 'char', `${major}:${minor}`));
}

/** The unit above a device, or those below a multipath map. */
function hctlsOf(sysfsRoot: string, directory: string): string[] {
  const unit = directory.split(path.sep).find((element) => HCTL.test(element));
  if (unit !== undefined)
    return realPath(path.join(devicesDirectory(sysfsRoot), unit)) === null ? [] : [unit];
  if (!MULTIPATH.test(readAttributeText(path.join(directory, 'dm/uuid')) ?? '')) return [];
  return namesIn(path.join(directory, 'slaves')).flatMap((slave) => {
    const below = realPath(path.join(directory, 'slaves', slave));
    return below === null ? [] : hctlsOf(sysfsRoot, below);
  });
}

function statOf(file: string): BigIntStats | null {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return null; // ENOENT as a rule; whatever a person typed may be too long, or lead in a circle
  }
}

function realPath(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
