import { refusal } from '../base/refusal.ts';
import type { Refusal } from '../base/refusal.ts';
import { unreadIn, valueOf } from '../base/facts.ts';
import type { Fact, Unreadable } from '../base/facts.ts';
import { standardInquiry } from '../scsi/inquiry.ts';
import type { StandardInquiry } from '../scsi/inquiry.ts';
import { inquiryVpd } from '../scsi/vpd.ts';
import type { VpdPage } from '../scsi/vpd.ts';
import { deviceIdentification, designatorText } from '../scsi/vpd-device-identification.ts';
import type { Designator, DeviceIdentification } from '../scsi/vpd-device-identification.ts';
import { supportedVpdPages } from '../scsi/vpd-supported-pages.ts';
import { exactSerialNumber } from '../scsi/vpd-unit-serial-number.ts';
import type { Device } from './device.ts';
import { readFact } from './fact.ts';

/** Who a unit says that it is: what makes it the same unit under another node (decisions.md#identity). */
export interface UnitIdentity {
  /**
   * The logical unit designator (VPD 83h, association 0: NAA, then EUI-64), as `naa.…` or `eui.…`. null: the unit has
   * none, and may not be written to unless the playbook names it.
   */
  readonly logicalUnit: string | null;
  /** Every designator that has a text form, whatever its association. */
  readonly designators: readonly string[];
  /** Designators of the target device (association 2), which all its logical units have in common; absent: none. */
  readonly targetDevice?: readonly string[];
  /** VPD 80h, exact; null where there is none or it is blank. For a person: `shownText`. */
  readonly serialNumber: string | null;
  /** What could not be read, so that null and "not in the list" say nothing; absent: all that there is was read. */
  readonly unread?: readonly IdentityFact[];
}

/** The pages that an identity is made of. */
export type IdentityFact = 'vpd-80h' | 'vpd-83h';

export interface Identification {
  readonly inquiry: StandardInquiry;
  readonly identity: UnitIdentity;
  /** VPD pages that the device lists. Absent or unreadable: any page may be there. */
  readonly vpdPages: Fact<readonly number[]>;
  /** Why pages of the identity could not be read. */
  readonly unreadable: readonly Unreadable[];
}

/** Is it worth asking for this page? Not where the device lists its pages without it. */
export const mayHavePage = (vpdPages: Identification['vpdPages'], pageCode: number): boolean =>
  vpdPages.kind !== 'present' || vpdPages.value.includes(pageCode);

/** `naa.…` or `eui.…`, else the serial number, else null: the device id of reports. */
export function identityId({ logicalUnit, designators, serialNumber }: UnitIdentity): string | null {
  if (logicalUnit !== null) return logicalUnit;
  const t10 = designators.find((text) => text.startsWith('t10.'));
  return t10 ?? (serialNumber === null ? null : `sn.${serialNumber}`);
}

/**
 * Same unit: equal logical unit designator. Only where both have none (the playbook named the unit) does the next best
 * id decide; a serial number beside a designator never says that two units are the same.
 */
export function sameUnit(a: UnitIdentity, b: UnitIdentity): boolean {
  if (a.logicalUnit !== null || b.logicalUnit !== null) return a.logicalUnit === b.logicalUnit;
  return identityId(a) !== null && identityId(a) === identityId(b);
}

/**
 * Does `now` speak against being the unit that was seen `before`? What was not known before cannot contradict: new code
 * may bring a page that the old one did not have; nor can a page that could not be read now. A unit that never had any identity
 * is known by its place alone.
 */
export function contradicts(before: UnitIdentity, now: UnitIdentity): boolean {
  const isUnread = (fact: IdentityFact): boolean => now.unread?.includes(fact) === true;
  if (before.serialNumber !== null && now.serialNumber !== before.serialNumber && !isUnread('vpd-80h'))
    return true;
  if (isUnread('vpd-83h'))
    // What is left of a damaged page may still name another unit.
    return before.logicalUnit !== null && now.logicalUnit !== null && now.logicalUnit !== before.logicalUnit;
  if (before.logicalUnit !== null) return now.logicalUnit !== before.logicalUnit;
  const t10 = before.designators.find((text) => text.startsWith('t10.'));
  if (t10 !== undefined) return !now.designators.includes(t10);
  // What is left are names of ports: none of them the same is another unit.
  const { designators } = before;
  return designators.length > 0 && !designators.some((text) => now.designators.includes(text));
}

