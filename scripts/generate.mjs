// Makes src/generated from schemas/: the validators (compiled, so that ajv is not loaded at run time) and the types.
// Makes the manual and docs/reference from what the program says of itself (scripts/reference).
// With --check nothing is written; the exit code is 1 when a committed file differs from what would be made.
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { compile as compileTypes } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';
import { tsImport } from 'tsx/esm/api';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');

const LANGUAGES = [
  { name: 'playbook', validator: 'validatePlaybook' },
  { name: 'lab', validator: 'validateLab' },
];

const banner = (name) => `// Made by scripts/generate.mjs from schemas/${name}.schema.json. Do not edit.`;

/** Copies a schema, leaving out what `drop` says; maps of named schemas (properties, definitions) keep their names. */
function prune(schema, drop) {
  if (Array.isArray(schema)) return schema.map((item) => prune(item, drop));
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = {};
  for (const [key, value] of Object.entries(schema)) {
    // What a key says of itself makes no type of its own.
    if (key === 'description' && schema.$ref !== undefined) continue;
    if (key === 'properties' || key === 'definitions') {
      copy[key] = Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, prune(sub, drop)]));
    } else if (!drop.includes(key)) copy[key] = prune(value, drop);
  }
  return copy;
}

/** Self-contained ESM: ajv's own ESM output still has `require` calls in it, so it is bundled with its helpers. */
async function validatorOf({ name, validator }, schema) {
  const ajv = new Ajv({
    strict: true,
    allowUnionTypes: true, // sizes are numbers or text
    allErrors: true,
    discriminator: true,
    verbose: true, // parentSchema gives the known keys for "did you mean"
    messages: false, // the words are src/playbook/schema-values.ts
    inlineRefs: false, // one function for sizes, durations and modes instead of one copy for each key
    code: { source: true, esm: true },
  });
  // What is for editors alone would only be parsed at every start.
  ajv.addSchema(
    prune(schema, ['description', 'default', 'examples', 'enumDescriptions', 'risks', '$schema']),
    name,
  );
  const bundle = await build({
    stdin: { contents: standaloneCode.default(ajv, { [validator]: name }), resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'node20',
    legalComments: 'none',
    minify: true, // nearly half the size, and nobody reads it
  });
  return `${banner(name)}\n${bundle.outputFiles[0].text}`;
}

const validatorTypes = ({ name, validator }) => `${banner(name)}
import type { SchemaError } from './schema-error.ts';

/** True: \`value\` has the shape of schemas/${name}.schema.json. False: \`errors\` says all that is wrong. */
export declare const ${validator}: {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
};
`;

const schemaErrorTypes = `// Made by scripts/generate.mjs. Do not edit.

/** One error of a validator: what of ajv's ErrorObject is used here. */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer of the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly parentSchema: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}
`;

const types = ({ name }, schema) =>
  // patternProperties would put an index signature on every interface, and a misspelt key would compile.
  compileTypes(prune(schema, ['patternProperties', '$schema', 'discriminator']), name, {
    bannerComment: banner(name),
    ignoreMinAndMaxItems: true,
    additionalProperties: false,
    style: { singleQuote: true, printWidth: 110, semi: true, trailingComma: 'all' },
  });

let different = 0;
await settle('src/generated/schema-error.ts', schemaErrorTypes);
for (const language of LANGUAGES) {
  const schema = JSON.parse(await readFile(join(root, `schemas/${language.name}.schema.json`), 'utf8'));
  const name = `src/generated/${language.name}`;
  await settle(`${name}-validator.js`, await validatorOf(language, schema));
  await settle(`${name}-validator.d.ts`, validatorTypes(language));
  await settle(`${name}.ts`, await types(language, schema));
}
// The pages are made by the sources, which need the files above.
const { referencePages } = await tsImport('./reference/pages.ts', import.meta.url);
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
for (const [name, text] of await referencePages(version)) {
  await settle(name, name.endsWith('.md') ? await laidOut(name, text) : text);
}
if (check && different > 0) process.exitCode = 1;

async function settle(name, text) {
  const path = join(root, name);
  if ((await readFile(path, 'utf8').catch(() => null)) === text) return;
  different++;
  if (!check) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  console.log(`${name}: ${check ? 'differs from what it is made of; run npm run generate' : 'written'}`);
}

/** As `npm run format` leaves it. */
async function laidOut(name, text) {
  return format(text, { ...(await resolveConfig(join(root, name))), filepath: name });
}
