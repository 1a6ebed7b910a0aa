import { Ajv, type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { inProject } from '../../support/paths.ts';

const validators = new Map<string, ValidateFunction>();

/** Throws with the first violations when a document does not obey `schemas/NAME.schema.json`. */
export function obeys(name: 'report' | 'events' | 'trace' | 'journal', document: unknown): void {
  const validate = validators.get(name) ?? compile(name);
  validators.set(name, validate);
  if (validate(document)) return;
  const told = (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
  throw new Error(
    `not a document of ${name}.schema.json:\n${told.slice(0, 8).join('\n')}\n${JSON.stringify(document)}`,
  );
}

function compile(name: string): ValidateFunction {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true, discriminator: true });
  return ajv.compile(JSON.parse(readFileSync(inProject(`schemas/${name}.schema.json`), 'utf8')) as object);
}
