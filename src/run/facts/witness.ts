import { valueOf } from '../../base/facts.ts';
import type { Device } from '../../device/device.ts';
import type { Host } from '../../host/host.ts';
import { readDescriptor } from '../../microcode/ses/begin.ts';
import type { ResolvedWitness } from '../../playbook/resolved.ts';
import { inquiryVpd, rawVpdPage } from '../../scsi/vpd.ts';

/**
 * Asks the second witness. True: it shows what the playbook says; false: something else, or nothing that can be read. A fresh
 * read each time.
 */
export async function witnessAgrees(witness: ResolvedWitness, device: Device, host: Host): Promise<boolean> {
  switch (witness.kind) {
    case 'vpd': {
      const page = (await device.attempt(inquiryVpd(rawVpdPage(witness.pageCode)), 'look')).response;
      if (page === null) return false;
      const bytes = page.subarray(witness.offset, witness.offset + witness.equals.length);
      return Buffer.compare(bytes, witness.equals) === 0;
    }
    case 'ses-revision':
      return (
        valueOf(await readDescriptor(device, witness.subenclosureId))?.revision === witness.equals.trimEnd()
      );
    case 'sysfs':
      return (await host.readSysfs(witness.path))?.trim() === witness.equals.trim();
  }
}
