import lab from '../../schemas/lab.schema.json' with { type: 'json' };
import playbook from '../../schemas/playbook.schema.json' with { type: 'json' };
import { escaped, text } from './man-page.ts';
import { objectsOf, type KeyFacts } from './schema-objects.ts';

interface LanguagePage {
  /** `runbook-playbook` */
  readonly name: string;
  readonly summary: string;
  readonly description: readonly string[];
  readonly schema: object;
  /** A whole file. */
  readonly example: string;
  readonly version: string;
}

/** runbook-playbook(5), made of the schema. `example`: a playbook. */
export const playbookManPage = (version: string, example: string): string =>
  languagePage({
    name: 'runbook-playbook',
    summary: 'what to upgrade, with which firmware, and how',
    description: [
      'A playbook is a YAML file. runbook plan shows what it would do on this host, and runbook apply does it.',
      'Unknown keys are errors. Keys that begin with x- are free for people, in every mapping. Values that look like numbers and are text, revisions above all, stand in quotes.',
    ],
    schema: playbook,
    example,
    version,
  });

/** runbook-lab(5), made of the schema. `example`: a lab. */
export const labManPage = (version: string, example: string): string =>
  languagePage({
    name: 'runbook-lab',
    summary: 'a simulated host for runbook',
    description: [
      'A lab is a YAML file. It describes the devices of a simulated host, for the option --lab of runbook, or for runbook lab up, which makes real nodes of them.',
    ],
    schema: lab,
    example,
    version,
  });

function languagePage({ name, summary, description, schema, example, version }: LanguagePage): string {
  return [
    '.\\" Made by scripts/generate.mjs from the schema of the language. Do not edit.',
    `.TH ${name.toUpperCase()} 5 "" "runbook ${version}" "File Formats"`,
    '.SH NAME',
    `${escaped(name)} \\- ${text(summary)}`,
    '.SH DESCRIPTION',
    ...description.flatMap((paragraph, index) => [...(index === 0 ? [] : ['.PP']), text(paragraph)]),
    '.SH KEYS',
    ...objectsOf(schema).flatMap((object) => [
      `.SS ${text(object.place === '' ? 'The file' : object.place)}`,
      ...(object.description === null ? [] : [text(object.description)]),
      ...object.keys.flatMap(keyLines),
    ]),
    '.SH EXAMPLE',
    '.nf',
    ...example.trimEnd().split('\n').map(text),
    '.fi',
    '.SH SEE ALSO',
    '.BR runbook (8)',
    '',
  ].join('\n');
}

function keyLines({ name, value, isRequired, description, fallback, examples }: KeyFacts): string[] {
  const meaning = [
    ...(isRequired ? ['Required.'] : []),
    ...(description === null ? [] : [description]),
    ...(fallback === null ? [] : [`Default: ${fallback}.`]),
    ...(examples.length === 0 ? [] : [`For example ${examples.join(', ')}.`]),
  ];
  return ['.TP', `\\fB${escaped(name)}\\fR: \\fI${escaped(value)}\\fR`, text(meaning.join(' '))];
}
