import { valueOf } from '../../base/facts.ts';
import type { Device } from '../../device/device.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { readDescriptor } from '../../microcode/ses/begin.ts';
import type { ResolvedWitness } from '../../playbook/resolved.ts';
import { rawInquiry, WHOLE_INQUIRY_BYTES } from '../../scsi/inquiry.ts';
import { inquiryVpd, rawVpdPage } from '../../scsi/vpd.ts';

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
