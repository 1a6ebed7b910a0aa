// Made by scripts/generate.mjs from schemas/lab.schema.json. Do not edit.
import type { SchemaError } from './schema-error.ts';

/** True: `value` has the shape of schemas/lab.schema.json. False: `errors` says all that is wrong. */
export declare const validateLab: {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
};
