import { mapConcurrently } from '../../base/concurrency.ts';
import { refusal } from '../../base/refusal.ts';
import { documentOf } from '../../report/documents.ts';
import { statusEntry, statusText } from '../../report/status-text.ts';
import type { RememberedStatus } from '../../report/status-text.ts';
import { inspect, SHARING_PAGES } from '../../run/facts/inspect.ts';
import type { DeviceFacts } from '../../run/facts/inspect.ts';
import { isNamed, namesOn, type DeviceName } from '../../run/facts/device-name.ts';
import { exitOfRun } from '../../run/facts/outcome.ts';
import type { ExitName } from '../../run/facts/outcome.ts';
import { memoryOf, rememberSharing } from '../../run/records/memory.ts';
import type { HostMemory, UnitMemory } from '../../run/records/memory.ts';
import { openEnd } from '../../run/records/open-units.ts';
import type { OpenUnit } from '../../run/records/open-units.ts';
import { unitOfRecord } from '../../run/plan/absent.ts';
import { nothingSaid, readStatus } from '../../run/facts/status.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { openHost } from '../open-host.ts';
import { openState } from '../open-state.ts';
import { UsageError } from '../usage-error.ts';
import { DeviceType } from '../../scsi/device-type.ts';

const CONCURRENT_READS = 16;

/**
 * `runbook status [DEVICE…]`: what the named units say about downloads; without names all enclosures, and units of any type that are
 * frozen or lost.
 */
export async function status(names: readonly string[], options: CommonOptions, io: Io): Promise<Answer> {
  const { host, clock, close } = await openHost(options, { opensDevices: true });
  try {
    const attached = await host.discover();
    const state = openState(options, io);
    const { memory: kept } = await state.memory();
    const alarms = names.length === 0 ? alarmsIn(kept) : [];
    const types = new Set(
      names.length === 0
        ? [DeviceType.enclosure, ...alarms.map(({ device: { deviceType } }) => deviceType)]
        : attached.map(({ deviceType }) => deviceType),
    );
    const all = await inspect(host, types, clock, SHARING_PAGES);
    const memory = rememberSharing(kept, all);
    const units = chosen(all, await namesOn(host, names), memory);
    const statuses = [
      ...(await mapConcurrently(units, CONCURRENT_READS, async (unit) => {
        const remembered = memoryOf(memory, unit.id);
        const leftOpenBy = openEnd(remembered)?.run ?? null;
        return { ...(await readStatus(unit, { host, clock, leftOpenBy })), memory: remembered };
      })),
      ...alarms.filter(isAway(all)).map((open) => awayStatus(open, memory)),
    ];
    const also: ExitName[] = statuses.flatMap(({ facts: { paths }, lockedBy, failure }): ExitName[] => {
      if (lockedBy !== null) return ['BUSY'];
      return failure === null || paths.length === 0 ? [] : ['REFUSED'];
    });
    const frozen = statuses.filter((unit) => alarmOf(unit.memory) === 'frozen');
    const exit = exitOfRun(
      statuses.flatMap((unit) => alarmOf(unit.memory) ?? []),
      also,
    );
    return {
      exit,
      document: documentOf('runbook.status/1', 'status', exit, {
        body: {
          simulated: options.lab !== undefined,
          frozen: frozen.map(({ facts: { id } }) => id),
          devices: statuses.map(statusEntry),
        },
      }),
      text: statusText(statuses, inkOf(io.stdout, io.env, options.color)),
      hint:
        statuses.length === 0
          ? 'runbook: this host has no enclosure; name a device (runbook devices lists them)'
          : undefined,
    };
  } finally {
    await close();
  }
}

/** A unit that must not be reset or powered off, or that did not come back; null: neither. */
function alarmOf(memory: UnitMemory): 'frozen' | 'lost' | null {
  if (memory.record?.frozen != null) return 'frozen';
  return openEnd(memory)?.outcome === 'lost' ? 'lost' : null;
}

const alarmsIn = (memory: HostMemory): OpenUnit[] =>
  [...memory.units.keys()].flatMap((id) => {
    const unit = memoryOf(memory, id);
    const open = alarmOf(unit) === null ? null : openEnd(unit);
    // What was done to a device stands under the logical unit through which it was done.
    return open?.device.id === id ? [open] : [];
  });

const isAway =
  (there: readonly DeviceFacts[]) =>
  ({ device: { id, shares = [] } }: OpenUnit): boolean =>
    !there.some((unit) => unit.id === id || shares.includes(unit.id));

function awayStatus(open: OpenUnit, memory: HostMemory): RememberedStatus {
  const remembered = memoryOf(memory, open.device.id);
  const outcome = alarmOf(remembered) ?? open.outcome;
  return {
    ...nothingSaid(unitOfRecord(open)),
    failure: refusal('still-away', { outcome, run: open.run }),
    memory: remembered,
  };
}

/** Those that are named; without names all enclosures, and what is frozen or lost of any type. */
function chosen(
  units: readonly DeviceFacts[],
  names: readonly DeviceName[],
  memory: HostMemory,
): readonly DeviceFacts[] {
  if (names.length === 0) {
    return units.filter(
      ({ id, deviceType }) => deviceType === DeviceType.enclosure || alarmOf(memoryOf(memory, id)) !== null,
    );
  }
  const unknown = names.find((name) => !units.some((unit) => isNamed(unit, name)));
  if (unknown !== undefined) {
    throw new UsageError(
      `there is no device ${unknown.text}`,
      'See the devices of this host: runbook devices',
    );
  }
  return units.filter((unit) => names.some((name) => isNamed(unit, name)));
}
