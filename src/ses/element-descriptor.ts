import { asciiField, concatBytes, requireRange, viewOf } from '../base/bytes.ts';
import { DecodeError } from '../base/errors.ts';
import { encodeCheckedText } from '../scsi/ascii.ts';
import { checkedPage, pageOf, uint32Bytes } from './diagnostic-page.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';

/** Page 07h, Element Descriptor (SES): the names that the vendor gave. `groupByType` tells which is which. */
export interface ElementDescriptors {
  readonly generationCode: number;
  readonly texts: readonly string[];
}

const HEADER_BYTES = 8;
const TEXT_HEADER_BYTES = 4;

export const elementDescriptor: DiagnosticPage<ElementDescriptors> = {
  pageCode: 0x07,
  name: 'element descriptor',
  decode(bytes) {
    const page = checkedPage(elementDescriptor, bytes, HEADER_BYTES);
    const view = viewOf(page);
    const texts: string[] = [];
    for (let at = HEADER_BYTES; at < page.length;) {
      const textAt = at + TEXT_HEADER_BYTES;
      const next = textAt <= page.length ? textAt + view.getUint16(at + 2) : textAt;
      if (next > page.length) {
        throw new DecodeError(
          'bad-field',
          `element descriptor diagnostic page (07h): the descriptor at byte ${at} ends ${next - page.length} bytes after the page`,
        );
      }
      texts.push(asciiField(page.subarray(textAt, next)));
      at = next;
    }
    return { generationCode: view.getUint32(4), texts };
  },
  encode: (value) =>
    pageOf(
      elementDescriptor.pageCode,
      0,
      concatBytes(uint32Bytes('GENERATION CODE', value.generationCode), ...value.texts.map(encodeText)),
    ),
};

function encodeText(text: string): Uint8Array {
  requireRange('DESCRIPTOR LENGTH', text.length, 0xffff);
  const header = new Uint8Array(TEXT_HEADER_BYTES);
  viewOf(header).setUint16(2, text.length);
  return concatBytes(header, encodeCheckedText('element descriptor', text, text.length));
}
