import { scanned, sysfsTree } from './sysfs-tree.ts';
import type { SysfsAdapter, SysfsTree, SysfsUnit } from './sysfs-tree.ts';

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** Address of expander `n` of a machine. */
export const expanderAddress = (n: number): string => `0x5003048000000${hex(n, 3)}`;
export const enclosureNaa = (n: number): string => `5003048000001${hex(n, 3)}`;
export const driveNaa = (n: number): string => `5000c5000000${hex(n, 4)}`;

export const sasDisk = (
  hctl: string,
  n: number,
  name: string,
  fields: Partial<SysfsUnit> = {},
): SysfsUnit => ({
  hctl,
  attributes: { ...scanned(0, 'SEAGATE', 'ST4000NM0023', '0004'), wwid: `naa.${driveNaa(n)}\n` },
  sg: `sg${1000 + Number(hctl.split(':')[0]) * 1000 + n}`,
  block: name,
  blockNumber: `8:${hctl.split(':')[0]}${hex(n, 4)}`,
  endDevice: { name: `end_device-${hctl.split(':')[0]}:${n}`, address: `0x${driveNaa(n)}` },
  ...fields,
});

export const sesUnit = (
  hctl: string,
  n: number,
  sg: string,
  expanders: readonly string[],
  fields: Partial<SysfsUnit> = {},
): SysfsUnit => ({
  hctl,
  attributes: { ...scanned(13, 'LAB', 'SES SHELF', '0100'), wwid: `naa.${enclosureNaa(n)}\n` },
  sg,
  expanders,
  endDevice: { name: `end_device-${hctl.replace(/:\d+$/, '')}:ses`, address: `0x${enclosureNaa(n)}` },
  ...fields,
});

/** sda … sdz, sdaa … sdzz, sdaaa …, as the kernel counts. */
export function diskName(n: number): string {
  const letters = (index: number): string =>
    (index < 26 ? '' : letters(Math.floor(index / 26) - 1)) + String.fromCharCode(97 + (index % 26));
  return `sd${letters(n)}`;
}

/** One adapter; expander 0, below it 1, below that 2; each with its enclosure process and two drives. */
export function cascade(fields: (drive: number) => Partial<SysfsUnit> = () => ({})): SysfsTree {
  const names = ['expander-6:0', 'expander-6:1', 'expander-6:2'];
  const adapter: SysfsAdapter = {
    host: 6,
    procName: 'mpt3sas',
    sas: true,
    expanders: Object.fromEntries(names.map((name, n) => [name, expanderAddress(n)])),
  };
  const units = names.flatMap((_, level): SysfsUnit[] => {
    const expanders = names.slice(0, level + 1);
    const drives = [level * 2, level * 2 + 1];
    return [
      ...drives.map((n) => sasDisk(`6:0:${n}:0`, n, diskName(n), { expanders, ...fields(n) })),
      sesUnit(`6:0:${10 + level}:0`, level, `sg${level}`, expanders),
    ];
  });
  return sysfsTree([adapter], units);
}

/**
 * Two adapters, a shelf with two modules, and in it 24 drives with a path through each module: expander 1 below host 6,
 * expander 2 below host 7. `single`: drives that have lost their second path.
 */
export function shelf({
  single = () => false,
  fields = () => ({}),
}: {
  readonly single?: (drive: number) => boolean;
  readonly fields?: (drive: number, host: number) => Partial<SysfsUnit>;
} = {}): SysfsTree {
  const hosts = [6, 7];
  const adapters = hosts.map((host, module): SysfsAdapter => ({
    host,
    procName: 'mpt3sas',
    sas: true,
    expanders: { [`expander-${host}:0`]: expanderAddress(module + 1) },
  }));
  const units = hosts.flatMap((host, module): SysfsUnit[] => {
    const expanders = [`expander-${host}:0`];
    const drives = Array.from({ length: 24 }, (_, n) => n).filter((n) => module === 0 || !single(n));
    return [
      ...drives.map((n) =>
        sasDisk(`${host}:0:${n}:0`, n, diskName(module * 24 + n), { expanders, ...fields(n, host) }),
      ),
      sesUnit(`${host}:0:24:0`, module + 1, `sg${module}`, expanders, {
        slots: Object.fromEntries(drives.map((n) => [`Slot ${n}`, `${host}:0:${n}:0`])),
      }),
    ];
  });
  return sysfsTree(adapters, units);
}
