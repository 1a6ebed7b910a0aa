/** What a person can read in an image. Where it came from is a guess: an image is not text. */
export interface Readable {
  /** Texts in the form of standard INQUIRY data: vendor, product, revision. */
  readonly inquiry: readonly InquiryText[];
  /** Other texts that look as if they say what this is. */
  readonly texts: readonly PlainText[];
}

export interface InquiryText {
  readonly offsetBytes: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
}

export interface PlainText {
  readonly offsetBytes: number;
  readonly text: string;
}

const MAX_INQUIRY = 16;
const MAX_TEXTS = 24;
const MAX_TEXT_LENGTH = 100;
/** Pieces of an image that are looked at one by one: a text of all of it would be twice its size. */
const WINDOW_BYTES = 1 << 20;
/** No text that is shown is longer; each piece begins so much before the end of the one before it. */
const OVERLAP_BYTES = 256;

/** SPC, standard INQUIRY data from byte 8: 8 of vendor, 16 of product, 4 of revision, left-aligned, padded with spaces. */
const INQUIRY = /(?<![ -~])([A-Za-z][ -~]{7})([!-~][ -~]{15})([!-~][ -~]{3})/g;

const TELLING =
  /\b(version|rev(ision)?|firmware|fw|microcode|product|model|expander|enclosure|copyright|\(c\)|sas|ses)\b|(?<!\d)\d+\.\d+\.\d/i;

/** Finds vendor, product and revision, and what else may help to see what an image is. Never throws. */
export function readableIn(bytes: Uint8Array): Readable {
  const inquiry = new Map<string, InquiryText>();
  const texts = new Map<string, PlainText>();
  for (let start = 0; start < bytes.length; start += WINDOW_BYTES - OVERLAP_BYTES) {
    const window = bytes.subarray(start, start + WINDOW_BYTES);
    const text = Buffer.from(window.buffer, window.byteOffset, window.length).toString('latin1');
    for (const found of inquiryIn(text, start)) {
      const key = JSON.stringify([found.vendor, found.product, found.revision]);
      if (inquiry.size < MAX_INQUIRY && !inquiry.has(key)) inquiry.set(key, found);
    }
    for (const found of textsIn(text, start)) {
      if (texts.size < MAX_TEXTS && !texts.has(found.text)) texts.set(found.text, found);
    }
  }
  return { inquiry: [...inquiry.values()], texts: [...texts.values()] };
}

function* inquiryIn(text: string, start: number): Generator<InquiryText> {
  for (const match of text.matchAll(INQUIRY)) {
    const [, vendor = '', product = '', revision = ''] = match;
    // A sentence has no padding; fields nearly always have.
    const isPadded = vendor.endsWith('  ') || product.endsWith('  ');
    if (!isPadded || !/^\S{2,8} *$/.test(vendor)) continue;
    yield {
      offsetBytes: start + match.index,
      vendor: vendor.trimEnd(),
      product: product.trimEnd(),
      revision: revision.trimEnd(),
    };
  }
}

function* textsIn(text: string, start: number): Generator<PlainText> {
  for (const match of text.matchAll(/[\x20-\x7e]{6,}/g)) {
    const line = match[0].trim();
    if (!TELLING.test(line) || !/[A-Za-z]{2}/.test(line)) continue;
    yield { offsetBytes: start + match.index, text: line.slice(0, MAX_TEXT_LENGTH) };
  }
}
