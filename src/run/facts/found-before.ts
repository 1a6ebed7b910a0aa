import { isCount, isText, optional } from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import type { EnclosureHealth } from './health.ts';

/** Status codes of the elements of one type in one subenclosure, in the order of the enclosure. */
interface ElementCodes {
  readonly subenclosure: number;
  readonly elementType: number;
  readonly codes: readonly number[];
}

/** Modules of one enclosure that bring each other to one revision (`partner-sync`). */
export interface InStep {
  readonly sync: string;
  /** Ids of the others. */
  readonly partners: readonly string[];
}

/** What was around a unit before its first byte, and has to be there again. As JSON holds it; absent: not known. */
export interface FoundBefore {
  /** Paths to it, and to drives through it; empty: nobody wants to know (verify.paths). */
  readonly paths?: readonly string[];
  /** Those of the paths to it over which it answered; absent: it has one path alone, or nobody wants to know. */
  readonly answering?: readonly string[];
  /** Modules that have to show the target as well; absent: none, or not known. */
  readonly inStep?: InStep;
  /** Of the parts of its enclosure (page 02h); absent as well where nobody wants to know, or it has no such page. */
  readonly health?: readonly ElementCodes[];
}

export const FOUND_BEFORE = {
  paths: optional({ list: isText }),
  answering: optional({ list: isText }),
  inStep: optional({ fields: { sync: isText, partners: { list: isText } } }),
  health: optional({
    list: { fields: { subenclosure: isCount, elementType: isCount, codes: { list: isCount } } },
  }),
} as const satisfies Readonly<Record<keyof FoundBefore, Shape>>;

/** Nothing but what belongs there, of a record or an entry that has more. */
export const foundBeforeOf = ({ paths, answering, inStep, health }: FoundBefore): FoundBefore => ({
  ...(paths !== undefined && { paths }),
  ...(answering !== undefined && { answering }),
  ...(inStep !== undefined && { inStep }),
  ...(health !== undefined && { health }),
});

/** What of an enclosure's health a later look needs. */
export function codesOf({ elements }: EnclosureHealth): readonly ElementCodes[] {
  const kinds = new Map<string, { subenclosure: number; elementType: number; codes: number[] }>();
  for (const { subenclosureId, elementType, index, code } of elements) {
    const key = `${subenclosureId} ${elementType}`;
    const kind = kinds.get(key) ?? { subenclosure: subenclosureId, elementType, codes: [] };
    kind.codes[index] = code;
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

/** The health of which these codes were kept. The texts of the vendor are not. */
export const healthOfCodes = (kept: readonly ElementCodes[]): EnclosureHealth => ({
  bits: [],
  elements: kept.flatMap(({ subenclosure, elementType, codes }) =>
    codes.map((code, index) => ({ subenclosureId: subenclosure, elementType, index, text: '', code })),
  ),
});
