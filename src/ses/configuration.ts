import { asciiField, concatBytes, fromHex, requireRange, toHex, viewOf } from '../base/bytes.ts';
import { DecodeError, EncodeError } from '../base/errors.ts';
import { encodeCheckedText } from '../scsi/ascii.ts';
import { checkedPage, pageOf, uint32Bytes } from './diagnostic-page.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';

/** Page 01h, Configuration (SES): what the enclosure is made of. */
export interface Configuration {
  /** Moves whenever anything in this page does; the download page has to name the one that is current. */
  readonly generationCode: number;
  /** The primary subenclosure first. */
  readonly enclosures: readonly EnclosureDescriptor[];
  /** In the order in which pages 02h and 07h list the elements. */
  readonly types: readonly TypeDescriptor[];
  /** Why there are no more of them: what follows does not fit into the page. Absent: the page is whole. */
  readonly damage?: string;
}

export interface EnclosureDescriptor {
  /** 0: primary. */
  readonly subenclosureId: number;
  /** RELATIVE ENCLOSURE SERVICES PROCESS IDENTIFIER: tells the modules of one enclosure apart; 1..7, 0 is reserved. */
  readonly relativeProcessId: number;
  /** NUMBER OF ENCLOSURE SERVICES PROCESSES: how many modules the enclosure has. */
  readonly processCount: number;
  /** ENCLOSURE LOGICAL IDENTIFIER, 16 lower-case hex digits: equal for all modules of one enclosure. */
  readonly logicalIdentifier: string;
  readonly vendor: string;
  readonly product: string;
  /** PRODUCT REVISION LEVEL of this subenclosure. */
  readonly revision: string;
  readonly vendorSpecific: Uint8Array;
}

/** Type descriptor header with its text: so many elements of one type. */
export interface TypeDescriptor {
  readonly elementType: number;
  readonly possibleElements: number;
  readonly subenclosureId: number;
  readonly text: string;
}

const HEADER_BYTES = 8;
const ENCLOSURE_BYTES = 40;
const ENCLOSURE_HEADER_BYTES = 4; // DESCRIPTOR LENGTH counts what follows these
const TYPE_HEADER_BYTES = 4;

/**
 * Page 01h. A damaged descriptor does not take the whole ones before it away; without a whole one of the primary subenclosure:
 * DecodeError `bad-field`.
 */
export const configuration: DiagnosticPage<Configuration> = {
  pageCode: 0x01,
  name: 'configuration',
  decode(bytes) {
    const page = checkedPage(configuration, bytes, HEADER_BYTES);
    const generationCode = viewOf(page).getUint32(4);
    const enclosures: EnclosureDescriptor[] = [];
    const types: TypeDescriptor[] = [];
    try {
      let typeCount = 0;
      let at = HEADER_BYTES;
      for (let i = 0; i < page[1]! + 1; i++) {
        const descriptor = cutEnclosureDescriptor(page, at);
        enclosures.push(decodeEnclosure(descriptor));
        typeCount += descriptor[2]!;
        at += descriptor.length;
      }
      decodeTypes(page.subarray(at), typeCount, types);
    } catch (error) {
      if (!(error instanceof DecodeError) || enclosures.length === 0) throw error;
      return { generationCode, enclosures, types, damage: error.message };
    }
    return { generationCode, enclosures, types };
  },
  encode(value) {
    requireRange('number of secondary subenclosures', value.enclosures.length - 1, 0xff);
    const owners = new Set(value.enclosures.map(({ subenclosureId }) => subenclosureId));
    if (owners.size !== value.enclosures.length || value.types.some((t) => !owners.has(t.subenclosureId))) {
      throw new EncodeError(
        'out-of-range',
        'configuration: each subenclosure has a different id, and each type belongs to one of them',
      );
    }
    const body = concatBytes(
      uint32Bytes('GENERATION CODE', value.generationCode),
      ...value.enclosures.map((enclosure) => encodeEnclosure(enclosure, value.types)),
      ...value.types.map(encodeTypeHeader),
      ...value.types.map(({ text }) => encodeCheckedText('type descriptor text', text, text.length)),
    );
    return pageOf(configuration.pageCode, value.enclosures.length - 1, body);
  },
};

