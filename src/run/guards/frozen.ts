import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { DeviceType } from '../../scsi/device-type.ts';
import { enclosureOf } from '../facts/domains.ts';
import { scsiTargetOf } from '../facts/unit-topology.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { throughText } from '../records/device-memory.ts';
import { memoryOf } from '../records/memory.ts';
import type { OpenUnit } from '../records/open-units.ts';
import type { HostMemory, UnitMemory } from '../records/memory.ts';

/** A unit that must keep its power: no reset, reload, activation or partner on its enclosure or at its target. */
export interface FrozenUnit extends Pick<DeviceFacts, 'id' | 'deviceType' | 'vendor' | 'product'> {
  /** null: not known. */
  readonly enclosure: string | null;
  /** H:C:T of its paths: all logical units there are reset together. Empty: it is not there now. */
  readonly targets: readonly string[];
  /** The run that found it; null: this one. */
  readonly run: string | null;
}

/** A unit that this run has found to be frozen. */
export const frozenNow = (facts: DeviceFacts): FrozenUnit => ({
  id: facts.id,
  deviceType: facts.deviceType,
  vendor: facts.vendor,
  product: facts.product,
  enclosure: enclosureOf(facts),
  targets: facts.paths.map(scsiTargetOf),
  run: null,
});

/** Units that earlier runs have found to be frozen. They need not be there now. */
export const frozenBefore = (memory: HostMemory, all: readonly DeviceFacts[]): FrozenUnit[] =>
  [...memory.units.keys()].flatMap((id): FrozenUnit[] => {
    const { record } = memoryOf(memory, id);
    if (record?.frozen == null) return [];
    const { deviceType, vendor, product, enclosure: kept = null, frozen } = record;
    const there = all.find((unit) => unit.id === id);
    const enclosure = (there && enclosureOf(there)) ?? kept;
    const targets = there?.paths.map(scsiTargetOf) ?? [];
    return [{ id, deviceType, vendor, product, enclosure, targets, run: frozen.run }];
  });

/** The unit itself is frozen, and nobody recovers it; null: it is not. */
export function whyFrozen(memory: UnitMemory, recovering: boolean): Refusal | null {
  const { unit, record } = memory;
  if (record?.frozen == null || recovering) return null;
  const { run, reason } = record.frozen;
  const through = throughText(memory.unit, record.unit);
  return refusal('frozen', { run, through, why: reason === null ? '' : `: ${reason}`, unit });
}

/** A frozen unit cannot be asked: what to do about that could be the end of it, so only what holds for a frozen one is said. */
export const frozenAndSilent = (
  { run, device, reason }: Pick<OpenUnit, 'run' | 'device' | 'reason'>,
  unit: string,
  silent: Pick<Refusal, 'message'> | null,
): Refusal => {
  const why = [reason, silent?.message].filter((text) => text != null).join('; ');
  return refusal('frozen', {
    run,
    through: throughText(unit, device.id),
    why: why === '' ? '' : `: ${why}`,
    unit,
  });
};

/** Another logical unit of the target of this unit, or module of its enclosure, is frozen, or may be; null: none. */
export function whyFrozenPartner(unit: DeviceFacts, frozen: readonly FrozenUnit[]): Refusal | null {
  const own = enclosureOf(unit);
  for (const other of frozen) {
    if (other.id === unit.id) continue;
    if (unit.paths.some((path) => other.targets.includes(scsiTargetOf(path)))) {
      const partner = `logical unit ${other.id} of the same target`;
      return refusal('partner-frozen', { partner, since: sinceOf(other), unit: other.id });
    }
    const isPartner = own !== null && other.enclosure === own;
    if (!isPartner && !mayBePartner(unit, own, other)) continue;
    const partner = isPartner
      ? `its partner ${other.id} in enclosure ${own}`
      : `${other.id}, which may be another module of the same enclosure,`;
    return refusal('partner-frozen', { partner, since: sinceOf(other), unit: other.id });
  }
  return null;
}

/** One of the units that a reload of their driver resets is frozen; null: none. */
export function whyFrozenReset([first]: readonly FrozenUnit[]): Refusal | null {
  return first === undefined ? null : refusal('frozen-reset', { unit: first.id, since: sinceOf(first) });
}

const sinceOf = ({ run }: FrozenUnit): string => (run === null ? '' : ` since run ${run}`);

/** A unit that does not show its enclosure may be a module of any of its kind. */
const mayBePartner = (unit: DeviceFacts, own: string | null, other: FrozenUnit): boolean =>
  (own === null || other.enclosure === null) &&
  unit.deviceType === DeviceType.enclosure &&
  other.deviceType === DeviceType.enclosure &&
  unit.vendor === other.vendor &&
  unit.product === other.product;
