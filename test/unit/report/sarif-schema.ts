import Ajv04 from 'ajv-draft-04';
import { readFileSync } from 'node:fs';
import { inProject } from '../../support/paths.ts';

/** The public schema of SARIF 2.1.0 (draft-04), as this package of Microsoft's carries it. Only the file is used. */
const SCHEMA = 'node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';

const isUri = (text: string): boolean => URL.canParse(text);
/** RFC 3986: what a reference may be made of; a space or a raw `#` in a file's name is not among it. */
const isUriReference = (text: string): boolean =>
  /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/.test(text) && URL.canParse(text, 'file:///');

// A pattern of the schema is none where regular expressions are read strictly.
const ajv = new Ajv04({ strict: false, allErrors: true, unicodeRegExp: false });
ajv.addFormat('uri', isUri);
ajv.addFormat('uri-reference', isUriReference);
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
const validate = ajv.compile(JSON.parse(readFileSync(inProject(SCHEMA), 'utf8')) as object);

/** Throws with the first violations when `log` is not SARIF 2.1.0. */
export function isSarif(log: unknown): void {
  // `$schema` names the schema of the standard; the copy checks that it is a URI.
  if (validate(log)) return;
  const told = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  throw new Error(`not SARIF 2.1.0:\n${told.slice(0, 8).join('\n')}`);
}
