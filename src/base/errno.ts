import { constants } from 'node:os';

const NAMES = new Map<number, string>(Object.entries(constants.errno).map(([name, value]) => [value, name]));

/** `EIO (5)`; never throws. */
export function errnoName(errno: number): string {
  return `${NAMES.get(errno) ?? 'errno'} (${errno})`;
}
