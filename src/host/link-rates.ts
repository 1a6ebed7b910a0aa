import { readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { readAttributeText } from './attribute.ts';
import type { AttachedDevice } from './host.ts';
import { devicesDirectory } from './sysfs.ts';
import { DeviceType } from '../scsi/device-type.ts';

/**
 * `negotiated_linkrate` of the phys that belong to a unit and have a link. In sysfs a unit hangs at
 * `…/expander-6:0/port-6:0:2/end_device-6:0:2/target6:0:2/6:0:2:0`: the directories of expander and port have an entry
 * `phy-6:0:N` for each of their phys (scsi-microcode.md#sysfs). Empty: the host shows none.
 */
export function linkRates(sysfsRoot: string, { hctl, deviceType }: AttachedDevice): readonly string[] {
  let unit: string;
  try {
    unit = realpathSync(path.join(devicesDirectory(sysfsRoot), hctl));
  } catch {
    return [];
  }
  const isOwner = deviceType === DeviceType.enclosure ? /^expander-\d+:\d+$/ : /^port-[\d:]+$/;
  const elements = unit.split(path.sep);
  const owner = elements.findLastIndex((element) => isOwner.test(element));
  const port = elements.findLastIndex((element) => /^port-[\d:]+$/.test(element));
  const at = owner >= 0 ? owner : port;
  if (at < 0) return [];
  return physIn(elements.slice(0, at + 1).join(path.sep))
    .map((phy) => readAttributeText(path.join(sysfsRoot, 'class/sas_phy', phy, 'negotiated_linkrate')))
    .flatMap((text) => text?.trim() ?? [])
    .filter((rate) => /^\d+(\.\d+)? Gbit$/.test(rate));
}

function physIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^phy-[\d:]+$/.test(name));
  } catch {
    return [];
  }
}
