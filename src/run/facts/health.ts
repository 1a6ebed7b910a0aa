import { unreadIn } from '../../base/facts.ts';
import type { Fact, FactName, Unreadable } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { readFactOnce } from '../../device/fact.ts';
import { additionalElementStatus } from '../../ses/additional-element-status.ts';
import { configuration } from '../../ses/configuration.ts';
import type { Configuration } from '../../ses/configuration.ts';
import type { DiagnosticPage } from '../../ses/diagnostic-page.ts';
import { ElementStatusCode, ElementType } from '../../ses/element-type.ts';
import { emptyByPage0A, individualElements } from '../../ses/elements.ts';
import type { Element } from '../../ses/elements.ts';
import { enclosureStatus } from '../../ses/enclosure-status.ts';
import { nicknameStatus } from '../../ses/nickname-status.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import { supportedDiagnosticPages } from '../../ses/supported-diagnostic-pages.ts';

/** What an enclosure says of its parts in page 02h. */
export interface EnclosureHealth {
  /** Bits in the header of the page that speak of trouble. */
  readonly bits: readonly ('noncritical' | 'critical' | 'unrecoverable')[];
  /** Without the overall ones; a slot in which nothing is counts as not installed. */
  readonly elements: readonly Element[];
}

/** `absent`: the unit does not list page 02h. */
export type HealthFact = Fact<EnclosureHealth> & {
  /** It is unreadable because of this page; absent: because of page 02h, or it is not. */
  readonly by?: 'ses-00h' | 'ses-01h';
};

/** The page that keeps the health from being known; where a playbook goes on without it anyway, it is page 02h. */
export const unreadHealth = (
  health: HealthFact,
  proceedWithout: readonly FactName[],
): readonly Unreadable[] => {
  const { by = 'ses-02h' } = health;
  return unreadIn(proceedWithout.includes('ses-02h') ? 'ses-02h' : by, health);
};

/** Pages 01h and 02h have to be of one generation; it may move between the two reads. */
const READS = 3;

/** What is in page 00h: a page that it does not list is absent. */
type ListedPages = Fact<readonly number[]>;

/** Reads page 00h. Never throws for what the device does. */
export const readListedPages = (device: Device): Promise<ListedPages> =>
  readPage(device, supportedDiagnosticPages);

/** What is known of the pages of an enclosure that speak of its parts. */
interface KnownPages {
  /** Page 00h; absent: it has to be read. */
  readonly listed?: ListedPages;
  /** Codes of pages that were read a moment ago: they are there. */
  readonly seen?: readonly number[];
}

/** The pages of that kind that a unit has shown. */
export const healthPagesOf = ({
  listedPages,
  enclosures,
  health,
}: {
  readonly listedPages?: readonly number[] | null;
  readonly enclosures: readonly unknown[] | null;
  readonly health?: HealthFact;
}): readonly number[] => [
  ...(listedPages ? [supportedDiagnosticPages.pageCode] : []),
  ...(enclosures === null ? [] : [configuration.pageCode]),
  ...(health?.kind === 'present' ? [enclosureStatus.pageCode] : []),
];

/** Reads pages 00h, 01h and 02h, and page 0Ah where a slot is unwell. Changes nothing. Never throws for what the device does. */
export async function readHealth(device: Device, known: KnownPages = {}): Promise<HealthFact> {
  const read = <Value>(page: DiagnosticPage<Value>): Promise<Fact<Value>> =>
    readPage(device, page, known.seen?.includes(page.pageCode));
  const listed = known.listed ?? (await read(supportedDiagnosticPages));
  if (listed.kind !== 'present') return notBy('ses-00h', listed);
  if (!listed.value.includes(enclosureStatus.pageCode)) return { kind: 'absent' };
  for (let left = READS; ; left--) {
    const parts = await read(configuration);
    if (parts.kind !== 'present') return notBy('ses-01h', parts);
    // Which element is which stands at the end of page 01h.
    if (parts.value.damage !== undefined) return notBy('ses-01h', bad(parts.value.damage));
    const status = await read(enclosureStatus);
    if (status.kind !== 'present') return status;
    if (parts.value.generationCode !== status.value.generationCode && left > 1) continue;
    if (parts.value.generationCode !== status.value.generationCode)
      return bad('pages 01h and 02h are never of one generation');
    const { elements, missing } = individualElements(parts.value, status.value);
    if (missing > 0) return bad(`page 02h ends ${missing} elements before the last one of page 01h`);
    const { nonCritical, critical, unrecoverable } = status.value;
    const bits = [
      ...(nonCritical ? (['noncritical'] as const) : []),
      ...(critical ? (['critical'] as const) : []),
      ...(unrecoverable ? (['unrecoverable'] as const) : []),
    ];
    const whole = listed.value.includes(additionalElementStatus.pageCode)
      ? await withoutEmptySlots(device, parts.value, elements)
      : elements;
    return { kind: 'present', value: { bits, elements: whole } };
  }
}

/**
 * What people have called the enclosure (page 0Fh); null: nobody gave it a name, or it cannot be read. No guard stands on it.
 * Never throws for what the device does.
 */
export async function readNickname(device: Device, listed: ListedPages): Promise<string | null> {
  if (listed.kind !== 'present' || !listed.value.includes(nicknameStatus.pageCode)) return null;
  const page = await readPage(device, nicknameStatus);
  const [primary] = page.kind === 'present' ? page.value.nicknames : [];
  return primary === undefined || primary.nickname === '' ? null : primary.nickname;
}

const SLOTS: readonly number[] = [ElementType.deviceSlot, ElementType.arrayDeviceSlot];
const { ok, notInstalled } = ElementStatusCode;

/** Some enclosures call a slot critical in which nothing is. */
async function withoutEmptySlots(
  device: Device,
  parts: Configuration,
  elements: readonly Element[],
): Promise<readonly Element[]> {
  const isDoubtful = ({ elementType, code }: Element): boolean =>
    SLOTS.includes(elementType) && code > ok && code < notInstalled;
  if (!elements.some(isDoubtful)) return elements;
  const page = await readPage(device, additionalElementStatus);
  if (page.kind !== 'present') return elements;
  const empty = emptyByPage0A(parts, page.value.descriptors);
  return elements.map((element, position) =>
    isDoubtful(element) && empty.has(position) ? { ...element, code: notInstalled } : element,
  );
}

const readPage = <Value>(
  device: Device,
  page: DiagnosticPage<Value>,
  wasThere = false,
): Promise<Fact<Value>> => readFactOnce(device, receiveDiagnosticResults(page), wasThere);

type Missing = Exclude<Fact<never>, { readonly kind: 'present' }>;

const bad = (what: string): Missing => ({
  kind: 'unreadable',
  why: refusal('bad-answer', { what }),
});

/** This page keeps it from being known, if that is not what the unit says of itself. */
const notBy = (by: NonNullable<HealthFact['by']>, read: Missing): HealthFact =>
  read.kind === 'unreadable' ? { ...read, by } : read;
