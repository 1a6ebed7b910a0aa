import type { Clock } from '../../base/clock.ts';
import { RunbookError } from '../../base/errors.ts';
import { contradicts, serialChange } from '../../device/identity.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import type { Host } from '../../host/host.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { inspectPaths } from '../facts/inspect-path.ts';

/**
 * Looks at logical units that share the microcode of one that was written, and that nobody wanted to write: which of them show
 * another revision now, in words. One that does not is not a fault (decisions.md#unit-of-damage). Never throws for what a
 * device does.
 */
export async function movedUnits(
  host: Host,
  clock: Clock,
  units: readonly DeviceFacts[],
): Promise<readonly string[]> {
  if (units.length === 0) return [];
  try {
    const attached = await host.discover();
    const pathOf = ({ paths }: DeviceFacts) => attached.find(({ hctl }) => hctl === paths[0]?.hctl);
    const there = units.flatMap((unit) => {
      const path = pathOf(unit);
      return path === undefined ? [] : [{ unit, path }];
    });
    const deviceTypes = new Set(there.map(({ path }) => path.deviceType));
    const options = { deviceTypes, clock, pages: new Set<never>() };
    const inspected = await inspectPaths(
      host,
      there.map(({ path }) => path),
      options,
    );
    return there.flatMap(({ unit }, index) => {
      const seen = inspected[index]!.seen;
      const isAnother = seen !== null && isOther(unit.identity, seen.identity);
      return seen === null || isAnother || seen.revision === unit.revision
        ? []
        : [
            `${unit.id}, which shares its microcode, shows ${seen.revision} now, and showed ${unit.revision} before`,
          ];
    });
  } catch (error) {
    if (error instanceof RunbookError) return [];
    throw error;
  }
}

/** With the new code a serial number may be another one. */
const isOther = (before: UnitIdentity | null, now: UnitIdentity): boolean =>
  before !== null && contradicts(before, now) && serialChange(before, now) === null;
