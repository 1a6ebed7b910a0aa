import { refusal } from '../../base/refusal.ts';
import type { Host } from '../../host/host.ts';
import type { Transport } from '../../transport/transport.ts';
import type { DeviceState, KeptAnswer, StateFacts } from '../records/journal-entry.ts';
import type { RecordedDownload } from './recorded-download.ts';

export type Enter = (state: DeviceState, facts: StateFacts) => Promise<void>;
export type Keep = (answer: KeptAnswer) => Promise<void>;

/**
 * The host as one device run sees it: what is going to change the device is entered in the journal, and synced, before it
 * is done; and what the device answers that decides about it, before anything else is. Whoever sends needs to know nothing of journals, and no way of sending can be forgotten.
 */
export function journaledHost(host: Host, passes: RecordedDownload, enter: Enter, keep: Keep): Host {
  const own: Partial<Host> = {
    open: async (device, access) => {
      const transport = await host.open(device, access);
      return access === 'change' ? journaledTransport(transport, passes, enter, keep) : transport;
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
      const result = await host.run(argv, timeoutMs, about);
      // Its exit status is all that is heard of the image, once.
      if (about !== undefined && !result.timedOut && result.exitCode !== 0) {
        const error = refusal('program-failed', { program: argv.join(' '), status: result.exitCode });
        await keep({ says: 'refused', error });
      }
      return result;
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

function journaledTransport(
  transport: Transport,
  passes: RecordedDownload,
  enter: Enter,
  keep: Keep,
): Transport {
  return {
    execute: async (command) => {
      const next = passes.next(command);
      if (next !== null) await enter(next.state, next.facts);
      const outcome = await transport.execute(command);
      const decided = passes.answered(command, outcome);
      if (decided !== null && 'state' in decided) await enter(decided.state, decided.facts);
      else if (decided !== null) await keep(decided);
      return outcome;
    },
    close: () => transport.close(),
  };
}
