/** Sizes and durations as playbooks, labs and options write them. The schemas have the same patterns; these give the values. */

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, KiB: 1024, MiB: 1024 * 1024 };

/** `4096`, `0x1000`, `4k`, `4KiB`, `1MiB` in bytes; null: not a size, or beyond whole numbers. */
export function parseSize(size: number | string): number | null {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size >= 0 ? size : null;
  const match = /^(?:(0x[0-9a-fA-F]+)|([0-9]+)(k|KiB|MiB)?)$/.exec(size);
  if (match === null) return null;
  const bytes = match[1] === undefined ? Number(match[2]) * SIZE_UNITS[match[3] ?? '']! : Number(match[1]);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

const DURATION_UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type DurationUnit = keyof typeof DURATION_UNITS_MS;

/** What a timer of the runtime can hold: 24 days. */
export const MAX_DURATION_MS = 0x7fff_ffff;

/** `500ms`, `300s`, `2m`, `1h` in milliseconds; null: not a duration, or longer than {@link MAX_DURATION_MS}. */
export function parseDuration(duration: string): number | null {
  const ms = durationMs(duration, ['ms', 's', 'm', 'h']);
  return ms !== null && ms <= MAX_DURATION_MS ? ms : null;
}

/** `90d`, `12h` in milliseconds, for what lies years back; null: not an age. */
export function parseAge(age: string): number | null {
  const ms = durationMs(age, ['d', 'h']);
  return ms !== null && ms < 100_000 * DURATION_UNITS_MS.d ? ms : null;
}

function durationMs(text: string, units: readonly DurationUnit[]): number | null {
  const match = /^([0-9]+)([a-z]+)$/.exec(text);
  const unit = units.find((name) => name === match?.[2]);
  return match === null || unit === undefined ? null : Number(match[1]) * DURATION_UNITS_MS[unit];
}

/** How many commands carry `lengthBytes`, so many at a time: the last one takes the rest. */
export function chunkCount(lengthBytes: number, bytesPerChunk: number | 'whole'): number {
  return bytesPerChunk === 'whole' ? 1 : Math.ceil(lengthBytes / bytesPerChunk);
}
