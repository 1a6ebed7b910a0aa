import type { Clock } from '../base/clock.ts';
import type { Host } from '../host/host.ts';
import { inspectPaths } from '../run/facts/inspect-path.ts';
import type { Inventory } from './inventory.ts';

/** Looks at every unit of the host, and keeps all that a plan might look at. Changes nothing. */
export async function recordInventory(
  host: Host,
  clock: Clock,
  facts: Omit<Inventory, 'inspected' | 'around'>,
): Promise<Inventory> {
  const attached = await host.discover();
  const deviceTypes = new Set(attached.map(({ deviceType }) => deviceType));
  const inspected = await inspectPaths(host, attached, { deviceTypes, clock, pages: 'all' });
  return { ...facts, inspected, around: await host.survey() };
}
