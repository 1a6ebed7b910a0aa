/** As much of a text as says what it is. */
const LOOKED_AT_BYTES = 1024 * 1024;

const view = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, LOOKED_AT_BYTES));

const ERASED = Buffer.alloc(16, 0xff);

/** UTF-16 with its mark, or bytes without control characters but those of text: what libmagic calls text, too, except erased flash. */
export function isTextImage(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  if (isUtf16(bytes)) return !/[\0-\x06\x0e-\x1a]/.test(textOfImage(bytes));
  if (view(bytes).includes(ERASED)) return false;
  return view(bytes).every((byte) => byte >= 0x20 || (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b);
}

/** The beginning of it, without a byte order mark. */
export function textOfImage(bytes: Uint8Array): string {
  const seen = view(bytes);
  const text = !isUtf16(bytes)
    ? seen.toString('utf8')
    : bytes[0] === 0xff
      ? seen.toString('utf16le')
      : Buffer.from(seen.subarray(0, seen.length & ~1))
          .swap16()
          .toString('utf16le');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
