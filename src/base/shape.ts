/**
 * What a value from a file must look like: a test of a leaf, or the shape of each entry of a list or map, or of each field.
 * Fields that are not named may be there: a newer version may have written them.
 */
export type Shape =
  | ((value: unknown) => boolean)
  | { readonly list: Shape }
  | { readonly map: Shape; readonly isName?: (name: string) => boolean }
  | { readonly fields: Readonly<Record<string, Shape>> }
  | { readonly except: null | undefined; readonly shape: Shape }
  /** Which shape it must have depends on what it is. */
  | { readonly shapeOf: (value: unknown) => Shape };

/** JSON pointer of the first value that does not have its shape; null: all is well. */
export function firstMismatch(value: unknown, shape: Shape, pointer = ''): string | null {
  if (typeof shape === 'function') return shape(value) ? null : pointer || '/';
  if ('except' in shape) return value === shape.except ? null : firstMismatch(value, shape.shape, pointer);
  if ('shapeOf' in shape) return firstMismatch(value, shape.shapeOf(value), pointer);
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== 'list' in shape)
    return pointer || '/';
  for (const key of Object.keys('fields' in shape ? shape.fields : value)) {
    const inside = `${pointer}/${key}`;
    if ('map' in shape && shape.isName?.(key) === false) return inside;
    const part = 'fields' in shape ? shape.fields[key]! : 'list' in shape ? shape.list : shape.map;
    const mismatch = firstMismatch(fieldOf(value, key), part, inside);
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
/** Bytes in lower-case hex. */
export const isHex = (value: unknown): boolean => typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value);

export const oneOf =
  (...words: readonly string[]): Shape =>
  (value) =>
    typeof value === 'string' && words.includes(value);

export const orNull = (shape: Shape): Shape => ({ except: null, shape });

/** Nothing has this shape. */
export const NO_SHAPE: Shape = () => false;

/** An own field of an object; undefined: there is none, or it is not an object. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (Reflect.get(value, name) as unknown)
    : undefined;

/** The field may be missing. */
export const optional = (shape: Shape): Shape => ({ except: undefined, shape });
