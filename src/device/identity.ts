import { refusal } from '../base/refusal.ts';
import type { Refusal } from '../base/refusal.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { standardInquiry } from '../scsi/inquiry.ts';
import type { StandardInquiry } from '../scsi/inquiry.ts';
import { inquiryVpd } from '../scsi/vpd.ts';
import { deviceIdentification, designatorText } from '../scsi/vpd-device-identification.ts';
import { supportedVpdPages } from '../scsi/vpd-supported-pages.ts';
import { exactSerialNumber } from '../scsi/vpd-unit-serial-number.ts';
import { DeviceError } from './device.ts';
import type { Device } from './device.ts';

/** Who a unit says that it is: what makes it the same unit under another node (decisions.md#identity). */
export interface UnitIdentity {
  /**
   * The logical unit designator (VPD 83h, association 0: NAA, then EUI-64), as `naa.…` or `eui.…`. null: the unit has
   * none, and may not be written to unless the playbook names it.
   */
  readonly logicalUnit: string | null;
  /** Every designator that has a text form, whatever its association. */
  readonly designators: readonly string[];
  /** VPD 80h, exact; null where there is none or it is blank. For a person: `shownText`. */
  readonly serialNumber: string | null;
}

export interface Identification {
  readonly inquiry: StandardInquiry;
  readonly identity: UnitIdentity;
  /** VPD pages that the device lists; empty where it lists none. */
  readonly vpdPages: readonly number[];
}

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
 * may bring a page that the old one did not have. A unit that never had any identity is known by its place alone.
 */
export function contradicts(before: UnitIdentity, now: UnitIdentity): boolean {
  if (before.serialNumber !== null && now.serialNumber !== before.serialNumber) return true;
  if (before.logicalUnit !== null) return now.logicalUnit !== before.logicalUnit;
  const t10 = before.designators.find((text) => text.startsWith('t10.'));
  if (t10 !== undefined) return !now.designators.includes(t10);
  // What is left are names of ports: none of them the same is another unit.
  const { designators } = before;
  return designators.length > 0 && !designators.some((text) => now.designators.includes(text));
}

/** Fresh INQUIRY and identification pages; changes nothing. Throws DeviceError when the INQUIRY gets no answer. */
export async function identify(device: Device): Promise<Identification> {
  const inquiry = await device.ask(standardInquiry());
  const vpdPages = (await optionally(device, inquiryVpd(supportedVpdPages))) ?? [];
  const serial = vpdPages.includes(exactSerialNumber.pageCode)
    ? await optionally(device, inquiryVpd(exactSerialNumber))
    : null;
  const designators = vpdPages.includes(deviceIdentification.pageCode)
    ? ((await optionally(device, inquiryVpd(deviceIdentification))) ?? [])
    : [];
  const ofUnit = designators.filter(({ association }) => association === 0).map(designatorText);
  const logicalUnit =
    ofUnit.find((text) => text?.startsWith('naa.')) ??
    ofUnit.find((text) => text?.startsWith('eui.')) ??
    null;
  return {
    inquiry,
    vpdPages,
    identity: {
      logicalUnit,
      designators: designators.map(designatorText).filter((text) => text !== null),
      serialNumber: serial === null || serial === '' ? null : serial,
    },
  };
}

/** An answer that the device may do without. A device that does not answer at all is another matter and throws. */
export async function optionally<Value>(device: Device, command: ScsiCommand<Value>): Promise<Value | null> {
  try {
    return await device.ask(command);
  } catch (error) {
    if (error instanceof DeviceError && (error.kind === 'refused-by-device' || error.kind === 'bad-answer'))
      return null;
    throw error;
  }
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
  return `another identity is here than before: ${name(before)} (${serial(before)}) was, ${name(now)} (${serial(now)}) is`;
}

/** What a person is told when a unit turns out to be another one than before. */
export function identityChanged(before: UnitIdentity, now: UnitIdentity): Refusal {
  return refusal('identity-changed', {
    before: identityId(before) ?? 'none',
    beforeSerial: before.serialNumber ?? 'none',
    now: identityId(now) ?? 'none',
    nowSerial: now.serialNumber ?? 'none',
  });
}
