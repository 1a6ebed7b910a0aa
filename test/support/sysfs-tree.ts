import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SysfsAdapter {
  readonly host: number;
  /** proc_name; `<NULL>` as drivers without one say. */
  readonly procName: string;
  readonly sas?: boolean;
  /** Name of the driver that the bus device above the host is bound to. */
  readonly busDriver?: string;
  readonly sgTablesize?: string;
  /** SAS addresses of the expanders below, by the kernel's names. */
  readonly expanders?: Readonly<Record<string, string>>;
}

export interface SysfsUnit {
  readonly hctl: string;
  /** Attributes as the kernel writes them, padding and line feed included; absent ones are missing files. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly sg?: string;
  readonly block?: string;
  /** Major and minor number of the block device. */
  readonly blockNumber?: string;
  /** Partitions with their numbers: `{ sdb1: '8:17' }`. */
  readonly partitions?: Readonly<Record<string, string>>;
  /** What sits on the disk itself: `md0`, `dm-3`. */
  readonly holders?: readonly string[];
  /** Slots of an enclosure and who is in them: `{ 'Slot 01': '6:0:4:0' }`. */
  readonly slots?: Readonly<Record<string, string>>;
  readonly maxSectorsKb?: string;
  /** Expanders between adapter and unit, from the top: `['expander-6:0', 'expander-6:1']`. */
  readonly expanders?: readonly string[];
  /** Number of the SAS end device and its address: `{ name: 'end_device-6:0:1', address: '0x…' }`. */
  readonly endDevice?: { readonly name: string; readonly address: string };
}

export interface SysfsTree {
  /** Holds `sys`, `proc` and `dev`. */
  readonly root: string;
  readonly sysfsRoot: string;
  readonly procRoot: string;
  readonly devRoot: string;
  addUnit(unit: SysfsUnit): void;
  removeUnit(hctl: string): void;
  write(file: string, text: string): void;
  /** A block device without hardware: `dm-0`, `md0`, with files below its directory and who holds it. */
  addMapped(
    name: string,
    number: string,
    files: Readonly<Record<string, string>>,
    holders?: readonly string[],
  ): void;
  remove(): void;
}

/** The attributes of a scanned unit, padded as INQUIRY pads them. */
export function scanned(type: number, vendor: string, model: string, rev: string): Record<string, string> {
  return {
    type: `${type}\n`,
    vendor: `${vendor.padEnd(8)}\n`,
    model: `${model.padEnd(16)}\n`,
    rev: `${rev.padEnd(4)}\n`,
    state: 'running\n',
  };
}

