import { asciiField, exactText } from '../base/bytes.ts';
import { encodeCheckedText } from './ascii.ts';
import { vpdBody, vpdPageOf } from './vpd.ts';
import type { VpdPage } from './vpd.ts';

const PAGE_CODE = 0x80;
const NAME = 'unit serial number';

/** VPD page 80h as it is shown: trimmed on both sides, since vendors pad on either; may be blank. */
export const unitSerialNumber: VpdPage<string> = {
  pageCode: PAGE_CODE,
  name: NAME,
  decode: (page) => asciiField(vpdBody(NAME, PAGE_CODE, page)).trim(),
  encode: (serial, peripheral) =>
    vpdPageOf(PAGE_CODE, encodeCheckedText('PRODUCT SERIAL NUMBER', serial, serial.length), peripheral),
};

/**
 * The same page as identities compare it (see `exactText`): bytes that are not shown count, padding at either end does not. Blank
 * where the serial number shows nothing.
 */
export const exactSerialNumber: VpdPage<string> = {
  ...unitSerialNumber,
  decode(page) {
    const bytes = vpdBody(NAME, PAGE_CODE, page);
    const start = bytes.findIndex((byte) => byte !== 0x20);
    return unitSerialNumber.decode(page) === '' ? '' : exactText(bytes.subarray(start));
  },
};
