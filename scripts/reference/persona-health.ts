import { VirtualClock } from '../../src/base/clock.ts';
import { Device } from '../../src/device/device.ts';
import { readHealth } from '../../src/run/facts/health.ts';
import { healthRefusal, healthWarnings } from '../../src/run/guards/health.ts';
import { createLabHost } from '../../src/simulator/lab-host.ts';
import { PERSONAS } from '../../src/simulator/personas.ts';

const REQUIRED = { health: 'required', proceedWithout: [] } as const;

/** What the guard says of each persona, asked as it asks a real unit. */
export async function personaHealth(): Promise<ReadonlyMap<string, string>> {
  const said = new Map<string, string>();
  const clock = new VirtualClock();
  for (const [persona, { revision }] of Object.entries(PERSONAS)) {
    const host = createLabHost({ lab: 'v1', devices: [{ persona, revision }] }, { images: new Map(), clock });
    const [path] = await host.discover();
    const find = (): Promise<null> => Promise.resolve(null);
    const device = new Device(await host.open(path!, 'read'), { clock, find });
    const fact = await readHealth(device);
    await device.close();
    const isWarned = healthWarnings(fact, REQUIRED).length > 0;
    const well = fact.kind === 'absent' ? 'not asked' : isWarned ? 'warned' : 'well';
    said.set(persona, healthRefusal(fact, REQUIRED) === null ? well : 'refused');
  }
  return said;
}