function cutEnclosureDescriptor(page: Uint8Array, at: number): Uint8Array {
  const length = ENCLOSURE_HEADER_BYTES + (page[at + 3] ?? 0);
  if (at + length > page.length || length < ENCLOSURE_BYTES) {
    throw new DecodeError(
      'bad-field',
      `configuration diagnostic page (01h): the enclosure descriptor at byte ${at} has ${length} bytes; ` +
        `${ENCLOSURE_BYTES} are needed, ${Math.max(0, page.length - at)} are left`,
    );
  }
  return page.subarray(at, at + length);
}

function decodeEnclosure(descriptor: Uint8Array): EnclosureDescriptor {
  return {
    subenclosureId: descriptor[1]!,
    relativeProcessId: (descriptor[0]! >> 4) & 0x07,
    processCount: descriptor[0]! & 0x07,
    logicalIdentifier: toHex(descriptor.subarray(4, 12)),
    vendor: asciiField(descriptor.subarray(12, 20)),
    product: asciiField(descriptor.subarray(20, 36)),
    revision: asciiField(descriptor.subarray(36, 40)),
    vendorSpecific: descriptor.slice(ENCLOSURE_BYTES),
  };
}

/** All headers come first, then all texts; each header says how long its text is. `types` grows by the whole ones. */
function decodeTypes(bytes: Uint8Array, count: number, types: TypeDescriptor[]): void {
  const cut = (what: string): DecodeError =>
    new DecodeError(
      'bad-field',
      `configuration diagnostic page (01h): the page ends before its type descriptor ${what}`,
    );
  if (count * TYPE_HEADER_BYTES > bytes.length) throw cut('headers');
  let textAt = count * TYPE_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const header = bytes.subarray(i * TYPE_HEADER_BYTES, (i + 1) * TYPE_HEADER_BYTES);
    const textEnd = textAt + header[3]!;
    if (textEnd > bytes.length) throw cut('texts');
    types.push({
      elementType: header[0]!,
      possibleElements: header[1]!,
      subenclosureId: header[2]!,
      text: asciiField(bytes.subarray(textAt, textEnd)),
    });
    textAt = textEnd;
  }
}

function encodeEnclosure(enclosure: EnclosureDescriptor, types: readonly TypeDescriptor[]): Uint8Array {
  const typeCount = types.filter(({ subenclosureId }) => subenclosureId === enclosure.subenclosureId).length;
  const restBytes = ENCLOSURE_BYTES - ENCLOSURE_HEADER_BYTES + enclosure.vendorSpecific.length;
  requireRange('RELATIVE ENCLOSURE SERVICES PROCESS IDENTIFIER', enclosure.relativeProcessId, 7);
  requireRange('NUMBER OF ENCLOSURE SERVICES PROCESSES', enclosure.processCount, 7);
  requireRange('SUBENCLOSURE IDENTIFIER', enclosure.subenclosureId, 0xff);
  requireRange('NUMBER OF TYPE DESCRIPTOR HEADERS', typeCount, 0xff);
  requireRange('ENCLOSURE DESCRIPTOR LENGTH', restBytes, 0xff);
  if (!/^[0-9a-f]{16}$/i.test(enclosure.logicalIdentifier)) {
    throw new EncodeError('out-of-range', 'ENCLOSURE LOGICAL IDENTIFIER must be 16 hex digits');
  }
  return concatBytes(
    new Uint8Array([
      (enclosure.relativeProcessId << 4) | enclosure.processCount,
      enclosure.subenclosureId,
      typeCount,
      restBytes,
    ]),
    fromHex(enclosure.logicalIdentifier),
    encodeCheckedText('ENCLOSURE VENDOR IDENTIFICATION', enclosure.vendor, 8),
    encodeCheckedText('PRODUCT IDENTIFICATION', enclosure.product, 16),
    encodeCheckedText('PRODUCT REVISION LEVEL', enclosure.revision, 4),
    enclosure.vendorSpecific,
  );
}

function encodeTypeHeader(type: TypeDescriptor): Uint8Array {
  requireRange('ELEMENT TYPE', type.elementType, 0xff);
  requireRange('NUMBER OF POSSIBLE ELEMENTS', type.possibleElements, 0xff);
  requireRange('TYPE DESCRIPTOR TEXT LENGTH', type.text.length, 0xff);
  return new Uint8Array([type.elementType, type.possibleElements, type.subenclosureId, type.text.length]);
}
