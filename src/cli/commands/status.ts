import { mapConcurrently } from '../../base/concurrency.ts';
import { documentOf } from '../../report/documents.ts';
import { statusEntry, statusText } from '../../report/status-text.ts';
import { inspect, SHARING_PAGES } from '../../run/facts/inspect.ts';
import type { DeviceFacts } from '../../run/facts/inspect.ts';
import { isNamed, namesOn, type DeviceName } from '../../run/facts/device-name.ts';
import { exitOfRun } from '../../run/facts/outcome.ts';
import type { ExitName } from '../../run/facts/outcome.ts';
import { memoryOf, rememberSharing } from '../../run/records/memory.ts';
import { readStatus } from '../../run/facts/status.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { openHost } from '../open-host.ts';
import { openState } from '../open-state.ts';
import { UsageError } from '../usage-error.ts';
import { DeviceType } from '../../scsi/device-type.ts';

const CONCURRENT_READS = 16;

/** `runbook status [DEVICE…]`: what the named units, or all enclosures, say about downloads. */
export async function status(names: readonly string[], options: CommonOptions, io: Io): Promise<Answer> {
  const { host, clock, close } = await openHost(options, { opensDevices: true });
  try {
    const attached = await host.discover();
    const types = new Set(
      names.length === 0 ? [DeviceType.enclosure] : attached.map(({ deviceType }) => deviceType),
    );
    const all = await inspect(host, types, clock, SHARING_PAGES);
    const units = chosen(all, await namesOn(host, names));
    const state = openState(options, io);
    const memory = rememberSharing((await state.memory()).memory, all);
    const statuses = await mapConcurrently(units, CONCURRENT_READS, async (unit) => ({
      ...(await readStatus(unit, host, clock)),
      memory: memoryOf(memory, unit.id),
    }));
    const also: ExitName[] = statuses.flatMap(({ lockedBy, failure }): ExitName[] => {
      if (lockedBy !== null) return ['BUSY'];
      return failure === null ? [] : ['REFUSED'];
    });
    const frozen = statuses.filter(({ memory: { record } }) => record?.frozen != null);
    const exit = exitOfRun(
      frozen.map(() => 'frozen' as const),
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
        units.length === 0
          ? 'runbook: this host has no enclosure; name a device (runbook devices lists them)'
          : undefined,
    };
  } finally {
    await close();
  }
}

function chosen(units: readonly DeviceFacts[], names: readonly DeviceName[]): readonly DeviceFacts[] {
  if (names.length === 0) return units.filter(({ deviceType }) => deviceType === DeviceType.enclosure);
  const unknown = names.find((name) => !units.some((unit) => isNamed(unit, name)));
  if (unknown !== undefined) {
    throw new UsageError(
      `there is no device ${unknown.text}`,
      'See the devices of this host: runbook devices',
    );
  }
  return units.filter((unit) => names.some((name) => isNamed(unit, name)));
}
