/** What the first bytes of a file betray; null: it may well be an image. */
export type Content = 'html' | 'package' | null;

const STARTS: readonly { readonly content: Content; readonly magic: readonly number[] }[] = [
  { content: 'package', magic: [0x23, 0x21] }, // #! a shell script with an archive behind it (.scexe)
  { content: 'package', magic: [0xed, 0xab, 0xee, 0xdb] }, // rpm
  { content: 'package', magic: [0x50, 0x4b, 0x03, 0x04] }, // zip
];

const TAR_MAGIC = { at: 257, text: 'ustar' };

/** Recognises what is saved or downloaded instead of firmware: a login or "not found" page, an unopened package. */
export function contentOf(bytes: Uint8Array): Content {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString('latin1');
  if (/^(\xef\xbb\xbf)?\s*(<!doctype\s+html|<html|<\?xml[^>]*>\s*<!doctype\s+html)/i.test(text))
    return 'html';
  if (text.startsWith(TAR_MAGIC.text, TAR_MAGIC.at)) return 'package';
  return STARTS.find(({ magic }) => magic.every((byte, index) => bytes[index] === byte))?.content ?? null;
}
