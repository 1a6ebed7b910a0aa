import type { AdditionalStatusDescriptor } from '../ses/additional-element-status.ts';
import { additionalElementStatus } from '../ses/additional-element-status.ts';
import { configuration } from '../ses/configuration.ts';
import type { TypeDescriptor } from '../ses/configuration.ts';
import { downloadMicrocodeStatus } from '../ses/download-microcode-status.ts';
import { elementDescriptor } from '../ses/element-descriptor.ts';
import { ElementType } from '../ses/element-type.ts';
import { enclosureStatus } from '../ses/enclosure-status.ts';
import type { ElementStatus } from '../ses/enclosure-status.ts';
import { SAS_PROTOCOL, encodeSasElementStatus } from '../ses/sas-element-status.ts';
import { supportedDiagnosticPages } from '../ses/supported-diagnostic-pages.ts';
import type { SesEnclosure } from './ses-enclosure.ts';
import type { SesSubenclosure } from './ses-subenclosure.ts';
import type { SimulatedDevice } from './simulated-device.ts';

/** Page code → its bytes, for the diagnostic pages that an enclosure returns. */
export function sesPages(
  device: SimulatedDevice,
  enclosure: SesEnclosure,
): ReadonlyMap<number, () => Uint8Array> {
  const { generationCode } = enclosure;
  const pages = new Map<number, () => Uint8Array>();
  pages.set(supportedDiagnosticPages.pageCode, () => supportedDiagnosticPages.encode([...pages.keys()]));
  pages.set(configuration.pageCode, () => configurationPage(device, enclosure));
  pages.set(enclosureStatus.pageCode, () =>
    enclosureStatus.encode({ ...ALL_IS_WELL, generationCode, elements: elements(enclosure) }),
  );
  pages.set(elementDescriptor.pageCode, () =>
    elementDescriptor.encode({ generationCode, texts: texts(enclosure) }),
  );
  pages.set(additionalElementStatus.pageCode, () =>
    additionalElementStatus.encode({ generationCode, descriptors: sasElements(device, enclosure) }),
  );
  pages.set(downloadMicrocodeStatus.pageCode, () =>
    downloadMicrocodeStatus.encode({
      generationCode,
      subenclosures: enclosure.subenclosures.map((subenclosure) => subenclosure.report()),
    }),
  );
  return pages;
}

/** What INQUIRY says of the primary subenclosure, and its own code of each other one. */
function codeOf(
  subenclosure: SesSubenclosure,
  { identity, shownRevision }: SimulatedDevice,
): { product: string; revision: string } {
  if (subenclosure.rules.code !== null) return subenclosure.microcode.running;
  return { product: identity.product, revision: shownRevision };
}

/** What moves the generation code when it changes: everything in page 01h that can. */
export function describeEnclosure(device: SimulatedDevice, enclosure: SesEnclosure): string {
  return JSON.stringify(
    enclosure.subenclosures.map((subenclosure) => {
      const { product, revision } = codeOf(subenclosure, device);
      return [subenclosure.id, product, revision];
    }),
  );
}

const ALL_IS_WELL = {
  invalidOperation: false,
  information: false,
  nonCritical: false,
  critical: false,
  unrecoverable: false,
} as const;
/** The address of the chassis: next to those of its parts, and another one. */
const CHASSIS = 0x3fn;

function configurationPage(device: SimulatedDevice, enclosure: SesEnclosure): Uint8Array {
  const own = (BigInt(`0x${device.identity.naa}`) | CHASSIS).toString(16).padStart(16, '0');
  const { logicalIdentifier, process, of } = enclosure.module ?? {
    logicalIdentifier: own,
    process: 1,
    of: 1,
  };
  return configuration.encode({
    generationCode: enclosure.generationCode,
    enclosures: enclosure.subenclosures.map((subenclosure) => ({
      subenclosureId: subenclosure.id,
      relativeProcessId: process,
      processCount: of,
      logicalIdentifier,
      vendor: device.identity.vendor,
      ...codeOf(subenclosure, device),
      vendorSpecific: new Uint8Array(0),
    })),
    types: types(enclosure),
  });
}

function types({ subenclosures }: SesEnclosure): TypeDescriptor[] {
  return subenclosures.flatMap(({ id, rules }) =>
    rules.types.map(({ elementType, count, text }) => ({
      elementType,
      possibleElements: count,
      subenclosureId: id,
      text,
    })),
  );
}

/** For each type one element for all of them, then one for each. */
function elements({ subenclosures }: SesEnclosure): ElementStatus[] {
  return subenclosures
    .flatMap(({ rules }) => rules.types)
    .flatMap(({ count, statusCode }) => {
      const element = { code: statusCode, predictedFailure: false, disabled: false, swapped: false };
      return Array.from({ length: count + 1 }, () => ({ ...element, specific: new Uint8Array(3) }));
    });
}

function texts({ subenclosures }: SesEnclosure): string[] {
  return subenclosures
    .flatMap(({ rules }) => rules.types)
    .flatMap(({ count, text }) => [
      text,
      ...Array.from({ length: count }, (_, i) => `${text} ${String(i).padStart(2, '0')}`),
    ]);
}

/** Page 0Ah: the slots, which are empty, and the expanders, without phys. */
function sasElements(device: SimulatedDevice, enclosure: SesEnclosure): AdditionalStatusDescriptor[] {
  const descriptors: AdditionalStatusDescriptor[] = [];
  let index = 0;
  for (const { elementType, possibleElements } of types(enclosure)) {
    for (let i = 0; i < possibleElements; i++, index++) {
      const information = sasInformation(elementType, i, device);
      if (information === null) continue;
      descriptors.push({
        invalid: elementType === ElementType.arrayDeviceSlot,
        protocol: SAS_PROTOCOL,
        element: { index, includesOverall: 0 },
        information,
      });
    }
  }
  return descriptors;
}

function sasInformation(elementType: number, slot: number, { identity }: SimulatedDevice): Uint8Array | null {
  switch (elementType) {
    case ElementType.arrayDeviceSlot:
      return encodeSasElementStatus({ kind: 'slot', slot, notAllPhys: false, phys: [] }, true);
    case ElementType.sasExpander:
      return encodeSasElementStatus({ kind: 'expander', sasAddress: `0x${identity.naa}`, phys: [] }, true);
    default:
      return null;
  }
}
