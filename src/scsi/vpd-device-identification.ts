import { asciiField, concatBytes, exactText, requireRange, toHex } from '../base/bytes.ts';
import { vpdBody, vpdPageOf } from './vpd.ts';
import type { VpdPage } from './vpd.ts';

/** One designator of VPD page 83h: a name of the logical unit, of the port it was asked through, or of the whole device. */
export interface Designator {
  /** 1 binary, 2 ASCII, 3 UTF-8. */
  readonly codeSet: number;
  /** 0 logical unit, 1 target port, 2 target device; 3 is reserved. */
  readonly association: 0 | 1 | 2 | 3;
  /** 0 vendor, 1 T10, 2 EUI-64, 3 NAA, 4 relative port, 5 port group, 8 SCSI name string, 9 protocol port id. */
  readonly type: number;
  /** PROTOCOL IDENTIFIER (6 SAS); null when PIV says that it means nothing. */
  readonly protocol: number | null;
  readonly bytes: Uint8Array;
}

const DesignatorType = { vendor: 0, t10: 1, eui64: 2, naa: 3, scsiName: 8 } as const;

const PAGE_CODE = 0x83;
const NAME = 'device identification';
const HEADER_BYTES = 4;
const CODE_SET_BINARY = 1;

/** What VPD page 83h names. */
export interface DeviceIdentification {
  /** In the order of the device. */
  readonly designators: readonly Designator[];
  /** Why there are no more of them: the next one runs over the end of the page. Absent: the page is whole. */
  readonly damage?: string;
}

/** VPD page 83h. A damaged designator does not take the whole ones before it away. */
export const deviceIdentification: VpdPage<DeviceIdentification> = {
  pageCode: PAGE_CODE,
  name: NAME,
  decode(page) {
    const body = vpdBody(NAME, PAGE_CODE, page);
    const designators: Designator[] = [];
    for (let at = 0; at < body.length;) {
      const next = at + HEADER_BYTES + (body[at + 3] ?? 0);
      if (next > body.length) {
        const damage = `VPD page 83h: the designator at byte ${HEADER_BYTES + at} ends ${next - body.length} bytes after the page`;
        return { designators, damage };
      }
      const [first, second] = [body[at]!, body[at + 1]!];
      designators.push({
        codeSet: first & 0x0f,
        association: ((second >> 4) & 0x3) as Designator['association'],
        type: second & 0x0f,
        protocol: (second & 0x80) === 0 ? null : first >> 4,
        bytes: body.slice(at + HEADER_BYTES, next),
      });
      at = next;
    }
    return { designators };
  },
  encode: ({ designators }, peripheral) =>
    vpdPageOf(PAGE_CODE, concatBytes(...designators.map(encodeDesignator)), peripheral),
};

function encodeDesignator(designator: Designator): Uint8Array {
  requireRange('CODE SET', designator.codeSet, 0xf);
  requireRange('ASSOCIATION', designator.association, 3);
  requireRange('DESIGNATOR TYPE', designator.type, 0xf);
  requireRange('PROTOCOL IDENTIFIER', designator.protocol ?? 0, 0xf);
  requireRange('DESIGNATOR LENGTH', designator.bytes.length, 0xff);
  const first = ((designator.protocol ?? 0) << 4) | designator.codeSet;
  const second = (designator.protocol === null ? 0 : 0x80) | (designator.association << 4) | designator.type;
  return concatBytes(new Uint8Array([first, second, 0, designator.bytes.length]), designator.bytes);
}

/**
 * The designator as an id: `naa.5001438…`, `eui.…`, `t10.…`, or a SCSI name string as it is, both as `exactText` writes them;
 * null when it is of another type, shows nothing, or is not of a length that its type may have.
 */
export function designatorText(designator: Designator): string | null {
  const { type, codeSet, bytes } = designator;
  const text = asciiField(bytes).trim() === '' ? '' : exactText(bytes);
  switch (type) {
    case DesignatorType.naa:
      return codeSet === CODE_SET_BINARY && (bytes.length === 8 || bytes.length === 16)
        ? `naa.${toHex(bytes)}`
        : null;
    case DesignatorType.eui64:
      return codeSet === CODE_SET_BINARY && [8, 12, 16].includes(bytes.length) ? `eui.${toHex(bytes)}` : null;
    case DesignatorType.t10:
      return text === '' ? null : `t10.${text}`;
    case DesignatorType.scsiName:
      if (text === '') return null;
      // The same name may come as binary NAA or EUI and as text; as ids they must be equal.
      return /^(naa|eui)\./i.test(text) ? text.toLowerCase() : text;
    default:
      return null;
  }
}
