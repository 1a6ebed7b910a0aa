import type { AdditionalStatusDescriptor } from '../ses/additional-element-status.ts';
import { additionalElementStatus } from '../ses/additional-element-status.ts';
import { configuration } from '../ses/configuration.ts';
import type { TypeDescriptor } from '../ses/configuration.ts';
import { downloadMicrocodeStatus } from '../ses/download-microcode-status.ts';
import { elementDescriptor } from '../ses/element-descriptor.ts';
import { ElementStatusCode, ElementType } from '../ses/element-type.ts';
import { enclosureStatus } from '../ses/enclosure-status.ts';
import type { ElementStatus } from '../ses/enclosure-status.ts';
import { nicknameStatus } from '../ses/nickname-status.ts';
import { SAS_PROTOCOL, encodeSasElementStatus } from '../ses/sas-element-status.ts';
import { supportedDiagnosticPages } from '../ses/supported-diagnostic-pages.ts';
import type { SesEnclosure } from './ses-enclosure.ts';
import type { HealthBit, SesElements } from './ses-rules.ts';
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
  const { healthPage } = enclosure.rules;
  if (healthPage !== 'absent')
    pages.set(enclosureStatus.pageCode, () => {
      const page = statusPage(device, enclosure);
      return healthPage === 'damaged' ? cutInHeader(page) : page;
    });
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
  const { nickname } = enclosure.rules;
  if (nickname !== undefined)
    pages.set(nicknameStatus.pageCode, () =>
      nicknameStatus.encode({
        generationCode,
        nicknames: enclosure.subenclosures.map(({ id }, index) => ({
          subenclosureId: id,
          nickname: index === 0 ? nickname : '',
        })),
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
    rules.types.map(({ elementType, codes, text }) => ({
      elementType,
      possibleElements: codes.length,
      subenclosureId: id,
      text,
    })),
  );
}

function statusPage(
  device: SimulatedDevice,
  { generationCode, rules, subenclosures }: SesEnclosure,
): Uint8Array {
  const isSet = (bit: HealthBit): boolean => rules.healthBits?.includes(bit) === true;
  return enclosureStatus.encode({
    invalidOperation: false,
    information: isSet('information'),
    nonCritical: isSet('noncritical'),
    critical: isSet('critical'),
    unrecoverable: isSet('unrecoverable'),
    generationCode,
    elements: subenclosures.flatMap(({ rules: { types: kinds } }) =>
      kinds.flatMap((kind) => elementsOf(kind, device)),
    ),
  });
}

/** PAGE LENGTH ends before the generation code. */
function cutInHeader(page: Uint8Array): Uint8Array {
  const cut = page.slice(0, 6);
  cut.set([0, 2], 2);
  return cut;
}

/** One element for all of a kind, then one for each. */
function elementsOf(kind: SesElements, device: SimulatedDevice): ElementStatus[] {
  const { overall = ElementStatusCode.ok, specific = new Uint8Array(3) } = kind;
  return [overall, ...codesNow(kind, device)].map((code) => ({
    code,
    predictedFailure: false,
    disabled: false,
    swapped: false,
    specific,
  }));
}

function codesNow(
  { codes, afterwards, meanwhile }: SesElements,
  { microcode, clock, restartedAtMs }: SimulatedDevice,
): readonly number[] {
  if (meanwhile !== undefined && clock.nowMs() < restartedAtMs + meanwhile.forMs) return meanwhile.codes;
  return microcode.running.fromImage === true ? (afterwards ?? codes) : codes;
}

function texts({ subenclosures }: SesEnclosure): string[] {
  return subenclosures
    .flatMap(({ rules }) => rules.types)
    .flatMap(({ codes, text }) => [text, ...codes.map((_, i) => `${text} ${String(i).padStart(2, '0')}`)]);
}

/** Page 0Ah: the slots with what is in them, and the expanders, without phys. */
function sasElements(device: SimulatedDevice, enclosure: SesEnclosure): AdditionalStatusDescriptor[] {
  const descriptors: AdditionalStatusDescriptor[] = [];
  let index = 0;
  for (const kind of enclosure.subenclosures.flatMap(({ rules }) => rules.types)) {
    for (const [i, code] of codesNow(kind, device).entries()) {
      const isEmpty = kind.isEmpty === true || code === ElementStatusCode.notInstalled;
      const information = sasInformation(kind.elementType, i, isEmpty, device);
      const element = { index: index++, includesOverall: 0 };
      if (information === null) continue;
      const isSlot = kind.elementType !== ElementType.sasExpander;
      descriptors.push({ invalid: isSlot && isEmpty, protocol: SAS_PROTOCOL, element, information });
    }
  }
  return descriptors;
}

const SSP = 0x08;

function sasInformation(
  elementType: number,
  slot: number,
  isEmpty: boolean,
  { identity }: SimulatedDevice,
): Uint8Array | null {
  const expander = `0x${identity.naa}`;
  switch (elementType) {
    case ElementType.deviceSlot:
    case ElementType.arrayDeviceSlot: {
      const drive = `0x3000000d00${slot.toString(16).padStart(6, '0')}`;
      const ports = { initiatorProtocols: 0, targetProtocols: SSP, attachedSasAddress: expander };
      const phys = isEmpty ? [] : [{ deviceType: 1, ...ports, sasAddress: drive, phyId: 0 }];
      return encodeSasElementStatus({ kind: 'slot', slot, notAllPhys: false, phys }, true);
    }
    case ElementType.sasExpander:
      return encodeSasElementStatus({ kind: 'expander', sasAddress: expander, phys: [] }, true);
    default:
      return null;
  }
}
