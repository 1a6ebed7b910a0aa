import { VERSION } from '../../base/program-facts.ts';
import { Recording } from '../../run/engine/recording.ts';
import { headerOfVerify } from '../../run/engine/run-header.ts';
import { asItStands, verifyUnit } from '../../run/engine/verify-units.ts';
import { isNamed, isSpelledAs, namesOn } from '../../run/facts/device-name.ts';
import { inspect, SHARING_PAGES, type DeviceFacts } from '../../run/facts/inspect.ts';
import { exitOfRun, type DeviceResult } from '../../run/facts/outcome.ts';
import { memoryOf, rememberSharing, type HostMemory } from '../../run/records/memory.ts';
import { openEnd, openUnits, type OpenUnit } from '../../run/records/open-units.ts';
import { newRunId } from '../../run/records/run-id.ts';
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
 * `verify --accept`: a person says how it ended, of a unit that waits for an event that nobody can see, or that will not come back, or on
 * which a run died. Throws UsageError where nothing is open on the unit, and where the name may mean several that are open.
 */
export async function acceptUnit(
  name: string,
  because: string,
  opened: OpenedHost,
  state: OpenedState,
): Promise<AcceptedUnit> {
  const { memory } = await state.memory();
  const byItself = [...memory.units.keys()].filter((id) => isSpelledAs(ownNames(memory, id), name));
  // Any other name leads to a unit that is here: only then the host is inspected.
  const inspected = byItself.length > 0 ? [] : await inspectFor(memory, opened);
  const known = rememberSharing(memory, inspected);
  const ids = byItself.length > 0 ? byItself : await namedHere(name, inspected, opened);
  const unit = theOpenOne(name, known, ids);
  // A run that died gave no verdict, and a word must not hide what the unit says itself.
  const ended = unit.interrupted === null ? null : await endOfDead(unit, inspected, opened, state);
  if (ended?.outcome === 'updated') {
    await keepEnd(unit, ended, opened, state);
    throw new UsageError(
      `nothing is left to accept on ${name}: it runs ${ended.after ?? unit.device.target}`,
      'See what is remembered of it: runbook status DEVICE',
    );
  }
  const lock = await opened.host.lock(unit.device.id);
  try {
    const store = new UnitStore(state.directory.units);
    if (ended !== null) await keepEnd(unit, ended, opened, state);
    const record = ended === null ? memoryOf(known, unit.device.id).record : await store.read(unit.device.id);
    const accepted = acceptedRecord(record!, because, new Date().toISOString());
    await store.write(accepted);
    return { record: accepted, inspected };
  } finally {
    await lock.release();
  }
}

/** An id or a serial number may be that of a unit that is gone. */
function ownNames(memory: HostMemory, id: string): string[] {
  const { record, interrupted } = memoryOf(memory, id);
  const serials = [
    record?.unit === id ? record.serialNumber : null,
    interrupted?.device.serialNumber ?? null,
  ];
  return [id, ...serials.filter((serial) => serial !== null)];
}

/** All units that may be meant, or are going to be verified. */
function inspectFor(memory: HostMemory, { host, clock }: OpenedHost): Promise<readonly DeviceFacts[]> {
  const records = [...memory.units.values()].flatMap(({ record }) => record ?? []);
  const open = openUnits(memory).map(({ device }) => device);
  return inspect(
    host,
    new Set([...records, ...open].map(({ deviceType }) => deviceType)),
    clock,
    SHARING_PAGES,
  );
}

async function namedHere(
  name: string,
  inspected: readonly DeviceFacts[],
  { host }: OpenedHost,
): Promise<string[]> {
  const [device] = await namesOn(host, [name]);
  return inspected.filter((unit) => isNamed(unit, device!)).map(({ id }) => id);
}

/** A name may mean several units, as that of an enclosure does; logical units that share microcode have one end. */
function theOpenOne(name: string, memory: HostMemory, ids: readonly string[]): OpenUnit {
  const memories = ids.map((id) => memoryOf(memory, id));
  const open = new Map(memories.flatMap((unit) => openEnd(unit) ?? []).map((unit) => [unit.device.id, unit]));
  const [one, ...others] = [...open.values()];
  if (one !== undefined && others.length === 0) return one;
  if (one !== undefined) {
    throw new UsageError(
      `${name} is a name of several units on which something is open: ${[...open.keys()].join(', ')}`,
      'Name one of them by its id: verify --accept ID --because TEXT',
    );
  }
  const settled = memories.flatMap(({ record }) => record?.accepted ?? [])[0];
  if (settled !== undefined) {
    throw new UsageError(
      `nothing is open on ${name}: a person has settled it already (${settled.at}): ${settled.because}`,
      'See what is remembered of it: runbook status DEVICE',
    );
  }
  throw new UsageError(
    `no earlier run left anything open on ${name}`,
    'See the ids of open units: runbook verify',
  );
}

/** How the work of a run that died has ended, as far as the unit shows it; where it is away, as far as it is known. */
async function endOfDead(
  unit: OpenUnit,
  inspected: readonly DeviceFacts[],
  { host, clock }: OpenedHost,
  { keepHeard }: OpenedState,
): Promise<DeviceResult> {
  const types = new Set([unit.device.deviceType]);
  const all = inspected.length > 0 ? inspected : await inspect(host, types, clock, SHARING_PAGES);
  const here = all.find(({ id }) => id === unit.device.id);
  if (here === undefined) return asItStands(unit);
  return (await verifyUnit(unit, here, { host, clock, all, keep: keepHeard })).result;
}

/** The verdict that the run could not give. Throws StateError. */
async function keepEnd(
  unit: OpenUnit,
  result: DeviceResult,
  { host }: OpenedHost,
  state: OpenedState,
): Promise<void> {
  const options = { run: newRunId(), version: VERSION, hostKind: host.kind, fresh: state.fresh };
  const recording = await Recording.start(headerOfVerify([unit.device], options), {
    directory: state.directory,
  });
  recording.requireKept();
  recording.conclude(result, unit.run, false, unit.found);
  await recording.close(exitOfRun([result.outcome]));
  recording.requireKept();
}