/** sysfs lies in memory too: a thousand units are ten thousand files, which a slow disk takes a minute for. */
const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A piece of /sys, /proc and /dev in a temporary directory, with the kernel's own symbolic links. Call `remove` at the end. */
export function sysfsTree(adapters: readonly SysfsAdapter[], units: readonly SysfsUnit[]): SysfsTree {
  const root = mkdtempSync(path.join(IN_MEMORY, 'runbook-sysfs-'));
  const sysfsRoot = path.join(root, 'sys');
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text, 'latin1');
  };
  const link = (file: string, target: string): void => {
    const at = path.join(sysfsRoot, file);
    mkdirSync(path.dirname(at), { recursive: true });
    symlinkSync(path.relative(path.dirname(at), path.join(sysfsRoot, target)), at);
  };
  const hostDirectory = (host: string | number): string =>
    `devices/pci0000:00/0000:00:0${host}.0/host${host}`;
  const unitDirectory = ({ hctl, expanders = [], endDevice }: SysfsUnit): string => {
    const [host = '', channel, target] = hctl.split(':');
    const between = endDevice === undefined ? [] : [...expanders, endDevice.name];
    return path.join(hostDirectory(host), ...between, `target${host}:${channel}:${target}`, hctl);
  };

  for (const name of ['sys/class/scsi_generic', 'sys/bus/scsi/devices', 'dev', 'proc']) {
    mkdirSync(path.join(root, name), { recursive: true });
  }
  for (const { host, procName, sas, busDriver, sgTablesize, expanders = {} } of adapters) {
    const directory = hostDirectory(host);
    for (const [name, address] of Object.entries(expanders)) {
      write(`sys/class/sas_device/${name}/sas_address`, `${address}\n`);
    }
    write(`sys/${directory}/scsi_host/host${host}/proc_name`, `${procName}\n`);
    write(`sys/${directory}/scsi_host/host${host}/scan`, '');
    if (sgTablesize !== undefined)
      write(`sys/${directory}/scsi_host/host${host}/sg_tablesize`, `${sgTablesize}\n`);
    link(`class/scsi_host/host${host}`, `${directory}/scsi_host/host${host}`);
    link(`bus/scsi/devices/host${host}`, directory);
    if (sas === true) link(`class/sas_host/host${host}`, `${directory}/sas_host/host${host}`);
    if (busDriver !== undefined) {
      mkdirSync(path.join(sysfsRoot, 'bus/pci/drivers', busDriver), { recursive: true });
      link(`${path.dirname(directory)}/driver`, `bus/pci/drivers/${busDriver}`);
    }
  }

  const known = new Map<string, SysfsUnit>();
  const inSlot = (hctl: string): SysfsUnit => units.find((unit) => unit.hctl === hctl) ?? { hctl };
  const addUnit = (unit: SysfsUnit): void => {
    known.set(unit.hctl, unit);
    const directory = unitDirectory(unit);
    write(`sys/${directory}/delete`, '');
    for (const [name, text] of Object.entries(unit.attributes ?? {})) write(`sys/${directory}/${name}`, text);
    link(`bus/scsi/devices/${unit.hctl}`, directory);
    if (unit.sg !== undefined) {
      write(`sys/${directory}/scsi_generic/${unit.sg}/dev`, `21:${unit.sg.slice(2)}\n`);
      link(`class/scsi_generic/${unit.sg}`, `${directory}/scsi_generic/${unit.sg}`);
      write(`dev/${unit.sg}`, '');
    }
    if (unit.block !== undefined) {
      const block = `sys/${directory}/block/${unit.block}`;
      write(`${block}/dev`, `${unit.blockNumber ?? '8:16'}\n`);
      for (const holder of unit.holders ?? []) write(`${block}/holders/${holder}`, '');
      for (const [name, number] of Object.entries(unit.partitions ?? {})) {
        write(`${block}/${name}/dev`, `${number}\n`);
        write(`${block}/${name}/partition`, '1\n');
      }
      if (unit.maxSectorsKb !== undefined) {
        write(`sys/${directory}/block/${unit.block}/queue/max_sectors_kb`, `${unit.maxSectorsKb}\n`);
      }
    }
    for (const [slot, hctl] of Object.entries(unit.slots ?? {})) {
      write(`sys/${directory}/enclosure/${unit.hctl}/${slot}/slot`, '1\n');
      link(`${directory}/enclosure/${unit.hctl}/${slot}/device`, unitDirectory(inSlot(hctl)));
    }
    if (unit.slots !== undefined) link(`class/enclosure/${unit.hctl}`, `${directory}/enclosure/${unit.hctl}`);
    if (unit.endDevice !== undefined) {
      const { name, address } = unit.endDevice;
      write(`sys/class/sas_device/${name}/sas_address`, `${address}\n`);
    }
  };
  const removeUnit = (hctl: string): void => {
    const unit = known.get(hctl);
    if (unit === undefined) return;
    rmSync(path.join(sysfsRoot, 'bus/scsi/devices', hctl), { force: true });
    rmSync(path.join(sysfsRoot, unitDirectory(unit)), { recursive: true, force: true });
    if (unit.sg !== undefined) rmSync(path.join(sysfsRoot, 'class/scsi_generic', unit.sg), { force: true });
    if (unit.sg !== undefined) rmSync(path.join(root, 'dev', unit.sg), { force: true });
  };
  units.forEach(addUnit);
  const addMapped: SysfsTree['addMapped'] = (name, number, files, holders = []) => {
    const directory = `devices/virtual/block/${name}`;
    write(`sys/${directory}/dev`, `${number}\n`);
    for (const [file, text] of Object.entries(files)) write(`sys/${directory}/${file}`, `${text}\n`);
    for (const holder of holders) write(`sys/${directory}/holders/${holder}`, '');
    link(`class/block/${name}`, directory);
  };
  return {
    root,
    sysfsRoot,
    procRoot: path.join(root, 'proc'),
    devRoot: path.join(root, 'dev'),
    addUnit,
    removeUnit,
    write,
    addMapped,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
