import { damaged } from './image-error.ts';

/** What an extended header (POSIX pax) says of a member, as far as it decides what comes out. */
export interface PaxRecords {
  /** Null: as the header says. */
  readonly path: string | null;
  readonly sizeBytes: number | null;
  /** GNU's forms 0.0, 0.1 and 1.0, or that of star: the file has holes, and its data are not the file. */
  readonly isSparse: boolean;
}

const SPACE = 0x20;
const LINE_FEED = 0x0a;

/** Records of `LENGTH KEY=VALUE\n`, where the length counts all of it. Throws ImageError where it does not fit. */
export function readPax(bytes: Uint8Array, origin: string): PaxRecords {
  let path: string | null = null;
  let sizeBytes: number | null = null;
  let isSparse = false;
  let sparseName: string | null = null;
  for (const [key, value] of recordsOf(bytes, origin)) {
    // The forms with a name of their own put something else into `path`.
    if (key === 'GNU.sparse.name') sparseName = textValue(value, key, origin);
    if (key === 'path') path = textValue(value, key, origin);
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw damaged(origin, 'its tar gives a size that is not a number');
      sizeBytes = Number(value);
    }
    if (key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize') isSparse = true;
  }
  return { path: sparseName ?? path, sizeBytes, isSparse };
}

function textValue(value: string, key: string, origin: string): string {
  if (value === '') throw damaged(origin, `its tar gives an empty ${key}`);
  return value;
}

function* recordsOf(bytes: Uint8Array, origin: string): Generator<readonly [string, string]> {
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(SPACE, at);
    const length =
      space < 0 ? '' : Buffer.from(bytes.subarray(at, Math.min(space, at + 8))).toString('latin1');
    const end = at + (/^[1-9]\d*$/.test(length) ? Number(length) : 0);
    const record = Buffer.from(bytes.subarray(space + 1, end - 1)).toString('utf8');
    const equals = record.indexOf('=');
    if (space < 0 || end <= space || end > bytes.length || bytes[end - 1] !== LINE_FEED || equals < 1)
      throw damaged(origin, 'an extended header of its tar is invalid');
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at = end;
  }
}
