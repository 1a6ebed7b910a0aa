/**
 * What a value from a file must look like: a test of a leaf, or the shape of each entry of a list, or of each field.
 * Fields that are not named may be there: a newer version may have written them.
 */
export type Shape =
  | ((value: unknown) => boolean)
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** JSON pointer of the first value that has not its shape; null: all is well. */
export function firstMismatch(value: unknown, shape: Shape, place = ''): string | null {
  if (typeof shape === 'function') return shape(value) ? null : place || '/';
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== 'list' in shape)
    return place || '/';
  const own = (key: string): unknown => (Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined);
  const keys = 'list' in shape ? Object.keys(value) : Object.keys(shape.fields);
  for (const key of keys) {
    const mismatch = firstMismatch(
      own(key),
      'list' in shape ? shape.list : shape.fields[key]!,
      `${place}/${key}`,
    );
    if (mismatch !== null) return mismatch;
  }
  return null;
}

export const isText = (value: unknown): boolean => typeof value === 'string';
export const isFlag = (value: unknown): boolean => typeof value === 'boolean';
export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
export const isSeconds = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;
export const isTime = (value: unknown): boolean =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value));
export const isSha256 = (value: unknown): boolean =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

export const oneOf =
  (...words: readonly string[]): Shape =>
  (value) =>
    typeof value === 'string' && words.includes(value);

export const orNull =
  (shape: Shape): Shape =>
  (value) =>
    value === null || firstMismatch(value, shape) === null;

/** The field may be missing. */
export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || firstMismatch(value, shape) === null;
