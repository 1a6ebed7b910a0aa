import { OperationCode } from '../../scsi/command.ts';
import { configuration } from '../../ses/configuration.ts';
import { decodeReceiveDiagnosticResultsCdb } from '../../ses/receive-diagnostic-results.ts';
import { good, invalidFieldInCdb } from '../answers.ts';
import type { EnclosureModule } from '../ses-enclosure.ts';
import type { Behavior } from '../simulated-device.ts';

/** Page 01h of a card that has no other SES page: which module of which enclosure it is. */
export function answerModule({ logicalIdentifier, process, of }: EnclosureModule): Behavior {
  return (command, device) => {
    if (command.cdb[0] !== OperationCode.receiveDiagnosticResults) return undefined;
    const { pageCode, allocationBytes } = decodeReceiveDiagnosticResultsCdb(command.cdb);
    if (pageCode !== configuration.pageCode) return device.refuse(invalidFieldInCdb(2));
    const { vendor, product } = device.identity;
    const page = configuration.encode({
      generationCode: 1,
      enclosures: [
        {
          subenclosureId: 0,
          relativeProcessId: process,
          processCount: of,
          logicalIdentifier,
          vendor,
          product,
          revision: device.shownRevision,
          vendorSpecific: new Uint8Array(0),
        },
      ],
      types: [],
    });
    return good(command, page, allocationBytes);
  };
}
