import { Random } from '../random.ts';
import { mutate } from './mutate.ts';
import type { Read, Reader } from './readers.ts';
import type { Files } from './work-folder.ts';

export interface Comparison {
  readonly reader: string;
  readonly tried: number;
  /** Opened by runbook, with the members and bytes that the program gives. */
  readonly same: number;
  readonly refused: number;
  /** Opened by runbook, and refused as a whole by the program, where it may. */
  readonly onlyHere: number;
  /** Each with what repeats it. */
  readonly differences: readonly string[];
}

/** Gives both the same changed packages until `goOn` says no. Whatever runbook opens must be what the program gives. */
export async function compare(
  reader: Reader,
  seed: number,
  goOn: (tried: number) => boolean,
): Promise<Comparison> {
  const random = new Random(seed);
  const seeds = reader.seeds();
  const differences: string[] = [];
  let same = 0;
  let refused = 0;
  let onlyHere = 0;
  let tried = 0;
  // First as they are: what the real program wrote.
  for (; tried < seeds.length || goOn(tried); tried++) {
    const bytes = seeds[tried] ?? mutate(random.pick(seeds), random, reader.shape);
    const read = await reader.byRunbook(bytes);
    if (read === null) {
      refused++;
      continue;
    }
    const there = reader.byProgram(bytes);
    if (there.size === 0 && read.files.size > 0 && reader.mayGiveNothing === true) {
      onlyHere++;
      continue;
    }
    const difference = differenceOf(read, there);
    if (difference === null) same++;
    else differences.push(`${reader.name}: ${difference}: ${bytes.toString('base64')}`);
  }
  return { reader: reader.name, tried, same, refused, onlyHere, differences };
}

/** Null: the same members, and the same bytes in each. */
function differenceOf({ files, refused }: Read, there: Files): string | null {
  for (const [name, bytes] of files) {
    const other = there.get(name);
    if (other === undefined) return `${JSON.stringify(name)} is only in runbook`;
    if (!bytes.equals(other)) return `${JSON.stringify(name)} has other bytes`;
  }
  for (const name of there.keys()) {
    if (!files.has(name) && !refused.has(name)) return `${JSON.stringify(name)} is not in runbook`;
  }
  return null;
}
