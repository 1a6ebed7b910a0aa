import type { Behavior, SimulatedDevice } from '../simulated-device.ts';

/** To be put in front of one of the logical units that have one microcode: what starts in another one runs in it, too. */
export function sharedMicrocode(others: readonly SimulatedDevice[]): Behavior {
  const ran = new Map(others.map((other) => [other, other.microcode.running.revision]));
  return (_command, device, nexus) => {
    for (const other of others) {
      const { revision } = other.microcode.running;
      if (ran.get(other) === revision) continue;
      ran.set(other, revision);
      const [newest] = [...other.microcode.flash].slice(-1);
      if (newest === undefined || device.microcode.running.revision === revision) continue;
      device.microcode.run(...newest, true);
      device.startNewCode(nexus);
    }
    return undefined;
  };
}
