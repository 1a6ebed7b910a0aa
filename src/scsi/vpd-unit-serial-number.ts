import { asciiField } from '../base/bytes.ts';
import { encodeCheckedAscii } from './ascii.ts';
import { vpdBody, vpdPageOf } from './vpd.ts';
import type { VpdPage } from './vpd.ts';

const PAGE_CODE = 0x80;
const NAME = 'unit serial number';

/** VPD page 80h. Trimmed on both sides, since vendors pad on either; may be blank. */
export const unitSerialNumber: VpdPage<string> = {
  pageCode: PAGE_CODE,
  name: NAME,
  decode: (page) => asciiField(vpdBody(NAME, PAGE_CODE, page)).trim(),
  encode: (serial, peripheral) =>
    vpdPageOf(PAGE_CODE, encodeCheckedAscii('PRODUCT SERIAL NUMBER', serial, serial.length), peripheral),
};
