import { isNamed, isSpelledAs, namesOn } from '../../run/facts/device-name.ts';
import { inspect, SHARING_PAGES, type DeviceFacts } from '../../run/facts/inspect.ts';
import { openUnits } from '../../run/records/open-units.ts';
import { memoryOf, rememberSharing, type HostMemory } from '../../run/records/memory.ts';
import { acceptedRecord, type AcceptedByPerson, type UnitRecord } from '../../run/records/unit-record.ts';
import { UnitStore } from '../../run/records/unit-store.ts';
import type { OpenedHost } from '../open-host.ts';
import type { OpenedState } from '../open-state.ts';
import { UsageError } from '../usage-error.ts';

/** A unit of which a person has said how it ended. */
export interface AcceptedUnit {
  readonly record: UnitRecord & { readonly accepted: AcceptedByPerson };
  /** The host, if it had to be inspected to find the unit; otherwise empty. */
  readonly inspected: readonly DeviceFacts[];
}

/**
 * `verify --accept`: a person says how it ended, of a unit that waits for an event that nobody can see, or that will not come back.
 * Throws UsageError for a unit on which nothing is open.
 */
export async function acceptUnit(
  name: string,
  because: string,
  opened: OpenedHost,
  state: OpenedState,
): Promise<AcceptedUnit> {
  const { memory } = await state.memory();
  const records = [...memory.units.values()].flatMap(({ record }) => record ?? []);
  const byItself = records.find((kept) => isOf(kept, name));
  // Any other name leads to a unit that is here: only then the host is inspected.
  const inspected = byItself === undefined ? await inspectFor(records, openUnits(memory), opened) : [];
  const sharing = rememberSharing(memory, inspected);
  const record = byItself ?? (await recordAt(name, sharing, inspected, opened));
  if (record === undefined) {
    throw new UsageError(
      `no earlier run left anything open on ${name}`,
      'See the ids of open units: runbook verify',
    );
  }
  if (record.accepted !== undefined) {
    const { at, because: why } = record.accepted;
    throw new UsageError(
      `nothing is open on ${name}: a person has settled it already (${at}): ${why}`,
      'See what is remembered of it: runbook status DEVICE',
    );
  }
  const lock = await opened.host.lock(record.unit);
  try {
    const accepted = acceptedRecord(record, because, new Date().toISOString());
    await new UnitStore(state.directory.units).write(accepted);
    return { record: accepted, inspected };
  } finally {
    await lock.release();
  }
}

/** An id or a serial number may be that of a unit that is gone. */
const isOf = ({ unit, serialNumber }: UnitRecord, name: string): boolean =>
  isSpelledAs([unit, ...(serialNumber === null ? [] : [serialNumber])], name);

/** All units that may be meant, or are going to be verified. */
const inspectFor = (
  records: readonly UnitRecord[],
  open: ReturnType<typeof openUnits>,
  { host, clock }: OpenedHost,
): Promise<readonly DeviceFacts[]> => {
  const types = [...records, ...open.map(({ device }) => device)].map(({ deviceType }) => deviceType);
  return inspect(host, new Set(types), clock, SHARING_PAGES);
};

async function recordAt(
  name: string,
  memory: HostMemory,
  inspected: readonly DeviceFacts[],
  { host }: OpenedHost,
): Promise<UnitRecord | undefined> {
  const [device] = await namesOn(host, [name]);
  const here = inspected.find((unit) => isNamed(unit, device!));
  return here === undefined ? undefined : (memoryOf(memory, here.id).record ?? undefined);
}
