import { fromHex, toHex } from '../../base/bytes.ts';
import { fieldOf, isCount, isFlag, isHex, isText, NO_SHAPE, optional, orNull } from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import type { ResolvedPlay, ResolvedWitness } from '../../playbook/resolved.ts';
import { sentTo, SENT_TO } from './sent-to.ts';
import type { SentTo } from './sent-to.ts';
import type { DeviceFacts } from './inspect.ts';

/** What, beside the revision, has to be known to say later whether a unit runs what was sent. As JSON holds it. */
export interface Goal {
  /** INQUIRY product at the target. */
  readonly product: string;
  /** INQUIRY vendor at the target; absent: an older version kept none. */
  readonly vendor?: string;
  /** `firmware.serial: may-change`. */
  readonly serialMayChange?: boolean;
  /** The revision never moves: the witness alone decides. */
  readonly unchanged: boolean;
  /** What the device says → what it means. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly witness: KeptWitness | null;
  /** `via: ses`: the subenclosure that got the image; null: sent by WRITE BUFFER. */
  readonly subenclosure: number | null;
  /** Where the sections went, in their order; absent: an older version kept no more than `subenclosure`. */
  readonly sentTo?: readonly SentTo[];
  /** Of several sections those before the last, which `verify` proves; absent: there are none. */
  readonly sections?: readonly SectionProof[];
  /** `verify.within` of the playbook, in milliseconds; absent: an older version kept none. */
  readonly withinMs?: number;
}

/** What proves one of several sections. */
interface SectionProof {
  /** `section 1 of 2` */
  readonly name: string;
  /** null: the playbook accepts that nothing does. */
  readonly witness: KeptWitness | null;
}

/** `verify.within` where none is known: what a playbook has that does not name one. */
export const DEFAULT_WITHIN_MS = 120_000;

type Kept<Witness> = Witness extends { readonly equals: Uint8Array }
  ? Omit<Witness, 'equals'> & { readonly equals: string }
  : Witness;

/** A witness of the playbook; bytes in lower-case hex. */
type KeptWitness = Kept<ResolvedWitness>;

function keptWitness(witness: ResolvedWitness): KeptWitness {
  return witness.kind === 'vpd' || witness.kind === 'inquiry'
    ? { ...witness, equals: toHex(witness.equals) }
    : witness;
}

/** The way back. */
export function witnessOf(kept: KeptWitness): ResolvedWitness {
  return kept.kind === 'vpd' || kept.kind === 'inquiry' ? { ...kept, equals: fromHex(kept.equals) } : kept;
}

const WITNESSES: Readonly<Record<KeptWitness['kind'], Shape>> = {
  vpd: { fields: { pageCode: isCount, offset: isCount, equals: isHex } },
  inquiry: { fields: { offset: isCount, equals: isHex } },
  'link-rate': { fields: { atLeast: isText } },
  'ses-revision': { fields: { subenclosureId: isCount, equals: isText } },
  sysfs: { fields: { path: isText, equals: isText } },
};

const WITNESS: Shape = {
  shapeOf: (value) => {
    const kind = fieldOf(value, 'kind');
    return typeof kind === 'string' && Object.hasOwn(WITNESSES, kind)
      ? WITNESSES[kind as KeptWitness['kind']]
      : NO_SHAPE;
  },
};

export const PROOF: Shape = {
  fields: {
    product: isText,
    vendor: optional(isText),
    serialMayChange: optional(isFlag),
    unchanged: isFlag,
    aliases: { map: isText },
    witness: orNull(WITNESS),
    subenclosure: orNull(isCount),
    withinMs: optional(isCount),
    sentTo: optional(SENT_TO),
    sections: optional({ list: { fields: { name: isText, witness: orNull(WITNESS) } } }),
  },
};

/** How the sections before the last are proven, where the playbook says it. */
export const sectionProofs = (download: ResolvedPlay['download']): readonly SectionProof[] =>
  download.slice(0, -1).flatMap(({ witness, isUnproven }, index) => {
    if (witness === undefined && isUnproven !== true) return [];
    const name = `section ${index + 1} of ${download.length}`;
    return [{ name, witness: witness === undefined ? null : keptWitness(witness) }];
  });

/** The names of the sections of which nothing has to prove that they run. */
export const acceptedUnproven = (sections: readonly SectionProof[] = []): readonly string[] =>
  sections.flatMap(({ name, witness }) => (witness === null ? [name] : []));

/**
 * How it is proven that a unit runs what the play brings, without the playbook at hand.
 *
 * @param waiting where the image is that a play without a download activates
 */
export function goalOf(
  { verify, firmware, download }: ResolvedPlay,
  facts: DeviceFacts,
  waiting: readonly SentTo[] = [],
): Goal {
  const { witness } = verify;
  const targets = download.length === 0 ? waiting : sentTo(download);
  const last = targets.at(-1);
  const sections = sectionProofs(download);
  return {
    product: firmware.product ?? facts.product,
    vendor: firmware.vendor ?? facts.vendor,
    ...(firmware.serialMayChange && { serialMayChange: true }),
    unchanged: verify.unchanged,
    aliases: verify.aliases,
    witness: witness && keptWitness(witness),
    subenclosure: last?.via === 'ses' ? last.subenclosureId : null,
    sentTo: targets,
    ...(sections.length > 0 && { sections }),
    withinMs: verify.withinMs,
  };
}
