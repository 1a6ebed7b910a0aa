import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { modeObstacle } from './download-modes.ts';
import type { DeviceFacts } from '../facts/inspect.ts';

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

/** Why WRITE BUFFER does not reach the unit as it is sent, or is not what the unit takes; null: nothing known. */
export function wayObstacle(
  play: ResolvedPlay,
  { paths, place, vendor, pages }: DeviceFacts,
): Refusal | null {
  const { download } = play;
  if (!download.some(({ via }) => via === 'write-buffer')) return null;
  if (vendor === 'ATA' || place.isSata) {
    return refusal('sata-drive');
  }
  const driver = paths.find(({ hbaDriver }) => hbaDriver !== null && FILTERING_DRIVERS.includes(hbaDriver));
  if (driver === undefined) return modeObstacle(play, pages);
  return refusal('raid-adapter', { driver: driver.hbaDriver! });
}
