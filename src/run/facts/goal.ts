import { toHex } from '../../base/bytes.ts';
import { firstMismatch, isCount, isFlag, isText, optional, orNull } from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import type { ResolvedPlay, ResolvedWitness } from '../../playbook/resolved.ts';
import type { DeviceFacts } from './inspect.ts';

/** What, beside the revision, has to be known to say later whether a unit runs what was sent. As JSON holds it. */
export interface Proof {
  /** INQUIRY product at the target. */
  readonly product: string;
  /** The revision never moves: the witness alone decides. */
  readonly unchanged: boolean;
  /** What the device says → what it means. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly witness: KeptWitness | null;
  /** `via: ses`: the subenclosure that got the image; null: sent by WRITE BUFFER. */
  readonly subenclosure: number | null;
  /** `verify.within` of the playbook, in milliseconds; absent: an older version kept none. */
  readonly withinMs?: number;
}

/** `verify.within` where none is known: what a playbook has that does not name one. */
export const DEFAULT_WITHIN_MS = 120_000;

/** A witness of the playbook; bytes in lower-case hex. */
type KeptWitness =
  | Exclude<ResolvedWitness, { kind: 'vpd' }>
  | (Omit<Extract<ResolvedWitness, { kind: 'vpd' }>, 'equals'> & { readonly equals: string });

const isAliases = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(isText);

const isHex = (value: unknown): boolean => typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value);

const WITNESSES: Readonly<Record<KeptWitness['kind'], Shape>> = {
  vpd: { fields: { pageCode: isCount, offset: isCount, equals: isHex } },
  'ses-revision': { fields: { subenclosureId: isCount, equals: isText } },
  sysfs: { fields: { path: isText, equals: isText } },
};

function isWitness(value: unknown): boolean {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : null;
  if (typeof kind !== 'string' || !Object.hasOwn(WITNESSES, kind)) return false;
  return firstMismatch(value, WITNESSES[kind as KeptWitness['kind']]) === null;
}

export const PROOF: Shape = {
  fields: {
    product: isText,
    unchanged: isFlag,
    aliases: isAliases,
    witness: orNull(isWitness),
    subenclosure: orNull(isCount),
    withinMs: optional(isCount),
  },
};

/** How it is proven that a unit runs what the play brings, without the playbook at hand. */
export function proofOf({ verify, firmware, download }: ResolvedPlay, facts: DeviceFacts): Proof {
  const { witness } = verify;
  const section = download.at(-1);
  return {
    product: firmware.product ?? facts.product,
    unchanged: verify.unchanged,
    aliases: verify.aliases,
    witness: witness?.kind === 'vpd' ? { ...witness, equals: toHex(witness.equals) } : witness,
    subenclosure: section?.via === 'ses' ? section.subenclosureId : null,
    withinMs: verify.withinMs,
  };
}
