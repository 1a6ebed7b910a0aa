import { DecodeError } from '../base/errors.ts';
import type { AdditionalStatusDescriptor } from './additional-element-status.ts';
import type { Configuration } from './configuration.ts';
import type { EnclosureStatus } from './enclosure-status.ts';
import { decodeSasElementStatus } from './sas-element-status.ts';

/** One individual element: what page 02h says of it, and which one page 01h says that it is. */
export interface Element {
  readonly subenclosureId: number;
  readonly elementType: number;
  /** Among those of its type in its subenclosure, from 0. */
  readonly index: number;
  /** TYPE DESCRIPTOR TEXT: what the vendor calls the kind; may be blank. */
  readonly text: string;
  /** ELEMENT STATUS CODE */
  readonly code: number;
}

/**
 * The elements of page 02h in their order, without the overall ones, which many enclosures never set right. `missing`: how many
 * page 01h lists behind the end of page 02h. Both pages have to be of one generation.
 */
export function individualElements(
  { types }: Pick<Configuration, 'types'>,
  { elements }: Pick<EnclosureStatus, 'elements'>,
): { readonly elements: readonly Element[]; readonly missing: number } {
  const found: Element[] = [];
  const counts = new Map<string, number>();
  let missing = 0;
  let at = 0;
  for (const { elementType, possibleElements, subenclosureId, text } of types) {
    at++; // the overall one
    const kind = `${subenclosureId} ${elementType}`;
    for (let i = 0; i < possibleElements; i++, at++) {
      const index = counts.get(kind) ?? 0;
      counts.set(kind, index + 1);
      const status = elements[at];
      if (status === undefined) missing++;
      else found.push({ subenclosureId, elementType, index, text, code: status.code });
    }
  }
  return { elements: found, missing };
}

/**
 * Which elements have nothing in them by page 0Ah, as positions in the list of {@link individualElements}: their descriptor is
 * invalid, or no phy of theirs has a device. An element that the page does not name is not among them.
 */
export function emptyByPage0A(
  { types }: Pick<Configuration, 'types'>,
  descriptors: readonly AdditionalStatusDescriptor[],
): ReadonlySet<number> {
  const typeOf = types.flatMap(({ elementType, possibleElements }) =>
    Array.from({ length: possibleElements }, () => elementType),
  );
  const overallBefore = types.flatMap(({ possibleElements }, type) =>
    Array.from({ length: possibleElements }, () => type + 1),
  );
  const withOverall = new Map(typeOf.map((_, position) => [position + overallBefore[position]!, position]));
  const empty = new Set<number>();
  for (const descriptor of descriptors) {
    const { element } = descriptor;
    if (element === null || element.includesOverall > 1) continue;
    const position = element.includesOverall === 1 ? withOverall.get(element.index) : element.index;
    const type = position === undefined ? undefined : typeOf[position];
    if (position !== undefined && type !== undefined && isEmpty(descriptor, type)) empty.add(position);
  }
  return empty;
}

const NO_DEVICE = 0;

function isEmpty(descriptor: AdditionalStatusDescriptor, elementType: number): boolean {
  if (descriptor.invalid) return true;
  try {
    const status = decodeSasElementStatus(descriptor, elementType);
    return status?.kind === 'slot' && status.phys.every(({ deviceType }) => deviceType === NO_DEVICE);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return false;
  }
}
