import { suggest } from '../base/suggest.ts';
import type { SchemaError } from '../generated/schema-error.ts';
import type { Problem } from './diagnostics.ts';
import { MISSING_HINTS, VIA_WORDS } from './schema-forms.ts';
import { constProblem, enumProblem, formProblem, limitProblem, typeProblem } from './schema-values.ts';
import { childPointer, nameOf } from './yaml-document.ts';
import type { YamlDocument } from './yaml-document.ts';
import { isStepWord, ACTIVATION_STEPS } from './steps.ts';

/** A problem, and whether its key or its value is what to point at. */
export interface PlacedProblem extends Problem {
  readonly at: 'key' | 'value';
}

export interface SchemaFindings {
  readonly problems: readonly PlacedProblem[];
  /** JSON pointers of values that are missing or wrong: nobody should build on them. */
  readonly broken: readonly string[];
}

/** Turns the validator's errors into words: one for each mistake, without the echoes of `anyOf`. */
export function schemaFindings(document: YamlDocument, errors: readonly SchemaError[]): SchemaFindings {
  const problems: PlacedProblem[] = [];
  const broken: string[] = [];
  const missing = new Set<string>();
  const meant = new Set<string>();
  for (const error of withoutEchoes(errors)) {
    const { keyword, instancePath, params } = error;
    if (keyword === 'additionalProperties') {
      const name = String(params['additionalProperty']);
      if (name === '<<') continue; // told where it stands
      const { problem, near } = unknownKey(error, name);
      problems.push(problem);
      if (near !== null) meant.add(childPointer(instancePath, near));
    } else if (keyword === 'required') {
      missing.add(childPointer(instancePath, String(params['missingProperty'])));
    } else if (keyword === 'discriminator') {
      const pointer = childPointer(instancePath, String(params['tag']));
      broken.push(pointer);
      if (params['tagValue'] === undefined) missing.add(pointer);
      else problems.push(unknownTag(document, pointer, params['tagValue']));
    } else {
      broken.push(instancePath);
      problems.push(valueProblem(document, error));
    }
  }
  for (const pointer of missing) {
    broken.push(pointer);
    // `vendr: HP` is one mistake: it was reported as the unknown key that it is.
    if (!meant.has(pointer)) problems.push(missingKey(pointer));
  }
  return { problems, broken };
}

/** In an `anyOf`, the branch for another kind of value complains too; and a wrong kind fails every other test as well. */
function withoutEchoes(errors: readonly SchemaError[]): readonly SchemaError[] {
  const wrongKind = errors.filter(({ keyword }) => keyword === 'type');
  const hasWrongKind = (error: SchemaError): boolean =>
    wrongKind.some((e) => e.instancePath === error.instancePath && e.parentSchema === error.parentSchema);
  const real = errors.filter((error) => error.keyword === 'type' || !hasWrongKind(error));
  const choices = real.filter(({ keyword }) => keyword === 'anyOf');
  if (choices.length === 0) return real;
  const dropped = new Set<SchemaError>();
  for (const choice of choices) {
    const at = choice.instancePath;
    const branches = real.filter(
      (error) =>
        error !== choice && error.schemaPath !== choice.schemaPath && isAtOrBelow(error.instancePath, at),
    );
    const kinds = branches.filter((error) => error.keyword === 'type' && error.instancePath === at);
    const telling = branches.length > kinds.length;
    if (telling) dropped.add(choice);
    for (const error of kinds) dropped.add(error);
  }
  return real.filter((error) => !dropped.has(error));
}

export const isAtOrBelow = (pointer: string, above: string): boolean =>
  pointer === above || pointer.startsWith(`${above}/`);

function unknownKey(
  { instancePath, parentSchema }: SchemaError,
  name: string,
): { readonly problem: PlacedProblem; readonly near: string | null } {
  const known = Object.keys(parentSchema['properties'] ?? {});
  const near = suggest(name, known);
  const where = instancePath === '' ? '' : ` in ${nameOf(instancePath)}`;
  const hint =
    isStepWord(name) && ACTIVATION_STEPS[name].value === 'none' && known.includes('wait-ready')
      ? `write it without a colon: - ${name}`
      : near !== null
        ? `did you mean ${near}?`
        : `known keys: ${known.join(', ')}; keys that begin with x- are ignored`;
  const path = childPointer(instancePath, name);
  return {
    problem: { code: 'unknown-key', path, message: `there is no key ${name}${where}`, hint, at: 'key' },
    near,
  };
}

function missingKey(pointer: string): PlacedProblem {
  const cut = pointer.lastIndexOf('/');
  const name = pointer.slice(cut + 1);
  const parent = pointer.slice(0, cut);
  const where = parent === '' ? '' : ` in ${nameOf(parent)}`;
  return {
    code: 'missing-key',
    path: pointer,
    message: `${name} is missing${where}`,
    hint: MISSING_HINTS[name] ?? null,
    at: 'key',
  };
}

function unknownTag(document: YamlDocument, pointer: string, value: unknown): PlacedProblem {
  return { ...enumProblem(document, pointer, value, { enum: VIA_WORDS }), at: 'value' };
}

function valueProblem(document: YamlDocument, error: SchemaError): PlacedProblem {
  const { keyword, instancePath: pointer, data, parentSchema } = error;
  switch (keyword) {
    case 'type':
      return { ...typeProblem(document, pointer, data, parentSchema), at: 'value' };
    case 'anyOf':
    case 'pattern':
      return { ...formProblem(document, pointer, data, parentSchema), at: 'value' };
    case 'enum':
      return { ...enumProblem(document, pointer, data, parentSchema), at: 'value' };
    case 'const':
      return { ...constProblem(document, pointer, parentSchema), at: 'value' };
    default:
      return { ...limitProblem(document, pointer, error), at: 'value' };
  }
}
