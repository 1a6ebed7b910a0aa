import type { Host, UnitLock } from '../../host/host.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';

/**
 * The lock of a unit and, where it is known, that of its enclosure: two runs never work on two modules of one enclosure.
 * Throws HostError like {@link Host.lock}, and holds nothing then.
 */
export async function lockWithEnclosure(host: Host, unit: DeviceFacts, run?: string): Promise<UnitLock> {
  const enclosure = enclosureOf(unit);
  const own = await host.lock(unit.id, run);
  if (enclosure === null) return own;
  try {
    const shared = await host.lock(`enclosure.${enclosure}`, run);
    return {
      descriptors: [...own.descriptors, ...shared.descriptors],
      release: async () => {
        await shared.release();
        await own.release();
      },
    };
  } catch (error) {
    await own.release();
    throw error;
  }
}
