import type { Surroundings } from '../../../src/host/host.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import { configuration } from '../../../src/ses/configuration.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';

export interface ModuleWords {
  /** ENCLOSURE LOGICAL IDENTIFIER, 16 hex digits. */
  readonly enclosure?: string;
  readonly process: number;
  readonly of?: number;
}

export const ENCLOSURE = '50014380ab00003f';

/** Makes a device one module of an enclosure: it has a page 01h that says so. */
export function isModule(
  device: SimulatedDevice,
  { enclosure = ENCLOSURE, process, of = 2 }: ModuleWords,
): void {
  device.putInFront(({ cdb }) => {
    if (cdb[0] !== OperationCode.receiveDiagnosticResults || cdb[2] !== configuration.pageCode)
      return undefined;
    const { vendor, product } = device.identity;
    const dataIn = configuration.encode({
      generationCode: 1,
      enclosures: [
        {
          subenclosureId: 0,
          relativeProcessId: process,
          processCount: of,
          logicalIdentifier: enclosure,
          vendor,
          product,
          revision: device.shownRevision,
          vendorSpecific: new Uint8Array(0),
        },
      ],
      types: [],
    });
    return outcomeOf({ dataIn });
  });
}

export const aroundOf = (fields: Partial<Surroundings>): Surroundings => ({
  expanders: null,
  inSlots: [],
  users: [],
  isSata: false,
  ...fields,
});
