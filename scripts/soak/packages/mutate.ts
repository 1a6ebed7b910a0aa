import type { Random } from '../random.ts';

/** Where a format has something worth changing, and what has to be mended so that it is looked at. */
export interface Shape {
  /** Places in front of short records: a change falls behind one of them more often than elsewhere. */
  readonly marks?: readonly string[];
  readonly recordBytes?: number;
  /** Makes the changed bytes pass the first check again. */
  readonly mend?: (bytes: Buffer) => void;
}

/** One to three changes of a package: bits, bytes, numbers, pieces taken out, doubled or put in, ends cut or added to. */
export function mutate(seed: Buffer, random: Random, shape: Shape): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let left = random.integer(1, 3); left > 0; left--) bytes = change(bytes, random, shape);
  if (shape.mend !== undefined && random.chance(0.8)) shape.mend(bytes);
  return bytes;
}

function change(bytes: Buffer, random: Random, shape: Shape): Buffer {
  const at = placeIn(bytes, random, shape);
  const length = Math.min(random.pick([1, 2, 4, 12, 512]), bytes.length - at);
  switch (random.integer(0, 9)) {
    case 0:
    case 1:
    case 2:
      bytes[at]! ^= 1 << random.integer(0, 7);
      return bytes;
    case 3:
      bytes[at] = random.integer(0, 255);
      return bytes;
    case 4:
      bytes[at] = random.pick([0, 0x20, 0x30, 0x31, 0x37, 0x80, 0xff]);
      return bytes;
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 7: {
      const from = placeIn(bytes, random, shape);
      bytes.copy(bytes, at, from, from + length);
      return bytes;
    }
    case 8:
      return random.chance(0.5) ? bytes.subarray(0, at) : Buffer.concat([bytes, random.bytes(length)]);
    default:
      return Buffer.concat([bytes, random.chance(0.5) ? Buffer.alloc(length) : bytes.subarray(at)]);
  }
}

function placeIn(bytes: Buffer, random: Random, { marks = [], recordBytes = 1 }: Shape): number {
  if (bytes.length === 0) return 0;
  if (marks.length > 0 && random.chance(0.7)) {
    const mark = Buffer.from(random.pick(marks), 'latin1');
    const found: number[] = [];
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) found.push(at);
    const start = found.length > 0 ? random.pick(found) : 0;
    return Math.min(start + random.integer(0, recordBytes - 1), bytes.length - 1);
  }
  return random.integer(0, bytes.length - 1);
}
