import { hostname } from 'node:os';
import { shownText } from '../../base/bytes.ts';
import { identityId } from '../../device/identity.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { documentOf } from '../../report/documents.ts';
import { deviceEntry, devicesText, type ListedDevice, type Probe } from '../../report/devices-text.ts';
import { failureText } from '../../report/failure-text.ts';
import { counted } from '../../report/quantities.ts';
import {
  inventoryMemory,
  writtenInventory,
  type Inventory,
  type InventoryMemory,
} from '../../inventory/inventory.ts';
import { recordInventory } from '../../inventory/record.ts';
import { downloadModes } from '../../run/guards/modes.ts';
import type { InspectedPath, UnitOverPath } from '../../run/facts/inspect-path.ts';
import { unitsOf } from '../../run/facts/inspect.ts';
import { topologyOf, type HostTopology } from '../../run/facts/topology.ts';
import { topologyLines } from '../../report/topology-text.ts';
import { StateError } from '../../run/records/state-error.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import { writeBufferModeName } from '../../scsi/write-buffer.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';
import { HostError } from '../../host/host-error.ts';
import { openHost } from '../open-host.ts';
import { openState } from '../open-state.ts';
import { VERSION } from '../../base/program-facts.ts';

export interface DevicesOptions extends CommonOptions {
  readonly probe: boolean;
  /** A picture of what hangs where instead of a table. */
  readonly tree: boolean;
}

/**
 * `runbook devices [--probe]`: every logical unit of the host. Without --probe no node is opened. With it the JSON document holds
 * everything that a plan looks at, so that `plan --inventory` can do without the host.
 */
export async function devices(options: DevicesOptions, io: Io): Promise<Answer> {
  const { host, clock, close } = await openHost(options, { opensDevices: options.probe });
  try {
    const inventory = options.probe
      ? await recordInventory(host, clock, {
          host: hostname(),
          recorded: new Date().toISOString(),
          runbook: VERSION,
          memory: await memoryOf(options, io),
        })
      : null;
    const listed =
      inventory === null
        ? (await host.discover()).map((attached) => ({ attached, probe: null, error: null }))
        : inventory.inspected.map(listedOf);
    const topology = options.tree ? await topologyFor(host, inventory) : null;
    return answerOf(listed, { inventory, topology }, options, io);
  } catch (error) {
    // Without the driver there are no sg devices, and nothing is wrong as long as none is to be opened.
    if (options.probe || !(error instanceof HostError) || error.code !== 'no-sg-driver') throw error;
    const answer = answerOf([], { inventory: null, topology: null }, options, io);
    return { ...answer, hint: `runbook: ${error.message}; load it with: modprobe sg` };
  } finally {
    await close();
  }
}

function answerOf(
  listed: readonly ListedDevice[],
  { inventory, topology }: { readonly inventory: Inventory | null; readonly topology: HostTopology | null },
  options: DevicesOptions,
  io: Io,
): Answer {
  const ink = inkOf(io.stdout, io.env, options.color);
  const error = inventory && allRefused(inventory);
  const exit = exitOf(error === null ? 'OK' : 'REFUSED');
  return {
    exit,
    document: documentOf('runbook.devices/1', 'devices', exit, {
      body: {
        simulated: options.lab !== undefined,
        devices: listed.map(deviceEntry),
        inventory: inventory && writtenInventory(inventory),
        ...(topology === null ? {} : { topology }),
      },
      error,
    }),
    text:
      topology === null
        ? devicesText(listed, options.probe, ink)
        : topologyLines(topology, { ink, verbose: options.verbose })
            .map((line) => `${line}\n`)
            .join(''),
    notes: error === null ? '' : failureText(error, inkOf(io.stderr, io.env, options.color)),
    hint: hintFor(listed.map(({ attached }) => attached)),
  };
}

/** Of what was recorded; without it what sysfs shows alone. */
async function topologyFor(host: Host, inventory: Inventory | null): Promise<HostTopology> {
  if (inventory !== null) return topologyOf(unitsOf(inventory.inspected, inventory.around));
  const inspected = (await host.discover()).map((path) => ({ path, seen: null, problem: null }));
  return topologyOf(unitsOf(inspected, await host.survey()));
}

/** What is remembered of the units of this host: a plan depends on it. */
async function memoryOf(options: DevicesOptions, io: Io): Promise<InventoryMemory> {
  try {
    const state = openState(options, io);
    const { memory, damaged, unreadable } = await state.memory();
    const problem = damaged[0] ?? unreadable[0];
    if (problem !== undefined) return { problem: problem.message };
    return { problem: null, ...inventoryMemory(memory) };
  } catch (error) {
    if (error instanceof StateError) return { problem: error.message };
    throw error;
  }
}

function listedOf({ path, seen, problem }: InspectedPath): ListedDevice {
  return { attached: path, probe: seen && probeOf(seen), error: problem?.message ?? null };
}

function probeOf({ vendor, product, revision, identity, pages }: UnitOverPath): Probe {
  const modes = downloadModes(pages);
  return {
    vendor,
    product,
    revision,
    id: identityId(identity),
    serialNumber: identity.serialNumber === null ? null : shownText(identity.serialNumber),
    downloadModes: modes === null ? null : [...modes].map(writeBufferModeName),
  };
}

/** Every device that was asked gave no answer, and why; null: one did, or there is none. */
function allRefused({ inspected }: Inventory): Refusal | null {
  const [first] = inspected;
  if (first === undefined || inspected.some(({ problem }) => problem === null)) return null;
  const causes = new Map<string, number>();
  for (const { path, problem } of inspected) {
    const cause = problem!.message.replace(`${path.sgNode ?? path.hctl}: `, '');
    causes.set(cause, (causes.get(cause) ?? 0) + 1);
  }
  const told = [...causes].map(([cause, count]) => `${cause} (${counted(count, 'device')})`);
  return { ...first.problem!, message: `no device could be asked: ${told.join('; ')}` };
}

function hintFor(attached: readonly AttachedDevice[]): string | undefined {
  if (attached.length === 0) {
    return 'runbook: this host has no SCSI device; if there should be one, check dmesg and load the driver of the adapter';
  }
  if (attached.every(({ sgNode }) => sgNode === null)) {
    return 'runbook: no device has an sg node; load the sg driver: modprobe sg';
  }
  return undefined;
}
