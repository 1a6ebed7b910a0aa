import type { Device } from '../device/device.ts';
import { DeviceType } from '../scsi/device-type.ts';
import { standardInquiry } from '../scsi/inquiry.ts';
import type { Sense } from '../scsi/sense.ts';
import { SenseKey } from '../scsi/sense.ts';

/** What SSC, SMC and MMC devices are without a cartridge or a disc: nothing that microcode needs is missing. */
const MEDIUM_NOT_PRESENT = 0x3a;
/** Tape drives and changers: a library may show them with RMB 0. */
const OF_REMOVABLE_MEDIA: readonly number[] = [DeviceType.tape, DeviceType.changer];

/** 2/04/02: initializing command required; the unit is stopped (SBC). */
export function isStopped(sense: Pick<Sense, 'key' | 'asc' | 'ascq'> | null): boolean {
  return sense?.key === SenseKey.notReady && sense.asc === 0x04 && sense.ascq === 0x02;
}

/** 2/04/0B, 2/04/0C: this target port is in the standby or the unavailable state; another one may not be (SPC, ALUA). */
export function isOnPassivePath(sense: Pick<Sense, 'key' | 'asc' | 'ascq'> | null): boolean {
  return (
    sense?.key === SenseKey.notReady && sense.asc === 0x04 && (sense.ascq === 0x0b || sense.ascq === 0x0c)
  );
}

/**
 * NOT READY of a unit that is as ready as it has to be: one of removable media has no medium, or it is stopped and was so before
 * anything was sent.
 */
export async function isReadyEnough(
  device: Device,
  sense: Pick<Sense, 'key' | 'asc' | 'ascq' | 'deferred'> | null,
): Promise<boolean> {
  if (sense?.key !== SenseKey.notReady || sense.deferred) return false;
  if (isStopped(sense)) return device.mayBeStopped;
  return sense.asc === MEDIUM_NOT_PRESENT && (await hasRemovableMedium(device));
}

async function hasRemovableMedium(device: Device): Promise<boolean> {
  const { response } = await device.attempt(standardInquiry(), 'probe');
  return response !== null && (response.removable || OF_REMOVABLE_MEDIA.includes(response.deviceType));
}
