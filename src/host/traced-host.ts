import { recordTrace } from '../transport/trace.ts';
import type { Host } from './host.ts';

/**
 * A host whose transports all record into one trace. Commands are numbered per device through every opening, so that what a
 * device saw reads as one sequence. `write` gets one line, with its line feed, as soon as a command has its outcome.
 */
export function tracedHost(host: Host, write: (line: string) => void): Host {
  const counters = new Map<string, { next: number }>();
  return {
    kind: host.kind,
    discover: () => host.discover(),
    survey: () => host.survey(),
    hctlsNamed: (name) => host.hctlsNamed(name),
    open: async (device, access) => {
      const name = device.sgNode ?? device.hctl;
      const counter = counters.get(name) ?? { next: 0 };
      counters.set(name, counter);
      return recordTrace(await host.open(device, access), name, write, counter);
    },
    openElsewhere: (devices) => host.openElsewhere(devices),
    inhibitShutdown: (why) => host.inhibitShutdown(why),
    readSysfs: (path) => host.readSysfs(path),
    linkRates: (device) => host.linkRates(device),
    lock: (unitId, run) => host.lock(unitId, run),
    rescan: (device) => host.rescan(device),
    reloadDriver: (driver) => host.reloadDriver(driver),
    run: (argv, timeoutMs, about) => host.run(argv, timeoutMs, about),
    close: () => host.close(),
  };
}
