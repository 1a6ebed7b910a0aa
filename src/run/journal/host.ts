import { DecodeError } from '../../base/errors.ts';
import type { Host } from '../../host/host.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { OperationCode } from '../../scsi/command.ts';
import type { ScsiCommand } from '../../scsi/command.ts';
import { decodeWriteBufferCdb, modeFacts, WRITE_BUFFER_MODES } from '../../scsi/write-buffer.ts';
import { decodeDownloadMicrocodeControl, SES_MICROCODE_MODES } from '../../ses/download-microcode-control.ts';
import type { CommandOutcome, Transport } from '../../transport/transport.ts';
import type { DeviceState, StateFacts } from './entry.ts';

export type Enter = (state: DeviceState, facts: StateFacts) => Promise<void>;

/**
 * The host as one device run sees it: what is going to change the device is entered in the journal, and synced, before it
 * is done. Whoever sends needs to know nothing of journals, and no way of sending can be forgotten.
 */
export function journaledHost(host: Host, play: ResolvedPlay, enter: Enter): Host {
  const passes = new Passes(play);
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
    run: async (argv, timeoutMs) => {
      await enter('step', { step: `run ${argv.join(' ')}` });
      return host.run(argv, timeoutMs);
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

function journaledTransport(transport: Transport, passes: Passes, enter: Enter): Transport {
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

/** Part of an image, or the wish to make it run; read from the bytes that are sent. */
interface Sent {
  readonly mode: number;
  readonly offsetBytes: number;
  readonly dataBytes: number;
  /** null: no more than a part. */
  readonly special: 'activation' | 'abort' | 'whole' | null;
}

/** Where a download is, seen from its commands. */
class Passes {
  #pass = 0;
  #last = '';
  readonly #ends: ReadonlySet<number>;
  readonly #starts: ReadonlySet<number>;

  constructor({ download }: ResolvedPlay) {
    this.#starts = new Set(download.map(({ offsetBytes }) => offsetBytes));
    this.#ends = new Set(download.map(({ offsetBytes, image }) => offsetBytes + image.length));
  }

  /** What has to be in the journal before this command is sent; null: it is there already, or nothing is changed. */
  next(command: ScsiCommand): { readonly state: DeviceState; readonly facts: StateFacts } | null {
    const sent = sentBy(command);
    if (sent === null) return null;
    const { mode, offsetBytes, special } = sent;
    const state = this.#stateOf(sent);
    // The same command again, after an answer that says that it was not executed, is nothing new.
    const what = `${state} ${mode} ${offsetBytes}`;
    const again = this.#last === what;
    this.#last = what;
    if (again || state === null) return null;
    if (special === 'activation') return { state, facts: { mode } };
    if (state === 'first-chunk' || this.#pass === 0) this.#pass++;
    return { state, facts: { mode, offsetBytes, pass: this.#pass } };
  }

  /** null: a chunk in the middle. */
  #stateOf({ offsetBytes, dataBytes, special }: Sent): DeviceState | null {
    if (special === 'activation') return 'activation';
    if (special === 'abort') return this.#pass === 0 ? 'first-chunk' : null;
    // An empty command ends a download; a mode without offsets carries a whole image each time.
    if (special === 'whole' || dataBytes === 0 || this.#ends.has(offsetBytes + dataBytes))
      return 'last-chunk';
    return this.#starts.has(offsetBytes) ? 'first-chunk' : null;
  }
}

function sentBy({ cdb, dataOut, changesDevice }: ScsiCommand): Sent | null {
  if (!changesDevice) return null;
  if (cdb[0] === OperationCode.writeBuffer) {
    const { mode, offsetBytes, parameterListBytes } = decodeWriteBufferCdb(cdb);
    const special =
      mode === WRITE_BUFFER_MODES.activate_mc ? 'activation' : modeFacts(mode).usesOffset ? null : 'whole';
    return { mode, offsetBytes, dataBytes: parameterListBytes, special };
  }
  if (cdb[0] !== OperationCode.sendDiagnostic) return null;
  try {
    const { mode, bufferOffsetBytes, data } = decodeDownloadMicrocodeControl(dataOut ?? new Uint8Array());
    const special =
      mode === SES_MICROCODE_MODES.activate_mc
        ? 'activation'
        : mode === SES_MICROCODE_MODES.dmc_abort
          ? 'abort'
          : null;
    return { mode, offsetBytes: bufferOffsetBytes, dataBytes: data.length, special };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return null; // another page: no part of a download
  }
}
