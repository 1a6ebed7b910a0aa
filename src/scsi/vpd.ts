import { concatBytes, hex, requireLength, requireRange, viewOf } from '../base/bytes.ts';
import { DecodeError } from '../base/errors.ts';
import { PROBE_TIMEOUT_MS } from './command.ts';
import type { ScsiCommand } from './command.ts';
import { encodeInquiryCdb } from './inquiry.ts';

/** One vital product data page (SPC): an encode/decode pair. */
export interface VpdPage<Value> {
  readonly pageCode: number;
  readonly name: string;
  /** Throws DecodeError: `wrong-page`, `bad-field`, or `short-page` with `neededBytes`, to ask again for that many. */
  decode(page: Uint8Array): Value;
  /** `peripheral` is byte 0 (qualifier and device type). Throws EncodeError. */
  encode(value: Value, peripheral?: number): Uint8Array;
}

const HEADER_BYTES = 4;
const LARGEST_ALLOCATION_BYTES = 0xffff;

/** INQUIRY for one VPD page. 252 bytes are safe everywhere; a longer page is asked for again with its length. */
export function inquiryVpd<Value>(page: VpdPage<Value>, allocationBytes = 252): ScsiCommand<Value> {
  return {
    name: `INQUIRY (VPD ${hex(page.pageCode)} ${page.name})`,
    cdb: encodeInquiryCdb({ vitalProductData: true, pageCode: page.pageCode, allocationBytes }),
    dataInBytes: allocationBytes,
    timeoutMs: PROBE_TIMEOUT_MS,
    changesDevice: false,
    decode: (dataIn) => page.decode(dataIn),
    longer: (answerBytes) => inquiryVpd(page, Math.min(answerBytes, LARGEST_ALLOCATION_BYTES)),
  };
}

/** Any page, whole, with its header: for whoever compares bytes and knows what they mean. */
export function rawVpdPage(pageCode: number): VpdPage<Uint8Array> {
  const name = 'raw';
  return {
    pageCode,
    name,
    decode: (page) => page.slice(0, HEADER_BYTES + vpdBody(name, pageCode, page).length),
    encode: (page, peripheral) => vpdPageOf(pageCode, page.subarray(HEADER_BYTES), peripheral),
  };
}

/** What lies behind the 4 header bytes, after page code and PAGE LENGTH were checked. */
export function vpdBody(name: string, pageCode: number, page: Uint8Array): Uint8Array {
  const label = `VPD page ${hex(pageCode)} (${name})`;
  requireLength(label, page, HEADER_BYTES);
  if (page[1] !== pageCode) {
    throw new DecodeError('wrong-page', `${label}: the device answered with page ${hex(page[1]!)}`);
  }
  const end = HEADER_BYTES + viewOf(page).getUint16(2);
  requireLength(label, page, end);
  return page.subarray(HEADER_BYTES, end);
}

/** Header and body of a VPD page. */
export function vpdPageOf(pageCode: number, body: Uint8Array, peripheral = 0): Uint8Array {
  requireRange('byte 0 of the VPD page', peripheral, 0xff);
  requireRange('PAGE LENGTH', body.length, 0xffff);
  const header = new Uint8Array([peripheral, pageCode, 0, 0]);
  viewOf(header).setUint16(2, body.length);
  return concatBytes(header, body);
}
