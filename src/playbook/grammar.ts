/** The small languages inside of a playbook's texts. The schema has the same patterns; these give the values. */

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, KiB: 1024, MiB: 1024 * 1024 };

/** `4096`, `0x1000`, `4k`, `4KiB`, `1MiB` in bytes; null: no size, or beyond whole numbers. */
export function parseSize(size: number | string): number | null {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size >= 0 ? size : null;
  const match = /^(?:(0x[0-9a-fA-F]+)|([0-9]+)(k|KiB|MiB)?)$/.exec(size);
  if (match === null) return null;
  const bytes = match[1] === undefined ? Number(match[2]) * SIZE_UNITS[match[3] ?? '']! : Number(match[1]);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What a timer of the runtime can hold: 24 days. */
export const MAX_DURATION_MS = 0x7fff_ffff;

/** `500ms`, `300s`, `2m`, `1h` in milliseconds; null: no duration, or longer than {@link MAX_DURATION_MS}. */
export function parseDuration(duration: string): number | null {
  const match = /^([0-9]+)(ms|s|m|h)$/.exec(duration);
  if (match === null) return null;
  const ms = Number(match[1]) * DURATION_UNITS_MS[match[2]!]!;
  return ms <= MAX_DURATION_MS ? ms : null;
}

/** `4`, `1..4`, `1..`; `max` null: no upper bound. Null: no range, or one that nothing can meet. */
export function parseExpect(
  expect: number | string,
): { readonly min: number; readonly max: number | null } | null {
  const match = /^([0-9]+)(\.\.([0-9]+)?)?$/.exec(String(expect));
  if (match === null) return null;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === undefined ? null : Number(match[3]);
  if (max !== null && (max < min || max === 0)) return null;
  return Number.isSafeInteger(min) && (max === null || Number.isSafeInteger(max)) ? { min, max } : null;
}
