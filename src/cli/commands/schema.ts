import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer } from '../answer.ts';
import { documentSchema } from '../document-schema.ts';
import { SCHEMA_FILES, SCHEMA_NAMES, type SchemaFile } from '../schema-names.ts';
import { UsageError } from '../usage-error.ts';

/** Bundled as text is: the program answers without its folder. Loaded one at a time. */
const SCHEMAS: Readonly<Record<SchemaFile, () => Promise<{ default: object }>>> = {
  playbook: () => import('../../../schemas/playbook.schema.json'),
  lab: () => import('../../../schemas/lab.schema.json'),
  report: () => import('../../../schemas/report.schema.json'),
  events: () => import('../../../schemas/events.schema.json'),
  trace: () => import('../../../schemas/trace.schema.json'),
  journal: () => import('../../../schemas/journal.schema.json'),
};

/** `runbook schema [NAME]`: the schema itself is the document, in every format. */
export async function schema(name: string): Promise<Answer> {
  const known = SCHEMA_NAMES.find((known) => known === name);
  if (known === undefined) {
    throw new UsageError(`there is no schema '${name}'`, `Give one of ${SCHEMA_NAMES.join(', ')}.`);
  }
  const file = SCHEMA_FILES.find((file) => file === known);
  const document =
    file === undefined
      ? documentSchema((await SCHEMAS.report()).default, known)
      : (await SCHEMAS[file]()).default;
  return { exit: exitOf('OK'), document, text: `${JSON.stringify(document, null, 2)}\n`, isFile: true };
}
