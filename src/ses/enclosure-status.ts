import { concatBytes, requireRange, viewOf } from '../base/bytes.ts';
import { EncodeError } from '../base/errors.ts';
import { checkedPage, pageOf, uint32Bytes } from './diagnostic-page.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';

/** Page 02h, Enclosure Status (SES). `groupByType` tells which element is which. */
export interface EnclosureStatus {
  readonly invalidOperation: boolean;
  readonly information: boolean;
  readonly nonCritical: boolean;
  readonly critical: boolean;
  readonly unrecoverable: boolean;
  readonly generationCode: number;
  /** Whole ones: of one that the page cuts, nothing is said. */
  readonly elements: readonly ElementStatus[];
}

export interface ElementStatus {
  /** ELEMENT STATUS CODE, 0..15 (SES). */
  readonly code: number;
  /** PRDFAIL */
  readonly predictedFailure: boolean;
  readonly disabled: boolean;
  /** SWAP: was taken out and put in since it was asked for. */
  readonly swapped: boolean;
  /** The three bytes whose meaning depends on the element type. */
  readonly specific: Uint8Array;
}

const HEADER_BYTES = 8;
const ELEMENT_BYTES = 4;

export const enclosureStatus: DiagnosticPage<EnclosureStatus> = {
  pageCode: 0x02,
  name: 'enclosure status',
  decode(bytes) {
    const page = checkedPage(enclosureStatus, bytes, HEADER_BYTES);
    const elements: ElementStatus[] = [];
    for (let at = HEADER_BYTES; at + ELEMENT_BYTES <= page.length; at += ELEMENT_BYTES) {
      elements.push(decodeElement(page.subarray(at, at + ELEMENT_BYTES)));
    }
    const bit = (mask: number): boolean => (page[1]! & mask) !== 0;
    return {
      invalidOperation: bit(0x10),
      information: bit(0x08),
      nonCritical: bit(0x04),
      critical: bit(0x02),
      unrecoverable: bit(0x01),
      generationCode: viewOf(page).getUint32(4),
      elements,
    };
  },
  encode(value) {
    const bits =
      (value.invalidOperation ? 0x10 : 0) |
      (value.information ? 0x08 : 0) |
      (value.nonCritical ? 0x04 : 0) |
      (value.critical ? 0x02 : 0) |
      (value.unrecoverable ? 0x01 : 0);
    const body = concatBytes(
      uint32Bytes('GENERATION CODE', value.generationCode),
      ...value.elements.map(encodeElement),
    );
    return pageOf(enclosureStatus.pageCode, bits, body);
  },
};

function decodeElement(bytes: Uint8Array): ElementStatus {
  return {
    code: bytes[0]! & 0x0f,
    predictedFailure: (bytes[0]! & 0x40) !== 0,
    disabled: (bytes[0]! & 0x20) !== 0,
    swapped: (bytes[0]! & 0x10) !== 0,
    specific: bytes.slice(1),
  };
}

function encodeElement(element: ElementStatus): Uint8Array {
  requireRange('ELEMENT STATUS CODE', element.code, 0xf);
  if (element.specific.length !== ELEMENT_BYTES - 1) {
    throw new EncodeError('out-of-range', 'an element status has three bytes that depend on its type');
  }
  const first =
    (element.predictedFailure ? 0x40 : 0) |
    (element.disabled ? 0x20 : 0) |
    (element.swapped ? 0x10 : 0) |
    element.code;
  return concatBytes(new Uint8Array([first]), element.specific);
}
