/** The texts of standard INQUIRY data. */
export interface Texts {
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
}

/** What was made of one answer: by the kernel in sysfs, by `runbook devices`, and by a fresh look over the node. */
export interface SeenTexts {
  readonly kernel: Texts;
  readonly listed: Texts;
  readonly fresh: Texts;
  readonly problem: string | null;
}

const text = (value: string): string => Buffer.from(value, 'latin1').toString('hex');

/** Standard INQUIRY data of an enclosure, in hex; what is not given is as on the HP card. */
function inquiry({
  head = '0d0006021f004002',
  vendor = 'HP      ',
  product = 'HP SAS EXP Card ',
  revision = '2.08',
  more = '',
}: Partial<Texts> & { readonly head?: string; readonly more?: string }): string {
  return head + text(vendor) + text(product) + text(revision) + text(more);
}

/** Answers that firmware gives, and that somebody might read in another way than the kernel. */
export const NASTY_ANSWERS: Readonly<Record<string, string>> = {
  'as it should be': inquiry({}),
  'NUL and letters behind it': inquiry({ vendor: 'HP\0ux   ' }),
  'padded with NULs': inquiry({
    vendor: 'HP\0\0\0\0\0\0',
    product: 'CARD'.padEnd(16, '\0'),
    revision: '2.1\0',
  }),
  'a NUL first': inquiry({ vendor: '\0HP     ' }),
  'NUL at the end of a full field': inquiry({ product: 'HP SAS EXP Card\0' }),
  'NUL in the revision': inquiry({ revision: '2\x0008' }),
  'all NUL': inquiry({ vendor: '\0'.repeat(8), product: '\0'.repeat(16), revision: '\0\0\0\0' }),
  'control characters for blanks': inquiry({ vendor: 'HP\x01\x01\x01\x01\x01\x01' }),
  'a control character inside': inquiry({ vendor: 'H\x07P     ' }),
  'tabs and line feeds': inquiry({ vendor: 'HP\t\n\r   ', product: 'HP\nSAS\tEXP\rCard ' }),
  'an escape sequence': inquiry({ product: '\x1b[31mHP CARD\x1b[0m ' }),
  'delete and above': inquiry({ vendor: 'HP\x7f\x80\xa0\xff  ' }),
  'UTF-8': inquiry({ vendor: 'Gr\xc3\xb6\xc3\x9fe' }),
  'all FFh': inquiry({ vendor: '\xff'.repeat(8), product: '\xff'.repeat(16), revision: '\xff\xff\xff\xff' }),
  'blanks in front': inquiry({ vendor: '      HP', product: '  CARD          ', revision: ' 208' }),
  'blanks inside': inquiry({ vendor: 'H  P    ', revision: '2  8' }),
  'control character, then NUL': inquiry({ vendor: 'HP\x01\0AB  ' }),
  'ADDITIONAL LENGTH 0': inquiry({ head: '0d00060200004002' }),
  'ADDITIONAL LENGTH ends in the vendor': inquiry({ head: '0d00060206004002' }),
  'ADDITIONAL LENGTH says more than there is': inquiry({ head: '0d000602ff004002' }),
  'more behind the revision': inquiry({ head: '0d00060233004002', more: 'SERIAL 0123456789ABC' }),
  'ends in the product': inquiry({}).slice(0, 2 * 20),
  'ends behind the vendor': inquiry({ head: '0d0006020b004002' }).slice(0, 2 * 16),
};
