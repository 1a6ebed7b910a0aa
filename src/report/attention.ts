import { isFailure, type DeviceResult } from '../run/facts/outcome.ts';
import { nextStep } from './next-step.ts';
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
  const groups = new Map<string, [DeviceResult, ...DeviceResult[]]>();
  for (const result of results.filter(needsAttention)) {
    const { play, outcome, reason, error } = result;
    const key = JSON.stringify([play, outcome, reason, error]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.values()].sort(([a], [b]) => rank(a) - rank(b));
}

const rank = ({ outcome }: DeviceResult): number => (isFailure(outcome) ? 2 : outcome === 'refused' ? 1 : 0);

const MOST_NAMED = 4;

/** `sg1`, `sg1 sg2`; of many the first ones and their count. */
export function namesOf(results: readonly DeviceResult[]): string {
  const names = results.map(({ paths, id }) => paths.map(labelOf).join(' ') || id);
  if (names.length <= MOST_NAMED) return names.join(' ');
  return `${names.slice(0, MOST_NAMED).join(' ')} … (${counted(names.length, 'device')})`;
}

/** One next step; null: nothing is to be done. `look`: the command that looks again. */
export const nextOf = (result: DeviceResult, look: string): string | null =>
  result.error?.next ?? nextStep(result, look);

/** The message of the error is not in the reason already. */
export const saysMore = (
  result: DeviceResult,
): result is DeviceResult & { error: NonNullable<DeviceResult['error']> } =>
  result.error !== null && result.reason?.includes(result.error.message) !== true;
