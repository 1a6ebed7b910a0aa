import { isText, oneOf, orNull } from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import { shownText } from '../../base/bytes.ts';
import type { Verification } from '../../microcode/verification.ts';

const CHANGEABLE = ['vendor', 'product', 'serial-number'] as const;

/** Something that a unit shows otherwise than before its first byte, beside its revision. As JSON holds it. */
export interface Change {
  readonly what: (typeof CHANGEABLE)[number];
  /** null: the unit showed none. */
  readonly before: string | null;
  readonly after: string | null;
}

export const CHANGES: Shape = {
  list: { fields: { what: oneOf(...CHANGEABLE), before: orNull(isText), after: orNull(isText) } },
};

/** What a unit showed before its first byte. */
export interface ShownBefore {
  readonly vendor: string;
  readonly product: string;
  /** VPD page 80h, exact. */
  readonly serialNumber: string | null;
}

type Seen = Pick<Verification, 'revision' | 'vendor' | 'product' | 'identity'>;

/** What has changed, in the order of the list; empty where the unit did not answer. */
export function changesOf(
  before: ShownBefore,
  { revision, vendor, product, identity }: Seen,
): readonly Change[] {
  if (revision === null) return [];
  const { unread = [] } = (identity ?? {}) as { readonly unread?: readonly string[] };
  const serial =
    identity === null || unread.includes('vpd-80h') ? before.serialNumber : identity.serialNumber;
  const found: readonly Change[] = [
    { what: 'vendor', before: before.vendor, after: vendor },
    { what: 'product', before: before.product, after: product },
    { what: 'serial-number', before: before.serialNumber, after: serial },
  ];
  return found.filter((change) => change.before !== change.after);
}

const NAMES: Readonly<Record<Change['what'], string>> = {
  vendor: 'vendor (INQUIRY)',
  product: 'product (INQUIRY)',
  'serial-number': 'serial number (VPD page 80h)',
};

const quoted = (text: string | null): string => (text === null ? 'none' : `"${shownText(text)}"`);

/** `product (INQUIRY) "A" → "B"` */
export const changeText = ({ what, before, after }: Change): string =>
  `${NAMES[what]} ${quoted(before)} → ${quoted(after)}`;
