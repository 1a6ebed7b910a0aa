import { isWhole } from './survey.ts';
import type { SurveyedRun } from './survey.ts';
import { nextRecord } from './unit-record.ts';
import type { UnitRecord } from './unit-record.ts';
import type { DeviceResult } from '../facts/outcome.ts';
import type { DeviceRecord, RunRecord } from './run-record.ts';

/**
 * What is remembered of units, completed by verdicts that are in the journal of a run that died before it could put them
 * into the store. Pure.
 *
 * @param runs oldest first
 */
export function withUnkept(
  records: ReadonlyMap<string, UnitRecord>,
  runs: readonly SurveyedRun[],
): ReadonlyMap<string, UnitRecord> {
  let all = new Map(records);
  for (const surveyed of runs) {
    const whole = isWhole(surveyed);
    // The devices of a lab that started from its file know nothing of what was before.
    if (whole ? surveyed.header?.host.fresh === true : surveyed.fresh) all = new Map(records);
    if (!whole) continue;
    const { run, state, header, entries, devices } = surveyed;
    if (state !== 'died' || header?.command !== 'apply') continue;
    for (const entry of entries) {
      const result = resultIn(entry, devices);
      if (result === null) continue;
      const { id: unit, play } = result;
      const device = devices.find((candidate) => candidate.id === unit && candidate.play === play);
      const before = all.get(unit) ?? null;
      if (device === undefined || (before !== null && before.at >= entry.at)) continue;
      const ending = {
        device,
        result,
        run,
        at: entry.at,
        bootId: header.host.bootId,
        runbook: header.runbook,
      };
      const record = nextRecord(before, { ...ending, recovering: device.recovering === true });
      if (record !== null) all.set(record.unit, record);
    }
  }
  return all;
}

/** The verdict of a unit, or the answer that is the end of it. null: none. */
function resultIn(
  entry: RunRecord['entries'][number],
  devices: readonly DeviceRecord[],
): DeviceResult | null {
  if (entry.type === 'verdict') return entry.result;
  if (entry.type !== 'answer') return null;
  return devices.find(({ result }) => result?.error === entry.error)?.result ?? null;
}
