import { existsSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { readAttributeText } from './attribute.ts';
import { DiskUsers } from './disk-users.ts';
import type { UserRoots } from './disk-users.ts';
import type { SasLink, Surroundings } from './host.ts';
import { Reads } from './reads.ts';
import { devicesDirectory, unitNames } from './sysfs.ts';

/**
 * What surrounds every logical unit, by H:C:T:L: read from links and from attributes that the kernel keeps in memory
 * (scsi-microcode.md#sysfs). The attributes of enclosure slots are not read: each of them sends a command.
 */
export function survey(roots: UserRoots): ReadonlyMap<string, Surroundings> {
  const { sysfsRoot } = roots;
  const users = new DiskUsers(roots);
  const addresses = new Map<string, string>();
  const addressOf = (expander: string): string => {
    const known = addresses.get(expander) ?? expanderAddress(sysfsRoot, expander);
    addresses.set(expander, known);
    return known;
  };
  const ports = new Map<string, SasLink | null>();
  /** An expander hangs below its port: `…/port-6:0/expander-6:0/…`. Ports of drives are one lane each, and not read. */
  const linkAbove = (expander: string, unit: string): SasLink | null => {
    const known = ports.get(expander);
    if (known !== undefined) return known;
    const elements = unit.split(path.sep);
    const port = path.dirname(elements.slice(0, elements.indexOf(expander) + 1).join(path.sep));
    const found = path.basename(port).startsWith('port-') ? portLink(sysfsRoot, port) : null;
    ports.set(expander, found);
    return found;
  };
  const directory = devicesDirectory(sysfsRoot);
  return new Map(
    unitNames(sysfsRoot).map((hctl) => {
      const unit = path.join(directory, hctl);
      const links = new Reads('links');
      const link = linkOf(unit);
      const names = expanderNames(link);
      const enclosure = path.join(sysfsRoot, 'class/enclosure', hctl);
      const slots = slotsIn(links, enclosure);
      const surroundings: Surroundings = {
        expanders: names?.map(addressOf) ?? null,
        links: names?.map((name) => linkAbove(name, path.resolve(directory, link ?? ''))) ?? [],
        inSlots: slots.map(({ unit: there }) => there),
        slotNames: slots.map(({ name }) => name),
        enclosureId: slots.length === 0 ? null : enclosureId(enclosure),
        users: users.of(path.join(unit, 'block')),
        isSata: existsSync(path.join(unit, 'vpd_pg89')),
        raidLevel: raidLevelOf(path.join(unit, 'raid_level')),
      };
      const unreadable = [...users.unreadable, ...links.unreadable];
      return [hctl, unreadable.length > 0 ? { ...surroundings, unreadable } : surroundings];
    }),
  );
}

/**
 * `…/host6/port-6:0/expander-6:0/port-6:0:2/end_device-6:0:2/target6:0:2/6:0:2:0` hangs below expander-6:0. A path without
 * an end device is not a SAS path, or one whose driver keeps its links to itself.
 */
export function expanderNames(unitPath: string | null): string[] | null {
  const elements = unitPath?.split('/') ?? [];
  if (!elements.some((element) => element.startsWith('end_device-'))) return null;
  return elements.filter((element) => /^expander-\d+:\d+$/.test(element));
}

/** The same expander has another name on each adapter that reaches it, and one address. */
function expanderAddress(sysfsRoot: string, expander: string): string {
  const address = textOf(path.join(sysfsRoot, 'class/sas_device', expander, 'sas_address'));
  return /^0x[\da-f]{16}$/i.test(address) && !/^0x0+$/.test(address) ? address.toLowerCase() : expander;
}

/** Slots are directories beside the attributes of an enclosure; `device` in one leads to the unit in it. */
function slotsIn(links: Reads, enclosure: string): { readonly name: string; readonly unit: string }[] {
  return links.names(enclosure).flatMap((name) => {
    if (name === 'device' || name === 'subsystem') return [];
    const unit = linkOf(path.join(enclosure, name, 'device'));
    return unit === null ? [] : [{ name, unit: path.basename(unit) }];
  });
}

/** The kernel keeps page 01h, which has it: no command is sent. */
function enclosureId(enclosure: string): string | null {
  const id = /^0x([\da-f]{1,16})$/i.exec(textOf(path.join(enclosure, 'id')))?.[1];
  return id?.toLowerCase().padStart(16, '0') ?? null;
}

/** For pictures alone: what cannot be read is not shown. */
function portLink(sysfsRoot: string, port: string): SasLink | null {
  const phys = new Reads('links').names(port).filter((name) => /^phy-\d+(:\d+)+$/.test(name));
  if (phys.length === 0) return null;
  const rates = new Set(
    phys.map((phy) => textOf(path.join(sysfsRoot, 'class/sas_phy', phy, 'negotiated_linkrate'))),
  );
  const [rate = ''] = rates;
  return { lanes: phys.length, rate: rates.size === 1 && /^\d/.test(rate) ? rate : null };
}

/** hpsa and smartpqi say `N/A`, and aacraid nothing, of what is not an array. One that cannot be read says nothing of the kind. */
function raidLevelOf(file: string): string | null {
  if (!existsSync(file)) return null;
  const level = readAttributeText(file)?.trim() ?? 'not readable';
  return level === '' || level === 'N/A' ? null : level;
}

function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

function textOf(file: string): string {
  return readAttributeText(file)?.trim() ?? '';
}
