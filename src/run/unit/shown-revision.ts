import { valueOf } from '../../base/facts.ts';
import type { Device } from '../../device/device.ts';
import { DeviceError } from '../../device/device.ts';
import { readDescriptor } from '../../microcode/ses/begin.ts';
import { standardInquiry } from '../../scsi/inquiry.ts';

/** Revision of one subenclosure from a fresh read; 0: of the unit itself, by INQUIRY. null: no answer. */
export async function shownRevision(device: Device, subenclosureId: number): Promise<string | null> {
  try {
    const { revision } = await device.ask(standardInquiry());
    if (subenclosureId === 0) return revision;
    return valueOf(await readDescriptor(device, subenclosureId))?.revision ?? null;
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}
