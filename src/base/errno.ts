import { constants } from 'node:os';

const NAMES = new Map<number, string>(Object.entries(constants.errno).map(([name, value]) => [value, name]));

/** `EIO (5)`; never throws. */
export function errnoName(errno: number): string {
  return `${NAMES.get(errno) ?? 'errno'} (${errno})`;
}

/** `no space left on device (ENOSPC)`: why a file could not be opened, read or written, as the system says it. Never throws. */
export function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  // Node's own errors (ERR_…) are sentences already.
  if (code === undefined || code.startsWith('ERR_')) return error.message;
  // Node writes `ENOSPC: no space left on device, write`
  const words = /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1];
  return words === undefined ? code : `${words} (${code})`;
}
