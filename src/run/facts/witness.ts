import { hex, toHex } from '../../base/bytes.ts';
import { valueOf } from '../../base/facts.ts';
import type { Device } from '../../device/device.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { readDescriptor } from '../../microcode/ses/begin.ts';
import type { ResolvedWitness } from '../../playbook/resolved.ts';
import { rawInquiry, WHOLE_INQUIRY_BYTES } from '../../scsi/inquiry.ts';
import { inquiryVpd, rawVpdPage } from '../../scsi/vpd.ts';

/** Where a witness looks, and for what, in words. */
export function witnessText(witness: ResolvedWitness): string {
  switch (witness.kind) {
    case 'vpd':
      return `VPD page ${hex(witness.pageCode)} at byte ${witness.offset}: 0x${toHex(witness.equals)}`;
    case 'inquiry':
      return `INQUIRY data at byte ${witness.offset}: 0x${toHex(witness.equals)}`;
    case 'link-rate':
      return `link rate: ${witness.atLeast} or more`;
    case 'ses-revision':
      return `revision of subenclosure ${witness.subenclosureId}: "${witness.equals}"`;
    case 'sysfs':
      return `${witness.path}: "${witness.equals}"`;
  }
}

/** The unit of which a witness is asked, and where it is now. */
export interface WitnessUnit {
  readonly device: Device;
  readonly host: Host;
  readonly path: AttachedDevice;
}

/**
 * Asks the second witness. True: it shows what the playbook says; false: something else, or nothing that can be read. A fresh
 * read each time.
 */
export async function witnessAgrees(
  witness: ResolvedWitness,
  { device, host, path }: WitnessUnit,
): Promise<boolean> {
  switch (witness.kind) {
    case 'inquiry': {
      const { offset, equals } = witness;
      const data = (await device.attempt(rawInquiry(WHOLE_INQUIRY_BYTES), 'probe')).response;
      return data !== null && Buffer.compare(data.subarray(offset, offset + equals.length), equals) === 0;
    }
    case 'link-rate': {
      const rates = await host.linkRates(path);
      const atLeast = gigabits(witness.atLeast);
      return rates.length > 0 && rates.every((rate) => gigabits(rate) >= atLeast);
    }
    case 'vpd': {
      const page = (await device.attempt(inquiryVpd(rawVpdPage(witness.pageCode)), 'probe')).response;
      if (page === null) return false;
      const bytes = page.subarray(witness.offset, witness.offset + witness.equals.length);
      return Buffer.compare(bytes, witness.equals) === 0;
    }
    case 'ses-revision':
      return (
        valueOf(await readDescriptor(device, witness.subenclosureId))?.revision === witness.equals.trimEnd()
      );
    case 'sysfs':
      return (await host.readSysfs(sysfsPath(witness.path, path)))?.trim() === witness.equals.trim();
  }
}

const sysfsPath = (words: string, { hctl }: AttachedDevice): string =>
  words.replace('{device}', `bus/scsi/devices/${hctl}`);

/** `6.0 Gbit` → 6 */
const gigabits = (rate: string): number => Number.parseFloat(rate);
