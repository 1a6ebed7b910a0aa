import type { ErrorLayer } from './refusals/entry.ts';
import { REFUSALS } from './refusals/list.ts';
import type { RefusalCode } from './refusals/list.ts';
import { isCount, isText, optional, orNull } from './shape.ts';
import type { Shape } from './shape.ts';

/** Who holds the lock of a unit, as far as the lock says it. */
export interface LockHolder {
  /** Name of the run; null: it is not known, or no run. */
  readonly run: string | null;
  readonly pid: number | null;
  /** ISO 8601 */
  readonly since: string | null;
}

/**
 * Why something is not done, or did not go well: `error` of a unit and of every JSON document. Code and layer are for programs,
 * message and next for people; nothing is decided by their text.
 */
export interface Refusal {
  readonly code: RefusalCode;
  readonly layer: ErrorLayer;
  readonly message: string;
  /** One next step. */
  readonly next: string;
  /** CDB of the failing command in lower-case hex. */
  readonly cdb: string | null;
  /** In bytes of the image. */
  readonly offset: number | null;
  readonly sense: {
    readonly key: number;
    readonly asc: number;
    readonly ascq: number;
    readonly text: string;
  } | null;
  /** With the code `locked` alone: who holds the unit. */
  readonly lockedBy?: LockHolder;
}

/** A refusal in a file: one that another version wrote may have a code that this one does not know. */
export const REFUSAL: Shape = {
  fields: {
    // Version 0.1.0 wrote none.
    code: optional(isText),
    layer: isText,
    message: isText,
    next: isText,
    cdb: orNull(isText),
    offset: orNull(isCount),
    sense: orNull({ fields: { key: isCount, asc: isCount, ascq: isCount, text: isText } }),
    lockedBy: optional({ fields: { run: orNull(isText), pid: orNull(isCount), since: orNull(isText) } }),
  },
};

/** What a caller knows beside the wording of the list. */
export type RefusalFacts = Partial<Omit<Refusal, 'code' | 'message'>>;

/** The words in braces of a template. */
type Names<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

type ValueNames<Code extends RefusalCode> = Names<
  (typeof REFUSALS)[Code]['message'] | (typeof REFUSALS)[Code]['next']
>;

export type RefusalValues<Code extends RefusalCode> = Readonly<Record<ValueNames<Code>, string | number>>;

type Rest<Code extends RefusalCode> = [ValueNames<Code>] extends [never]
  ? [values?: Readonly<Record<string, never>>, facts?: RefusalFacts]
  : [values: RefusalValues<Code>, facts?: RefusalFacts];

/** A refusal in the words of the list. `values` fill in the words in braces; `facts` replace what the list says. */
export function refusal<Code extends RefusalCode>(
  code: Code,
  ...[values = {}, facts = {}]: Rest<Code>
): Refusal {
  const { layer, message, next } = REFUSALS[code];
  return {
    code,
    layer,
    message: filled(message, values),
    next: sentence(filled(next, values)),
    cdb: null,
    offset: null,
    sense: null,
    ...facts,
  };
}

/** A value may stand at its beginning. */
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function filled(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}