/**
 * Fresh INQUIRY and identification pages; changes nothing. Throws DeviceError when the INQUIRY gets no answer.
 *
 * @param known what it has just said of itself, with nothing sent since that changes it: a page of it that is refused now is
 * unreadable, and not absent
 */
export async function identify(device: Device, known: UnitIdentity | null = null): Promise<Identification> {
  const inquiry = await device.ask(standardInquiry());
  const vpdPages = await readFact(device, inquiryVpd(supportedVpdPages));
  const read = <Value>(page: VpdPage<Value>, wasThere: boolean): Promise<Fact<Value>> =>
    mayHavePage(vpdPages, page.pageCode)
      ? readFact(device, inquiryVpd(page), wasThere)
      : Promise.resolve({ kind: 'absent' });
  const serial = await read(exactSerialNumber, known !== null && known.serialNumber !== null);
  const named = namesIn(await read(deviceIdentification, known !== null && known.designators.length > 0));
  const designators = valueOf(named)?.designators ?? [];
  const logicalUnit = logicalUnitOf(designators);
  const targetDevice = textsOf(designators.filter(({ association }) => association === 2));
  const unreadable = [...unreadIn('vpd-80h', serial), ...unreadIn('vpd-83h', named)];
  return {
    inquiry,
    vpdPages,
    unreadable,
    identity: {
      logicalUnit,
      designators: textsOf(designators),
      ...(targetDevice.length > 0 && { targetDevice }),
      serialNumber: valueOf(serial) || null,
      ...(unreadable.length > 0 && { unread: unreadable.map(({ fact }) => fact as IdentityFact) }),
    },
  };
}

const textsOf = (designators: readonly Designator[]): string[] =>
  designators.map(designatorText).filter((text) => text !== null);

function logicalUnitOf(designators: readonly Designator[]): string | null {
  const ofUnit = designators.filter(({ association }) => association === 0).map(designatorText);
  return (
    ofUnit.find((text) => text?.startsWith('naa.')) ?? ofUnit.find((text) => text?.startsWith('eui.')) ?? null
  );
}

/** A damaged page that still names the unit is as good as a whole one; otherwise the name may be in what is missing. */
function namesIn(read: Fact<DeviceIdentification>): Fact<DeviceIdentification> {
  if (read.kind !== 'present' || read.value.damage === undefined) return read;
  if (logicalUnitOf(read.value.designators) !== null) return read;
  return { kind: 'unreadable', why: refusal('bad-answer', { what: read.value.damage }) };
}

/** The same designator of the logical unit, and another serial number than before; null: not so. */
export function serialChange(
  before: UnitIdentity,
  now: UnitIdentity,
): { readonly before: string; readonly now: string | null } | null {
  const { logicalUnit, serialNumber } = before;
  if (serialNumber === null || logicalUnit === null || logicalUnit !== now.logicalUnit) return null;
  return contradicts(before, now) ? { before: serialNumber, now: now.serialNumber } : null;
}

/** What `now` shows differently, in words; null: it does not speak against being the same unit ({@link contradicts}). */
export function identityChange(before: UnitIdentity, now: UnitIdentity): string | null {
  if (!contradicts(before, now)) return null;
  const name = (identity: UnitIdentity): string => identityId(identity) ?? 'none';
  const serial = ({ serialNumber }: UnitIdentity): string =>
    serialNumber === null ? 'no serial number' : `serial number ${serialNumber}`;
  if (before.logicalUnit !== null && before.logicalUnit === now.logicalUnit) {
    return `its serial number changed: ${serial(before)} before, ${serial(now)} now`;
  }
  // Other units have a name of their own; new code without the page is not known to be one.
  if (before.logicalUnit !== null && now.logicalUnit === null) {
    return `it has no designator any more (VPD page 83h), and was ${name(before)} (${serial(before)}); it shows ${serial(now)} now`;
  }
  return `another identity is here than before: ${name(before)} (${serial(before)}) was, ${name(now)} (${serial(now)}) is`;
}

/** What a person is told when a unit turns out to be another one than before. */
export function identityChanged(before: UnitIdentity, now: UnitIdentity, place = 'here'): Refusal {
  return refusal('identity-changed', {
    place,
    before: identityId(before) ?? 'none',
    beforeSerial: before.serialNumber ?? 'none',
    now: identityId(now) ?? 'none',
    nowSerial: now.serialNumber ?? 'none',
  });
}
