import { asciiField, concatBytes, requireRange, viewOf } from '../base/bytes.ts';
import { encodeCheckedText } from '../scsi/ascii.ts';
import { checkedPage, pageOf, uint32Bytes } from './diagnostic-page.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';

/** Page 0Fh, Subenclosure Nickname Status (SES-3): what people have called an enclosure. */
export interface NicknameStatus {
  readonly generationCode: number;
  /** The primary subenclosure first. A name that nobody gave is empty. */
  readonly nicknames: readonly { readonly subenclosureId: number; readonly nickname: string }[];
}

const HEADER_BYTES = 8;
const DESCRIPTOR_BYTES = 40;
const NICKNAME = { start: 8, bytes: 32 };

export const nicknameStatus: DiagnosticPage<NicknameStatus> = {
  pageCode: 0x0f,
  name: 'subenclosure nickname status',
  decode(bytes) {
    const page = checkedPage(nicknameStatus, bytes, HEADER_BYTES);
    const nicknames = [];
    for (let at = HEADER_BYTES; at + DESCRIPTOR_BYTES <= page.length; at += DESCRIPTOR_BYTES) {
      const descriptor = page.subarray(at, at + DESCRIPTOR_BYTES);
      nicknames.push({
        subenclosureId: descriptor[1]!,
        nickname: asciiField(descriptor.subarray(NICKNAME.start)),
      });
    }
    return { generationCode: viewOf(page).getUint32(4), nicknames };
  },
  encode({ generationCode, nicknames }) {
    const descriptors = nicknames.map(({ subenclosureId, nickname }) => {
      requireRange('SUBENCLOSURE IDENTIFIER', subenclosureId, 0xff);
      const head = new Uint8Array(NICKNAME.start);
      head[1] = subenclosureId;
      return concatBytes(head, encodeCheckedText('SUBENCLOSURE NICKNAME', nickname, NICKNAME.bytes));
    });
    const secondary = Math.max(0, nicknames.length - 1);
    return pageOf(
      nicknameStatus.pageCode,
      secondary,
      concatBytes(uint32Bytes('GENERATION CODE', generationCode), ...descriptors),
    );
  },
};
