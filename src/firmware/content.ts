/** Files that hold others, and that runbook opens. */
export type CarrierKind = 'scexe' | 'rpm' | 'zip' | 'tar' | 'tar.gz' | 'tar.xz' | 'tar.zst';

/** What a tar, or the payload of an rpm, may be packed with. */
export type Packing = 'gzip' | 'xz' | 'zstd';

/** What the first bytes of a file betray; null: it may well be an image. */
export type Content =
  | { readonly kind: 'carrier'; readonly carrier: Extract<CarrierKind, 'scexe' | 'rpm' | 'zip' | 'tar'> }
  /** May be a packed tar, or an image that a device unpacks by itself. */
  | { readonly kind: 'packed'; readonly packing: Packing }
  | { readonly kind: 'web-page' }
  /** Holds others, and is not opened; `what` with its article. */
  | { readonly kind: 'unopened'; readonly what: string };

/** As many bytes as {@link contentOf} looks at. */
export const HEAD_BYTES = 512;

const STARTS: readonly { readonly magic: string; readonly content: Content }[] = [
  { magic: 'edabeedb', content: { kind: 'carrier', carrier: 'rpm' } },
  { magic: '504b0304', content: { kind: 'carrier', carrier: 'zip' } },
  { magic: '504b0506', content: { kind: 'carrier', carrier: 'zip' } }, // without members
  { magic: '1f8b08', content: { kind: 'packed', packing: 'gzip' } },
  { magic: 'fd377a585a00', content: { kind: 'packed', packing: 'xz' } },
  { magic: '28b52ffd', content: { kind: 'packed', packing: 'zstd' } },
  { magic: '4d53434600000000', content: { kind: 'unopened', what: 'a cabinet (.cab)' } },
  { magic: '377abcaf271c', content: { kind: 'unopened', what: 'a 7z archive' } },
  { magic: '526172211a07', content: { kind: 'unopened', what: 'a rar archive' } },
];

/** Recognises by content, never by name, what is saved or downloaded instead of firmware or around it. */
export function contentOf(bytes: Uint8Array): Content | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  const text = head.toString('latin1');
  if (/^(\xef\xbb\xbf)?\s*(<!doctype\s+html|<html|<\?xml[^>]*>\s*<!doctype\s+html)/i.test(text))
    return { kind: 'web-page' };
  if (text.startsWith('#!')) {
    return isScexe(text)
      ? { kind: 'carrier', carrier: 'scexe' }
      : { kind: 'unopened', what: 'a shell script' };
  }
  const start = STARTS.find(({ magic }) => head.toString('hex', 0, magic.length / 2) === magic);
  if (start !== undefined) return start.content;
  return isTarHeader(head) ? { kind: 'carrier', carrier: 'tar' } : null;
}

/** HPE Smart Component: the second line is a comment that carries the word. */
const isScexe = (text: string): boolean => /^#!.*\r?\n#.*scexe/i.test(text);

const CHECKSUM = { at: 148, bytes: 8 };

/** The magic of POSIX and GNU; tars before them have a checksum of their header only. */
export function isTarHeader(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1');
  if (text.startsWith('ustar', 257)) return true;
  if (head.length < HEAD_BYTES || head[0] === 0) return false;
  const written = /^ *([0-7]{1,6})[\0 ]/.exec(text.slice(CHECKSUM.at, CHECKSUM.at + CHECKSUM.bytes));
  if (written === null) return false;
  let sum = CHECKSUM.bytes * 0x20; // its own field counts as spaces
  for (let i = 0; i < HEAD_BYTES; i++) {
    if (i < CHECKSUM.at || i >= CHECKSUM.at + CHECKSUM.bytes) sum += head[i]!;
  }
  return sum === Number.parseInt(written[1]!, 8);
}
