import { requireRange } from '../base/bytes.ts';
import { checkedPage, pageOf } from './diagnostic-page.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';

/**
 * Page 00h: the codes of the diagnostic pages that the device knows, as it lists them (some pad the list with zeros).
 * Without 0Eh there is no download by SES.
 */
export const supportedDiagnosticPages: DiagnosticPage<readonly number[]> = {
  pageCode: 0x00,
  name: 'supported diagnostic pages',
  decode: (page) => Array.from(checkedPage(supportedDiagnosticPages, page, 4).subarray(4)),
  encode(pageCodes) {
    for (const pageCode of pageCodes) requireRange('page code', pageCode, 0xff);
    return pageOf(supportedDiagnosticPages.pageCode, 0, Uint8Array.from(pageCodes));
  },
};
