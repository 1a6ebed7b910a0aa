import { concatBytes, requireRange, viewOf } from '../base/bytes.ts';
import { DecodeError } from '../base/errors.ts';
import { checkedPage, pageOf, uint32Bytes } from './diagnostic-page.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';

/** Page 0Ah, Additional Element Status (SES): for SAS the slots, phys and addresses. */
export interface AdditionalElementStatus {
  readonly generationCode: number;
  readonly descriptors: readonly AdditionalStatusDescriptor[];
}

export interface AdditionalStatusDescriptor {
  /** INVALID: the element has nothing to say now, an empty slot for instance. */
  readonly invalid: boolean;
  /** PROTOCOL IDENTIFIER: 6 SAS; see `sas-element-status.ts`. */
  readonly protocol: number;
  /** null: EIP is 0, the elements are told apart by their order alone. */
  readonly element: ElementPosition | null;
  /** Protocol specific information, from the byte after the header. */
  readonly information: Uint8Array;
}

export interface ElementPosition {
  /** ELEMENT INDEX */
  readonly index: number;
  /** EIIOE, 0..3. 0: the index counts elements only. 1: it counts the overall status elements too. */
  readonly includesOverall: number;
}

const HEADER_BYTES = 8;
const ELEMENT_INDEX_PRESENT = 0x10; // EIP
const INVALID = 0x80;

export const additionalElementStatus: DiagnosticPage<AdditionalElementStatus> = {
  pageCode: 0x0a,
  name: 'additional element status',
  decode(bytes) {
    const page = checkedPage(additionalElementStatus, bytes, HEADER_BYTES);
    const descriptors: AdditionalStatusDescriptor[] = [];
    for (let at = HEADER_BYTES; at < page.length;) {
      const next = at + 2 + (page[at + 1] ?? 0);
      if (next > page.length) {
        throw new DecodeError(
          'bad-field',
          `additional element status diagnostic page (0Ah): the descriptor at byte ${at} ends ${next - page.length} bytes after the page`,
        );
      }
      descriptors.push(decodeDescriptor(page.subarray(at, next), at));
      at = next;
    }
    return { generationCode: viewOf(page).getUint32(4), descriptors };
  },
  encode: (value) =>
    pageOf(
      additionalElementStatus.pageCode,
      0,
      concatBytes(
        uint32Bytes('GENERATION CODE', value.generationCode),
        ...value.descriptors.map(encodeDescriptor),
      ),
    ),
};

function decodeDescriptor(bytes: Uint8Array, at: number): AdditionalStatusDescriptor {
  const hasIndex = (bytes[0]! & ELEMENT_INDEX_PRESENT) !== 0;
  if (hasIndex && bytes.length < 4) {
    throw new DecodeError(
      'bad-field',
      `additional element status diagnostic page (0Ah): the descriptor at byte ${at} ends before its element index`,
    );
  }
  return {
    invalid: (bytes[0]! & INVALID) !== 0,
    protocol: bytes[0]! & 0x0f,
    element: hasIndex ? { index: bytes[3]!, includesOverall: bytes[2]! & 0x03 } : null,
    information: bytes.slice(hasIndex ? 4 : 2),
  };
}

function encodeDescriptor(descriptor: AdditionalStatusDescriptor): Uint8Array {
  const { element, information } = descriptor;
  requireRange('PROTOCOL IDENTIFIER', descriptor.protocol, 0xf);
  requireRange('ELEMENT INDEX', element?.index ?? 0, 0xff);
  requireRange('EIIOE', element?.includesOverall ?? 0, 3);
  const header = element === null ? [] : [element.includesOverall, element.index];
  requireRange('ADDITIONAL ELEMENT STATUS DESCRIPTOR LENGTH', header.length + information.length, 0xff);
  const first =
    (descriptor.invalid ? INVALID : 0) | (element === null ? 0 : ELEMENT_INDEX_PRESENT) | descriptor.protocol;
  return concatBytes(new Uint8Array([first, header.length + information.length, ...header]), information);
}
