import type { RunRecord } from '../journal/record.ts';
import { nextRecord } from './record.ts';
import type { UnitRecord } from './record.ts';

/**
 * What is remembered of units, completed by verdicts that are in the journal of a run that died before it could put them
 * into the store. Pure.
 *
 * @param runs oldest first
 */
export function withUnkept(
  records: ReadonlyMap<string, UnitRecord>,
  runs: readonly RunRecord[],
): ReadonlyMap<string, UnitRecord> {
  let all = new Map(records);
  for (const { run, state, header, entries, devices } of runs) {
    // The devices of a lab that started from its file know nothing of what was before.
    if (header?.host.fresh === true) all = new Map(records);
    if (state !== 'died' || header?.command !== 'apply') continue;
    for (const entry of entries) {
      if (entry.type !== 'verdict') continue;
      const device = devices.find(({ id }) => id === entry.result.id);
      const before = all.get(entry.result.id) ?? null;
      if (device === undefined || (before !== null && before.at >= entry.at)) continue;
      const ending = { device, result: entry.result, run, at: entry.at, bootId: header.host.bootId };
      const record = nextRecord(before, { ...ending, recovering: false });
      if (record !== null) all.set(record.unit, record);
    }
  }
  return all;
}
