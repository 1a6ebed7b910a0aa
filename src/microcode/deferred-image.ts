import type { Device } from '../device/device.ts';
import { requestSense } from '../scsi/request-sense.ts';

/**
 * REQUEST SENSE answers 0/00/22 while deferred microcode is pending (SPC-5). A device without that answer, or without any,
 * does not say so.
 */
export async function deferredImageWaits(device: Device): Promise<boolean> {
  const { response } = await device.attempt(requestSense(), 'probe');
  return response?.key === 0 && response.asc === 0x00 && response.ascq === 0x22;
}
