import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { unreadIn, valueOf } from '../../base/facts.ts';
import { readFact } from '../../device/fact.ts';
import { whyUnread } from './unreadable.ts';
import type { Proceeding } from './unreadable.ts';
import { level0Discovery } from '../../scsi/security-protocol-in.ts';

/** Direct access and host managed zoned block devices (SPC). */
const DRIVES: readonly number[] = [0x00, 0x14];

/**
 * Asks a drive about its encryption locks. A locked one is not written to: it may refuse the image half way, or come back from
 * its restart with more ranges locked than before. One that will lock at its next power on is told of. null: nothing is in the way.
 */
export async function whyLocked(
  device: Device,
  deviceType: number,
  { onNotice, ...proceeding }: Proceeding & { readonly onNotice: (message: string) => void },
): Promise<Refusal | null> {
  if (!DRIVES.includes(deviceType)) return null;
  const read = await readFact(device, level0Discovery());
  const unread = whyUnread(unreadIn('level-0-discovery', read), proceeding);
  if (unread !== null) return unread;
  const locking = valueOf(read);
  if (locking?.locked === true) {
    return refusal('data-locked');
  }
  if (locking?.enabled === true)
    onNotice('a self-encrypting drive with locking enabled: it locks its data when it loses its power');
  return null;
}
