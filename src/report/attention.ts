import { FACTS } from '../base/facts.ts';
import { groupsBy } from '../base/groups.ts';
import { isFailure, type DeviceResult } from '../run/facts/outcome.ts';
import { counted } from './quantities.ts';
import { labelOf } from './run-view.ts';

/** An update that met an error on the way is a success, and still worth a look. */
export function needsAttention({ outcome, reason }: DeviceResult): boolean {
  return outcome === 'updated' ? reason !== null : outcome !== 'current';
}

/** Units of which the same is told: one at least. */
export type Alike = readonly [DeviceResult, ...DeviceResult[]];

/** What is worth more than its row in the table. Equal things are told once; what failed stands last, where it is seen. */
export function attentions(results: readonly DeviceResult[]): Alike[] {
  const groups = groupsBy(results.filter(needsAttention), ({ play, outcome, reason, error }) =>
    JSON.stringify([play, outcome, reason, error]),
  );
  return groups.sort(([a], [b]) => rank(a) - rank(b));
}

/** Failures with the same reason together, the group that grew last at the end. */
export function alikeFailures(results: readonly DeviceResult[]): Alike[] {
  const groups = groupsBy(results, ({ outcome, reason }) => JSON.stringify([outcome, reason]));
  const newest = (alike: Alike): number => results.indexOf(alike.at(-1)!);
  return groups.sort((a, b) => newest(a) - newest(b));
}

/** Up to this many units each has a row of its own. */
const FEW_UNITS = 16;
/** With more units, this many that ended alike share a row. */
const LEAST_SHARED = 4;

/**
 * The rows of a table of all units. Of many units, those that ended alike share one, and what failed stands last, each for
 * itself unless more than a few failed alike.
 */
export function sharedRows(results: readonly DeviceResult[]): Alike[] {
  if (results.length <= FEW_UNITS) return results.map((result) => [result]);
  const groups = groupsBy(results, ({ play, vendor, product, before, after, outcome, reason, error }) =>
    JSON.stringify([
      play,
      vendor,
      product,
      before,
      after,
      outcome,
      ...(isFailure(outcome) ? [reason, error] : []),
    ]),
  );
  return groups
    .flatMap((group): Alike[] => {
      const most = isFailure(group[0].outcome) ? FEW_UNITS : LEAST_SHARED - 1;
      return group.length > most ? [group] : group.map((result) => [result]);
    })
    .sort(([a], [b]) => rank(a) - rank(b));
}

const rank = ({ outcome }: DeviceResult): number => (isFailure(outcome) ? 2 : outcome === 'refused' ? 1 : 0);

const MOST_NAMED = 4;

/** `sg1`, `sg1 sg2`; of many the first ones and their count. */
export function namesOf(results: readonly DeviceResult[]): string {
  return someNames(results.map(({ paths, id }) => paths.map(labelOf).join(' ') || id));
}

/** The first few of many names, and how many there are. */
export function someNames(names: readonly string[], what = 'device'): string {
  if (names.length <= MOST_NAMED) return names.join(' ');
  return `${names.slice(0, MOST_NAMED).join(' ')} ... (${counted(names.length, what)})`;
}

/** The message of the error is not in the reason already. */
export const saysMore = <Said extends Pick<DeviceResult, 'reason' | 'error'>>(
  result: Said,
): result is Said & { error: NonNullable<DeviceResult['error']> } =>
  result.error !== null && result.reason?.includes(result.error.message) !== true;

/** What could not be read of which units, and the playbook goes on without (`strategy.proceed-without`). Empty: nothing. */
export function withoutLines(results: readonly DeviceResult[]): string[] {
  const facts = new Set(results.flatMap(({ without = [] }) => without));
  return [...facts].map((fact) => {
    const units = results.filter(({ without = [] }) => without.includes(fact));
    return `went on without ${FACTS[fact].page} (${namesOf(units)}): ${FACTS[fact].risk}`;
  });
}
