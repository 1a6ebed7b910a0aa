import { refusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';

/** A fact on which a guard stands, and without which a playbook may go on. */
export interface FactEntry {
  /** Where it is read, as messages name it. */
  readonly page: string;
  /** What it says: behind "and it says". */
  readonly says: string;
  /** When the unit, or the host, does not have it: then the guard has nothing to object to. */
  readonly absent: string;
  /** What is not noticed any more with `strategy.proceed-without`. */
  readonly risk: string;
}

const NOT_LISTED = 'not listed in VPD page 00h, or 5/20/00, 5/24/00, 5/35/01';
const NOT_KNOWN = '5/20/00, 5/24/00';

/** The words of `strategy.proceed-without`, in the order of the schema. */
export const FACTS = {
  'vpd-80h': {
    page: 'VPD page 80h (unit serial number)',
    says: 'whether all paths lead to one unit',
    absent: NOT_LISTED,
    risk: 'two units that share one designator are not told apart',
  },
  'vpd-83h': {
    page: 'VPD page 83h (device identification)',
    says: 'which unit this is',
    absent: NOT_LISTED,
    risk: 'the unit is known by what match.identity names alone',
  },
  'vpd-86h': {
    page: 'VPD page 86h (extended INQUIRY data)',
    says: 'which download modes the unit takes',
    absent: NOT_LISTED,
    risk: 'a mode that the unit does not take is noticed only when the unit refuses it',
  },
  'ses-00h': {
    page: 'diagnostic page 00h (supported pages)',
    says: 'whether the enclosure takes microcode, and shows its health',
    absent: 'page 08h in its place, or 5/20/00, 5/24/00',
    risk: 'page 0Eh is asked for even if the enclosure does not have it, and a failed part is not noticed',
  },
  'ses-01h': {
    page: 'diagnostic page 01h (configuration)',
    says: 'which other modules the enclosure has, and which parts',
    absent: 'page 08h in its place, or 5/20/00, 5/24/00, 5/35/01',
    risk: 'a partner that is missing, or that is at work, is not noticed, nor is a failed part',
  },
  'ses-02h': {
    page: 'diagnostic page 02h (enclosure status)',
    says: 'whether the enclosure is well',
    absent: 'not listed in diagnostic page 00h, or page 08h in its place, or 5/20/00, 5/24/00, 5/35/01',
    risk: 'a failed part that may not survive the restart is not noticed',
  },
  'operation-codes': {
    page: 'REPORT SUPPORTED OPERATION CODES',
    says: 'which modes the unit takes, and how long they may take',
    absent: NOT_KNOWN,
    risk: 'a time-out that is too short for the unit is not noticed',
  },
  'buffer-descriptor': {
    page: 'the READ BUFFER descriptor',
    says: 'at which offsets a chunk may begin',
    absent: NOT_KNOWN,
    risk: 'an offset that the unit does not take is noticed only when the unit refuses it',
  },
  'level-0-discovery': {
    page: 'TCG Level 0 Discovery',
    says: 'whether the drive has locked its data',
    absent: NOT_KNOWN,
    risk: 'a locked drive is not noticed, and may refuse the image half way',
  },
  'request-sense': {
    page: 'REQUEST SENSE',
    says: 'whether an image waits on the unit already',
    absent: NOT_KNOWN,
    risk: 'an image of unknown origin that waits on the unit is not noticed, and may start with this one',
  },
  users: {
    page: 'what uses the disks of this host (/proc, sysfs)',
    says: 'which disks must not go away',
    absent: 'there is no such file or directory',
    risk: 'disks in use may go away while the unit restarts',
  },
  links: {
    page: 'what is attached to this host (sysfs)',
    says: 'which drives are behind the unit',
    absent: 'there is no such file or directory',
    risk: 'drives that lose their last path are not noticed',
  },
  driver: {
    page: 'the driver of the host adapter (sysfs)',
    says: 'whether a RAID adapter is in between',
    absent: 'never: each adapter has a driver',
    risk: 'a RAID adapter that drops or changes WRITE BUFFER is not noticed',
  },
} as const satisfies Readonly<Record<string, FactEntry>>;

export type FactName = keyof typeof FACTS;

/** A fact that could not be read, which is not the same as one that is absent (decisions.md#unreadable-is-not-absent). */
export interface Unreadable {
  readonly fact: FactName;
  /** What was answered, or why there was no answer. */
  readonly why: Refusal;
}

/** What came of one question. */
export type Fact<Value> =
  | { readonly kind: 'present'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: Refusal };

/** For who only shows it, or has asked before whether it could be read. */
export const valueOf = <Value>(fact: Fact<Value>): Value | null =>
  fact.kind === 'present' ? fact.value : null;

/** The fact as one that could not be read; empty: it was read, or is absent. */
export const unreadIn = (fact: FactName, read: Fact<unknown>): readonly Unreadable[] =>
  read.kind === 'unreadable' ? [{ fact, why: read.why }] : [];

/** Why a guard that stands on one of these facts refuses; null: it was read, or the playbook goes on without it. */
export function unreadableRefusal(
  unreadable: readonly Unreadable[],
  facts: readonly FactName[],
  proceedWithout: readonly FactName[],
): Refusal | null {
  const found = unreadable.find(({ fact }) => facts.includes(fact) && !proceedWithout.includes(fact));
  if (found === undefined) return null;
  const { page, says, risk } = FACTS[found.fact];
  const { message, layer, cdb, sense } = found.why;
  return refusal(
    'fact-unreadable',
    { page, says, risk, fact: found.fact, cause: message },
    { layer, cdb, sense },
  );
}

/** What a person is told where the playbook goes on without a fact. */
export const withoutText = ({ fact, why }: Unreadable): string =>
  `goes on without ${FACTS[fact].page}, which cannot be read (${why.message}): ${FACTS[fact].risk}`;
