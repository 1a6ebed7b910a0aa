import { OperationCode } from '../../scsi/command.ts';
import { decodeInquiryCdb } from '../../scsi/inquiry.ts';
import { deviceIdentification } from '../../scsi/vpd-device-identification.ts';
import { good } from '../answers.ts';
import type { Behavior, SimulatedDevice } from '../simulated-device.ts';

/** Bytes at a place of the standard INQUIRY data (`page` null) or of a VPD page. */
export interface ShownBytes {
  readonly page: number | null;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Only while this holds; absent: always. */
  readonly when?: (device: SimulatedDevice) => boolean;
}

const STANDARD_HEADER_BYTES = 5;
const VPD_HEADER_BYTES = 4;
/** Lengths behind these headers count what follows them. */
const LONGEST_STANDARD_BYTES = 255;

/** To be put in front: the device shows these bytes there. A page that it lacks is made up around them. */
export function showsBytes({ page, offset, bytes, when }: ShownBytes): Behavior {
  return (command, device, nexus) => {
    if (command.cdb[0] !== OperationCode.inquiry || when?.(device) === false) return undefined;
    const { vitalProductData, pageCode, allocationBytes } = decodeInquiryCdb(command.cdb);
    if (page === null ? vitalProductData : !vitalProductData || pageCode !== page) return undefined;
    const whole = { ...command, cdb: withLongestAllocation(command.cdb), dataInBytes: 0xffff };
    const own = device.perform(whole, nexus).dataIn;
    const needed = offset + bytes.length;
    const shown = new Uint8Array(Math.max(own.length, needed));
    shown.set(own);
    if (page === deviceIdentification.pageCode) addDesignator(shown, own.length);
    if (page !== null) shown.set([device.persona.deviceType, page], 0);
    if (page !== null)
      shown.set([(shown.length - VPD_HEADER_BYTES) >> 8, shown.length - VPD_HEADER_BYTES], 2);
    else shown[4] = Math.min(shown.length, LONGEST_STANDARD_BYTES) - STANDARD_HEADER_BYTES;
    shown.set(bytes, offset);
    return good(command, shown, allocationBytes);
  };
}

/** What is behind the own designators of VPD page 83h is one more, a vendor specific one. */
function addDesignator(page: Uint8Array, at: number): void {
  if (page.length < at + DESIGNATOR_HEADER_BYTES) return;
  page.set([BINARY, VENDOR_SPECIFIC, 0, page.length - at - DESIGNATOR_HEADER_BYTES], at);
}

const DESIGNATOR_HEADER_BYTES = 4;
const BINARY = 0x01;
const VENDOR_SPECIFIC = 0x00;

function withLongestAllocation(cdb: Uint8Array): Uint8Array {
  const whole = cdb.slice();
  whole.set([0xff, 0xff], 3);
  return whole;
}
