import { unreadableRefusal } from '../../base/facts.ts';
import type { Unreadable } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay, ResolvedStrategy } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { adapterOf } from '../facts/unit-topology.ts';

/** Drivers of RAID adapters: the firmware below them decides which commands reach a device, and drops or changes WRITE BUFFER. */
const FILTERING_DRIVERS: readonly string[] = [
  '3w-9xxx',
  '3w-sas',
  'aacraid',
  'arcmsr',
  'cciss',
  'esas2r',
  'hpsa',
  'ips',
  'megaraid_mbox',
  'megaraid_sas',
  'smartpqi',
];

/** Drivers that RAID adapters share with plain host adapters: the device tells, and not the name (scsi-microcode.md#sysfs). */
const JUDGED_BY_DEVICE: readonly string[] = ['aacraid', 'hpsa', 'smartpqi'];

/** Why WRITE BUFFER does not reach the unit as it is sent; null: it does, as far as is known. */
export function whyNotReached(
  play: ResolvedPlay,
  { paths, topology, vendor, unreadable = [] }: DeviceFacts,
  { raidAdapter, proceedWithout }: Pick<ResolvedStrategy, 'raidAdapter' | 'proceedWithout'>,
): Refusal | null {
  const { download } = play;
  if (!download.some(({ via }) => via === 'write-buffer')) return null;
  if (vendor === 'ATA' || topology.isSata) {
    return refusal('sata-drive');
  }
  const driver = paths.find(
    ({ hbaDriver }) =>
      hbaDriver !== null &&
      FILTERING_DRIVERS.includes(hbaDriver) &&
      !(topology.isPlainSas && JUDGED_BY_DEVICE.includes(hbaDriver)),
  );
  if (raidAdapter === 'accepted') return null;
  if (driver !== undefined) return refusal('raid-adapter', { driver: driver.hbaDriver! });
  return unreadableRefusal([...unreadable, ...driverUnread(paths)], ['driver'], proceedWithout);
}

function driverUnread(paths: DeviceFacts['paths']): readonly Unreadable[] {
  const path = paths.find(({ hbaDriver }) => hbaDriver === null);
  if (path === undefined) return [];
  const file = `/sys/class/scsi_host/host${adapterOf(path)}/proc_name`;
  return [{ fact: 'driver', why: refusal('host-unreadable', { file, errno: 'no name' }) }];
}
