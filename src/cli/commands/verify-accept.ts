import { isNamed, isSpelledAs, namesOn } from '../../run/facts/device-name.ts';
import { inspect, SHARING_PAGES, type DeviceFacts } from '../../run/facts/inspect.ts';
import { openUnits } from '../../run/records/open-units.ts';
import { acceptedRecord, type UnitRecord } from '../../run/records/unit-record.ts';
import { UnitStore } from '../../run/records/unit-store.ts';
import type { OpenedHost } from '../open-host.ts';
import type { OpenedState } from '../open-state.ts';
import { UsageError } from '../usage-error.ts';

/** A unit that a person has closed. */
export interface AcceptedUnit {
  /** What was closed, for a person. */
  readonly closed: string;
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
  const record = byItself ?? (await recordAt(name, records, inspected, opened));
  if (record === undefined) {
    throw new UsageError(
      `no earlier run left anything open on ${name}`,
      'See the ids of open units: runbook verify',
    );
  }
  const lock = await opened.host.lock(record.unit);
  try {
    const store = new UnitStore(state.directory.units);
    await store.write(acceptedRecord(record, because, new Date().toISOString()));
  } finally {
    await lock.release();
  }
  const closed = `${record.unit}: ${record.outcome} since run ${record.run}, closed by a person: ${because}`;
  return { closed, inspected };
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
  records: readonly UnitRecord[],
  inspected: readonly DeviceFacts[],
  { host }: OpenedHost,
): Promise<UnitRecord | undefined> {
  const [device] = await namesOn(host, [name]);
  const here = inspected.find((unit) => isNamed(unit, device!));
  return records.find(({ unit }) => unit === here?.id);
}
