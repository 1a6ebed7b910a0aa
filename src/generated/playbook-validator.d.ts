// Made by scripts/generate.mjs from schemas/playbook.schema.json. Do not edit.
import type { SchemaError } from './schema-error.ts';

/** True: `value` has the shape of schemas/playbook.schema.json. False: `errors` says all that is wrong. */
export declare const validatePlaybook: {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
};
