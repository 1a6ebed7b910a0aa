/** The small language inside of `expect`. The schema has the same pattern; this gives the values. */

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
