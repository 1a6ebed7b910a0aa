/** The parts of JSON Schema (draft-07) that the project's schemas use. */
interface Schema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of words that accept a risk, what may happen; the empty word: any value. */
  readonly risks?: Readonly<Record<string, string>>;
}

export interface KeyFacts {
  readonly name: string;
  /** What may stand there, in words. */
  readonly value: string;
  readonly isRequired: boolean;
  readonly description: string | null;
  readonly fallback: string | null;
  readonly examples: readonly string[];
  readonly risks: readonly (readonly [word: string, risk: string])[];
}

/** A mapping of the language, under the path where it stands: `plays[].match`. */
export interface ObjectFacts {
  /** Empty: the file itself. Mappings that one word selects have it behind the path. */
  readonly place: string;
  readonly description: string | null;
  readonly keys: readonly KeyFacts[];
}

/** Every mapping that the schema describes, in the order in which it is met; one that stands at many places once. */
export function objectsOf(schema: object): ObjectFacts[] {
  const root = schema as Schema;
  const found: ObjectFacts[] = [];
  const seen = new Set<Schema>();

  const resolve = (part: Schema): Schema => {
    if (part.$ref === undefined) return part;
    const name = part.$ref.replace('#/definitions/', '');
    const definition = root.definitions?.[name];
    if (definition === undefined) throw new Error(`the schema has no definition ${name}`);
    return resolve(definition);
  };

  const visit = (part: Schema, place: string): void => {
    const whole = resolve(part);
    if (whole.items !== undefined) visit(whole.items, `${place}[]`);
    for (const choice of [...(whole.anyOf ?? []), ...(whole.oneOf ?? [])]) visit(choice, place);
    if (whole.properties === undefined || seen.has(whole)) return;
    seen.add(whole);
    const selected = Object.entries(whole.properties).find(
      ([name, value]) => name === 'via' && resolve(value).const !== undefined,
    );
    found.push({
      place:
        selected === undefined ? place : `${place}, ${selected[0]}: ${String(resolve(selected[1]).const)}`,
      description: whole.description ?? null,
      keys: Object.entries(whole.properties).map(([name, value]) =>
        keyOf(name, value, whole.required ?? [], resolve),
      ),
    });
    for (const [name, value] of Object.entries(whole.properties)) {
      // A mapping with words of its own here has its place elsewhere.
      const isElsewhere = value.$ref !== undefined && value.description !== undefined;
      if (!isElsewhere) visit(value, place === '' ? name : `${place}.${name}`);
    }
  };
  visit(root, '');
  return found;
}

function keyOf(
  name: string,
  part: Schema,
  required: readonly string[],
  resolve: (part: Schema) => Schema,
): KeyFacts {
  const whole = { ...resolve(part), ...part };
  const empty = Array.isArray(whole.default) && whole.default.length === 0;
  return {
    name,
    value: valueText(part, resolve),
    isRequired: required.includes(name),
    description: whole.description ?? null,
    fallback: whole.default === undefined || empty ? null : yamlText(whole.default),
    examples: (whole.examples ?? []).map(yamlText),
    risks: Object.entries(whole.risks ?? {}),
  };
}

function valueText(part: Schema, resolve: (part: Schema) => Schema): string {
  const whole = resolve(part);
  if (typeof whole.const === 'string') return `\`${whole.const}\``;
  if (whole.enum !== undefined) return whole.enum.map((word) => `\`${String(word)}\``).join(', ');
  const choices = [...(whole.anyOf ?? []), ...(whole.oneOf ?? [])];
  if (choices.length > 0) {
    return [...new Set(choices.map((choice) => valueText(choice, resolve)))].join(', or ');
  }
  if (whole.items !== undefined) return `list: ${valueText(whole.items, resolve)}`;
  if (whole.type === 'object') return 'mapping';
  if (whole.type === 'boolean') return '`true`, `false`';
  const isNumber = [whole.type].flat().includes('integer');
  if (whole.pattern !== undefined) return PATTERNS.find(([test]) => test.test(whole.pattern!))?.[1] ?? 'text';
  if (isNumber) return `number${limits(whole)}`;
  return 'text';
}

/** The forms that texts and numbers of the language have, by what their patterns allow. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/auto\|whole/, 'size, `auto`, `whole`'],
  [/KiB\|MiB.*a-z/, 'size or name'],
  [/KiB\|MiB/, 'size'],
  [/ms\|s\|m\|h/, 'time'],
  [/\{64\}/, '64 hex digits'],
  [/\\\.\\\./, '`N`, `A..B` or `A..`'],
];

function limits({ minimum, maximum }: Schema): string {
  if (minimum === undefined) return '';
  return maximum === undefined ? ` from ${minimum}` : ` ${minimum}–${maximum}`;
}

/** A value as people write it in a playbook: text that YAML would read as something else in quotes. */
function yamlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${yamlText(key)}: ${yamlText(inner)}`);
    return `{ ${pairs.join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9 ./_!*-]*$/.test(value);
  const isOther = /^(0x[0-9a-f]+|[0-9]+(\.[0-9]*)?(e[0-9]+)?|true|false|null)$/i.test(value);
  return isPlain && !isOther ? value : JSON.stringify(value);
}
