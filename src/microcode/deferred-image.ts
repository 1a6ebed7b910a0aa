import type { Fact } from '../base/facts.ts';
import type { Device } from '../device/device.ts';
import { readFactOnce } from '../device/fact.ts';
import { requestSense } from '../scsi/request-sense.ts';

/**
 * REQUEST SENSE answers 0/00/22 while deferred microcode is pending (SPC-5). A device without that command does not say so; one whose
 * answer did not come, or not whole, may have said it.
 */
export async function deferredImageWaits(device: Device): Promise<Fact<boolean>> {
  const read = await readFactOnce(device, requestSense());
  if (read.kind !== 'present') return read;
  const { key, asc, ascq } = read.value;
  return { kind: 'present', value: key === 0 && asc === 0x00 && ascq === 0x22 };
}

/** It said in so many words that an image waits. */
export const saysItWaits = async (device: Device): Promise<boolean> => {
  const read = await deferredImageWaits(device);
  return read.kind === 'present' && read.value;
};
