import { createHash } from 'node:crypto';

/** A command as it reached a served unit. */
export interface CardCommand {
  /** Its serial number. */
  readonly unit: string;
  readonly atMs: number;
  /** Lower-case hex, zeros up to 16 bytes behind it. */
  readonly cdb: string;
  readonly dataOutBytes: number;
  readonly dataOutSha256: string;
}

/** What the log holds between a mark (`{"row": NAME}`) and the next one. */
export function commandsByRow(log: string): ReadonlyMap<string, readonly CardCommand[]> {
  const rows = new Map<string, CardCommand[]>();
  let current: CardCommand[] = [];
  for (const line of log.trimEnd().split('\n')) {
    const entry = JSON.parse(line) as CardCommand | { readonly row: string };
    if ('row' in entry) rows.set(entry.row, (current = []));
    else current.push(entry);
  }
  return rows;
}

export const isInquiry = ({ cdb }: CardCommand): boolean => cdb.startsWith('12');
/** WRITE BUFFER and SEND DIAGNOSTIC, with data or without. */
export const isWrite = ({ cdb }: CardCommand): boolean => /^(3b|1d)/.test(cdb);
export const isActivation = ({ cdb }: CardCommand): boolean => cdb.startsWith('3b0f');

/** How often the image reached the card as a whole, each chunk at its offset with its own bytes; NaN: something else did. */
export function timesWritten(commands: readonly CardCommand[], image: Uint8Array): number {
  const chunks = commands.filter(({ cdb, dataOutBytes }) => cdb.startsWith('3b') && dataOutBytes > 0);
  const offsets = new Map<number, number>();
  for (const { cdb, dataOutBytes, dataOutSha256 } of chunks) {
    const offset = Number.parseInt(cdb.slice(6, 12), 16);
    const own = createHash('sha256')
      .update(image.subarray(offset, offset + dataOutBytes))
      .digest('hex');
    if (own !== dataOutSha256) return Number.NaN;
    offsets.set(offset, (offsets.get(offset) ?? 0) + 1);
  }
  const times = new Set(offsets.values());
  const bytes = chunks.reduce((sum, { dataOutBytes }) => sum + dataOutBytes, 0);
  return times.size > 1 || bytes % image.length !== 0 ? Number.NaN : bytes / image.length;
}
