import { requireRange } from '../base/bytes.ts';
import { vpdBody, vpdPageOf } from './vpd.ts';
import type { VpdPage } from './vpd.ts';

const PAGE_CODE = 0x00;
const NAME = 'supported VPD pages';

/** VPD page 00h: the page codes that the device knows, as it lists them. */
export const supportedVpdPages: VpdPage<readonly number[]> = {
  pageCode: PAGE_CODE,
  name: NAME,
  decode: (page) => Array.from(vpdBody(NAME, PAGE_CODE, page)),
  encode(pageCodes, peripheral) {
    for (const pageCode of pageCodes) requireRange('page code', pageCode, 0xff);
    return vpdPageOf(PAGE_CODE, Uint8Array.from(pageCodes), peripheral);
  },
};
