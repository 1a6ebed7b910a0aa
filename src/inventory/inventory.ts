import { fromHex, toHex } from '../base/bytes.ts';
import type { AttachedDevice, Surroundings } from '../host/host.ts';
import type { MatchPage } from '../playbook/resolved.ts';
import type { EnclosureDescriptor } from '../ses/configuration.ts';
import type { InterruptedRun } from '../run/records/interrupted-runs.ts';
import type { InspectedPath, UnitOverPath } from '../run/facts/inspect-path.ts';
import type { HostMemory } from '../run/records/memory.ts';
import type { UnitRecord } from '../run/records/unit-record.ts';

/** What is remembered of the units of a host, or why that could not be read. */
export type InventoryMemory =
  | {
      readonly problem: null;
      readonly bootId: string | null;
      readonly units: readonly UnitRecord[];
      /** By id of the unit. */
      readonly dead: ReadonlyMap<string, InterruptedRun>;
    }
  | { readonly problem: string };

/** What an inventory keeps of a memory. */
export const inventoryMemory = ({
  units,
  bootId,
}: HostMemory): Omit<Extract<InventoryMemory, { problem: null }>, 'problem'> => ({
  bootId,
  units: [...units.values()].flatMap(({ record }) => record ?? []),
  dead: new Map(
    [...units.values()].flatMap(({ unit, interrupted }): [string, InterruptedRun][] =>
      interrupted === null ? [] : [[unit, interrupted]],
    ),
  ),
});

/** Everything that `plan` looks at on a host, at one time: planned against later, and elsewhere. */
export interface Inventory {
  readonly host: string;
  /** ISO 8601 */
  readonly recorded: string;
  /** Version of the program that recorded it. */
  readonly runbook: string;
  readonly inspected: readonly InspectedPath[];
  /** By H:C:T:L. */
  readonly around: ReadonlyMap<string, Surroundings>;
  readonly memory: InventoryMemory;
}

/** Bytes are hexadecimal; a page has its code in decimal, or is `standard`. */
export interface WrittenInventory {
  readonly host: string;
  readonly recorded: string;
  readonly runbook: string;
  readonly paths: readonly WrittenPath[];
  readonly memory:
    | {
        readonly problem: null;
        readonly bootId: string | null;
        readonly units: readonly UnitRecord[];
        readonly dead: readonly (InterruptedRun & { readonly unit: string })[];
      }
    | { readonly problem: string };
}

interface WrittenPath {
  readonly attached: AttachedDevice;
  readonly surroundings: Surroundings | null;
  readonly seen:
    | (Omit<UnitOverPath, 'enclosures' | 'pages'> & {
        readonly enclosures: readonly WrittenEnclosure[] | null;
        readonly pages: Readonly<Record<string, string | null>>;
      })
    | null;
  readonly problem: InspectedPath['problem'];
}

type WrittenEnclosure = Omit<EnclosureDescriptor, 'vendorSpecific'> & { readonly vendorSpecific: string };

/** A unit attention is news of one look, and says nothing to who reads the record. */
function lasting(seen: UnitOverPath): UnitOverPath {
  const copy: { -readonly [Key in keyof UnitOverPath]: UnitOverPath[Key] } = { ...seen };
  delete copy.attentions;
  return copy;
}

/** For the JSON document. */
export function writtenInventory({ inspected, around, memory, ...facts }: Inventory): WrittenInventory {
  return {
    ...facts,
    paths: inspected.map(({ path, seen, problem }) => ({
      attached: path,
      surroundings: around.get(path.hctl) ?? null,
      seen: seen && {
        ...lasting(seen),
        enclosures:
          seen.enclosures?.map((entry) => ({ ...entry, vendorSpecific: toHex(entry.vendorSpecific) })) ??
          null,
        pages: Object.fromEntries([...seen.pages].map(([page, bytes]) => [page, bytes && toHex(bytes)])),
      },
      problem,
    })),
    memory:
      memory.problem === null
        ? { ...memory, dead: [...memory.dead].map(([unit, dead]) => ({ unit, ...dead })) }
        : memory,
  };
}

/** The way back. What was written has its shape already. */
export function readInventory({ paths, memory, ...facts }: WrittenInventory): Inventory {
  const { host, recorded, runbook } = facts;
  return {
    ...{ host, recorded, runbook },
    inspected: paths.map(({ attached, seen, problem }) => ({
      path: attached,
      seen: seen && {
        ...seen,
        enclosures:
          seen.enclosures?.map((entry) => ({ ...entry, vendorSpecific: fromHex(entry.vendorSpecific) })) ??
          null,
        pages: new Map(
          Object.entries(seen.pages).map(([page, bytes]): [MatchPage, Uint8Array | null] => [
            page === 'standard' ? page : Number(page),
            bytes === null ? null : fromHex(bytes),
          ]),
        ),
      },
      problem,
    })),
    around: new Map(
      paths.flatMap(({ attached, surroundings }): [string, Surroundings][] =>
        surroundings === null ? [] : [[attached.hctl, surroundings]],
      ),
    ),
    memory:
      memory.problem === null
        ? { ...memory, dead: new Map(memory.dead.map(({ unit, ...dead }) => [unit, dead])) }
        : memory,
  };
}
