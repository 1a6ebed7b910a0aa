import { unreadableRefusal } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import {
  ElementStatusCode,
  ElementType,
  elementStatusName,
  elementTypeName,
} from '../../ses/element-type.ts';
import type { Element } from '../../ses/elements.ts';
import type { ResolvedStrategy } from '../../playbook/resolved.ts';
import { unreadHealth } from '../facts/health.ts';
import type { EnclosureHealth, HealthFact } from '../facts/health.ts';

const { ok, critical, noncritical, unrecoverable } = ElementStatusCode;

/** Their restart would not be survived by what they carry, where only one is left. */
const REDUNDANT: readonly number[] = [ElementType.powerSupply, ElementType.cooling];

/** One thing that is amiss. */
interface Finding {
  /** By it the same is found again afterwards. */
  readonly key: string;
  /** A later one with a higher rank is worse. */
  readonly rank: number;
  readonly text: string;
  readonly refuses: boolean;
}

/** What is amiss in an enclosure, in the order of its elements (decisions.md#health). Pure. */
function findingsIn({ bits, elements }: EnclosureHealth): Finding[] {
  const found = elements.flatMap((element): Finding[] => {
    const { elementType, code } = element;
    if (code !== critical && code !== unrecoverable && code !== noncritical) return [];
    return [
      {
        key: keyOf(element),
        rank: rankOf(code),
        text: `${nameOf(element)} is ${elementStatusName(code)}`,
        refuses: code !== noncritical && !REDUNDANT.includes(elementType),
      },
    ];
  });
  const alone = REDUNDANT.flatMap((type) => lackOf(type, elements));
  const header = bits.map((bit) => ({
    key: `header ${bit}`,
    rank: 0,
    text: `the header of the page says ${bit}`,
    refuses: false,
  }));
  return [...found, ...alone, ...header];
}

const rankOf = (code: number): number => (code === noncritical ? 1 : code === critical ? 2 : 3);

const keyOf = ({ subenclosureId, elementType, index }: Element): string =>
  [subenclosureId, elementType, index].join(' ');

/** `power supply 1 (PSU)`, counted from 0 as SES and sg_ses do. */
function nameOf({ subenclosureId, elementType, index, text }: Element): string {
  const type = elementTypeName(elementType);
  const own = text === '' || text.toLowerCase() === type ? '' : ` (${text})`;
  return `${type} ${index}${own}${subenclosureId === 0 ? '' : ` of subenclosure ${subenclosureId}`}`;
}

/** One failed, and at most one is left: nothing stands in for that one. Supplies that are not installed never count. */
function lackOf(type: number, elements: readonly Element[]): Finding[] {
  const own = elements.filter(({ elementType }) => elementType === type);
  const working = own.filter(({ code }) => code === ok || code === noncritical).length;
  const failed = own.filter(({ code }) => code === critical || code === unrecoverable).length;
  if (failed === 0 || working > 1) return [];
  const name = elementTypeName(type);
  const text = working === 1 ? `one ${name} is left without redundancy` : `no ${name} is known to work`;
  return [{ key: `redundancy ${type}`, rank: 2 - working, text, refuses: true }];
}

/** What the strategy of a playbook says of health. */
export type HealthRules = Pick<ResolvedStrategy, 'health' | 'proceedWithout'>;

/** Why an enclosure is too unwell to be restarted; null: it is well enough, or shows no health, or nobody wants to know. */
export function healthRefusal(
  fact: HealthFact | undefined,
  { health, proceedWithout }: HealthRules,
): Refusal | null {
  if (health === 'ignore' || fact === undefined || fact.kind === 'absent') return null;
  if (fact.kind === 'unreadable') {
    const unread = unreadHealth(fact, proceedWithout);
    return unreadableRefusal(
      unread,
      unread.map((page) => page.fact),
      proceedWithout,
    );
  }
  const found = findingsIn(fact.value);
  const refusing = found.filter(({ refuses }) => refuses);
  if (refusing.length === 0) return null;
  return refusal('enclosure-unwell', { what: listed(refusing) });
}

/** What a person is told, and what keeps nothing from being done. */
export function healthWarnings(
  fact: HealthFact | undefined,
  { health }: Pick<HealthRules, 'health'>,
): readonly string[] {
  if (health === 'ignore' || fact?.kind !== 'present') return [];
  const found = findingsIn(fact.value).filter(({ refuses }) => !refuses);
  return found.length === 0
    ? []
    : [`its enclosure is not quite well: ${listed(found)} (diagnostic page 02h)`];
}

/**
 * What refuses now, and did not before the first byte, or was not so bad; null: nothing. What was not known before is not
 * compared, and a page that new code does not have is not asked for.
 */
export function healthWorse(before: HealthFact | undefined, now: HealthFact): Refusal | null {
  if (before?.kind !== 'present' || now.kind === 'absent') return null;
  if (now.kind === 'unreadable') {
    const { message, layer, cdb, sense } = now.why;
    return refusal('health-unknown-after', { what: message }, { layer, cdb, sense });
  }
  const ranks = new Map(refusingIn(before.value).map(({ key, rank }) => [key, rank]));
  const worse = refusingIn(now.value).filter(({ key, rank }) => rank > (ranks.get(key) ?? -1));
  if (worse.length === 0) return null;
  const codes = new Map(before.value.elements.map((element) => [keyOf(element), element.code]));
  const texts = worse.map((finding) => {
    const code = codes.get(finding.key);
    return code === undefined
      ? finding
      : { ...finding, text: `${finding.text} (was ${elementStatusName(code)})` };
  });
  return refusal('health-worse', { what: listed(texts) });
}

const refusingIn = (health: EnclosureHealth): Finding[] =>
  findingsIn(health).filter(({ refuses }) => refuses);

const MOST_NAMED = 4;

function listed(found: readonly Finding[]): string {
  const named = found.slice(0, MOST_NAMED).map(({ text }) => text);
  const more = found.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
