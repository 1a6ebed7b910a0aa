import type { Host } from '../../host/host.ts';
import type { CommandOutcome, Transport } from '../../transport/transport.ts';
import type { DeviceState, StateFacts } from '../records/journal-entry.ts';
import type { RecordedDownload } from './recorded-download.ts';

export type Enter = (state: DeviceState, facts: StateFacts) => Promise<void>;

/**
 * The host as one device run sees it: what is going to change the device is entered in the journal, and synced, before it
 * is done. Whoever sends needs to know nothing of journals, and no way of sending can be forgotten.
 */
export function journaledHost(host: Host, passes: RecordedDownload, enter: Enter): Host {
  const own: Partial<Host> = {
    open: async (device, access) => {
      const transport = await host.open(device, access);
      return access === 'change' ? journaledTransport(transport, passes, enter) : transport;
    },
    rescan: async (device) => {
      await enter('step', { step: 'rescan' });
      await host.rescan(device);
    },
    reloadDriver: async (driver) => {
      await enter('step', { step: `reload-driver ${driver}` });
      await host.reloadDriver(driver);
    },
    run: async (argv, timeoutMs, about) => {
      const step = `run ${argv.join(' ')}`;
      // A program that brings the image in is in flight like a last chunk: when it ends is its own knowledge.
      if (about === undefined) await enter('step', { step });
      else await enter('last-chunk', { step, ...passes.sectionFacts });
      return host.run(argv, timeoutMs, about);
    },
  };
  // Everything else is the host's own, with its own `this`.
  return new Proxy(host, {
    get: (target, key): unknown => {
      if (Object.hasOwn(own, key)) return Reflect.get(own, key);
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function journaledTransport(transport: Transport, passes: RecordedDownload, enter: Enter): Transport {
  return {
    execute: async (command) => {
      const next = passes.next(command);
      if (next !== null) await enter(next.state, next.facts);
      const result = await transport.execute(command);
      if (next?.state === 'activation' && isGood(result)) await enter('activated', {});
      return result;
    },
    close: () => transport.close(),
  };
}

/** Nothing to judge: GOOD, and not a word beside it. */
function isGood({ errno, status, hostStatus, driverStatus, sense }: CommandOutcome): boolean {
  return errno === 0 && status === 0 && hostStatus === 0 && driverStatus === 0 && sense.length === 0;
}
