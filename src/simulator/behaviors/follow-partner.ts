import type { Behavior, SimulatedDevice } from '../simulated-device.ts';

/**
 * To be put in front of one module of an enclosure: some bring themselves to the code of a partner that has started another
 * one, up or down, without being asked. `afterMs` counts from the moment that the partner is ready.
 */
export function followPartner(partners: readonly SimulatedDevice[], afterMs: number): Behavior {
  const followed = new Map<SimulatedDevice, number>();
  return (_command, device, nexus) => {
    for (const partner of partners) {
      const { restarts, readyAtMs, microcode, clock } = partner;
      if (restarts === (followed.get(partner) ?? 0) || clock.nowMs() < readyAtMs + afterMs) continue;
      followed.set(partner, restarts);
      const [newest] = [...microcode.flash].slice(-1);
      if (newest === undefined || microcode.running.revision === device.microcode.running.revision) continue;
      device.microcode.run(...newest, true);
      device.enclosure?.restart();
      device.startNewCode(nexus);
    }
    return undefined;
  };
}
