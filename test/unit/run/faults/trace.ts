import type { ScsiCommand } from '../../../../src/scsi/command.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { decodeWriteBufferCdb, WRITE_BUFFER_MODES } from '../../../../src/scsi/write-buffer.ts';
import {
  decodeDownloadMicrocodeControl,
  SES_MICROCODE_MODES,
} from '../../../../src/ses/download-microcode-control.ts';
import { downloadMicrocodeStatus } from '../../../../src/ses/download-microcode-status.ts';
import type { SubenclosureMicrocodeStatus } from '../../../../src/ses/download-microcode-status.ts';
import type { LogEntry, SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { IMAGE } from '../builders.ts';

/** What one command is to the procedure that sends it. */
export type Role =
  | {
      readonly role: 'chunk';
      /** Where it goes: the section that it belongs to. */
      readonly to: string;
      readonly offset: number;
      readonly bytes: number;
      /** With this one the device has every byte. */
      readonly hasAll: boolean;
    }
  | { readonly role: 'activation'; readonly to: string }
  | { readonly role: 'abort' }
  /** RECEIVE DIAGNOSTIC RESULTS of this page. */
  | { readonly role: 'page'; readonly pageCode: number }
  | { readonly role: 'look'; readonly name: string };

export type Sent = LogEntry & { readonly as: Role };

/** How far the run is, by what was sent. */
export interface Progress {
  readonly chunks: number;
  readonly hasAll: boolean;
  readonly activated: boolean;
}

/** Every command of a run with its role, and what the device had at the moments that count. */
export class FaultTrace {
  readonly sent: Sent[] = [];
  /** Where in `sent` runbook said that it starts again. */
  readonly restarts: number[] = [];
  /** Images that waited in the device when an activation came. */
  readonly waitingAtActivation: number[] = [];
  /** Chunks that came while the device showed the target already. */
  overNewCode = 0;
  #progress: Progress = { chunks: 0, hasAll: false, activated: false };

  constructor(device: SimulatedDevice, target: string) {
    const execute = device.execute.bind(device);
    device.execute = (command, nexus) => {
      const as = roleOf(command);
      const { microcode, enclosure } = device;
      // An image that is complete and on its way into the flash memory waits as well.
      const waiting = enclosure?.subenclosures.map(
        (place) => place.microcode.waiting.size + (place.writing === null ? 0 : 1),
      ) ?? [microcode.waiting.size];
      if (as.role === 'activation')
        this.waitingAtActivation.push(waiting.reduce((sum, count) => sum + count, 0));
      if (as.role === 'chunk' && device.shownRevision === target) this.overNewCode++;
      const outcome = execute(command, nexus);
      this.sent.push({ ...device.log.at(-1)!, as });
      this.#progress = after(this.#progress, as);
      return outcome;
    };
  }

  get progress(): Progress {
    return this.#progress;
  }

  get chunks(): (Sent & { readonly as: Extract<Role, { role: 'chunk' }> })[] {
    return this.sent.filter(isChunk);
  }
}

export const isChunk = (sent: Sent): sent is Sent & { readonly as: Extract<Role, { role: 'chunk' }> } =>
  sent.as.role === 'chunk';

export const isActivation = (
  sent: Sent,
): sent is Sent & { readonly as: Extract<Role, { role: 'activation' }> } => sent.as.role === 'activation';

function after({ chunks, hasAll, activated }: Progress, as: Role): Progress {
  return {
    chunks: chunks + (as.role === 'chunk' ? 1 : 0),
    hasAll: hasAll || (as.role === 'chunk' && as.hasAll),
    activated: activated || as.role === 'activation',
  };
}

export function roleOf(command: ScsiCommand): Role {
  const { cdb, dataOut, name } = command;
  switch (cdb[0]) {
    case OperationCode.writeBuffer: {
      const { mode, bufferId, offsetBytes: offset, parameterListBytes: bytes } = decodeWriteBufferCdb(cdb);
      if (mode === WRITE_BUFFER_MODES.activate_mc) return { role: 'activation', to: 'unit' };
      // The empty command at the end of a tape download is the one that starts it.
      const hasAll = bytes === 0 || offset + bytes === IMAGE.length;
      return { role: 'chunk', to: `buffer ${bufferId}`, offset, bytes, hasAll };
    }
    case OperationCode.sendDiagnostic: {
      const {
        mode,
        bufferOffsetBytes: offset,
        data,
        subenclosureId,
      } = decodeDownloadMicrocodeControl(dataOut!);
      const to = `subenclosure ${subenclosureId}`;
      if (mode === SES_MICROCODE_MODES.activate_mc) return { role: 'activation', to };
      if (mode === SES_MICROCODE_MODES.dmc_abort) return { role: 'abort' };
      return {
        role: 'chunk',
        to,
        offset,
        bytes: data.length,
        hasAll: offset + data.length === IMAGE.length,
      };
    }
    case OperationCode.receiveDiagnosticResults:
      return { role: 'page', pageCode: cdb[2]! };
    default:
      return { role: 'look', name };
  }
}

/** What a reading of page 0Eh told; empty: nothing that counts. */
export function statusesIn({ as, outcome }: Sent): readonly SubenclosureMicrocodeStatus[] {
  if (as.role !== 'page' || as.pageCode !== downloadMicrocodeStatus.pageCode) return [];
  const { errno, hostStatus, status, dataIn } = outcome;
  if (errno !== 0 || hostStatus !== 0 || status !== 0 || dataIn.length === 0) return [];
  try {
    return downloadMicrocodeStatus.decode(dataIn).subenclosures;
  } catch {
    return []; // a page that was cut
  }
}
