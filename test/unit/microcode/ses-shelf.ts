import { VirtualClock } from '../../../src/base/clock.ts';
import { Device } from '../../../src/device/device.ts';
import { downloadBySes } from '../../../src/microcode/ses/download.ts';
import type { SesDownload } from '../../../src/microcode/ses/pages.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import { decodeDownloadMicrocodeControl } from '../../../src/ses/download-microcode-control.ts';
import { downloadMicrocodeStatus } from '../../../src/ses/download-microcode-status.ts';
import type {
  DownloadMicrocodeStatus,
  SubenclosureMicrocodeStatus,
} from '../../../src/ses/download-microcode-status.ts';
import { faultBehavior } from '../../../src/simulator/faults.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import type { SesRules } from '../../../src/simulator/ses-rules.ts';
import type { Behavior, SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { openSimulated } from '../../../src/simulator/simulated-transport.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import type { Answer } from '../../support/scripted-transport.ts';
import { outcomeFor } from '../../support/scripted-transport.ts';
import { IMAGE, NEXUS } from '../simulator/device-under-test.ts';
import { shelf } from '../simulator/ses-device.ts';
import type { ShelfName } from '../simulator/ses-device.ts';
import { downloadOf } from './downloads.ts';
import type { SesEnd } from '../../../src/microcode/ses/pass.ts';

/** 10000 bytes in mode 07h, 4096 at a time: three pages. */
export function sesDownloadOf(fields: Partial<SesDownload> = {}): SesDownload {
  const image = fields.image ?? IMAGE.bytes;
  const timeouts = { firstMs: 7_200_000, chunkMs: 7_200_000, lastMs: 7_200_000 };
  return {
    ...downloadOf({ mode: 0x07, image, timeouts }),
    subenclosureId: 0,
    imageLengthBytes: image.length,
    statusReads: 'auto',
    finalStatus: 'read',
    ...fields,
  };
}

export interface SesCase {
  readonly persona?: ShelfName;
  readonly ses?: Partial<SesRules>;
  readonly download?: Partial<SesDownload>;
  readonly fallback?: Partial<SesDownload>;
  readonly unchanged?: boolean;
  /** In front of the device, the first one foremost. */
  readonly front?: readonly Behavior[];
  readonly waitMs?: number;
}

export interface SesFound {
  readonly end: SesEnd;
  /** Page 0Eh on the wire: `07@4096` (mode and offset), `R` for a reading. */
  readonly wire: string;
  readonly notices: string[];
  readonly progress: string[];
  readonly waits: string[];
  readonly device: SimulatedDevice;
  readonly seconds: number;
}

export async function sesDownload(given: SesCase = {}): Promise<SesFound> {
  const { clock, device, simulated, wire } = openShelf(given);
  const notices: string[] = [];
  const progress: string[] = [];
  const waits: string[] = [];
  const end = await downloadBySes(device, {
    download: sesDownloadOf(given.download),
    fallback: given.fallback === undefined ? null : sesDownloadOf(given.fallback),
    unchanged: () => Promise.resolve(given.unchanged ?? true),
    waitMs: given.waitMs ?? 10_000,
    onProgress: ({ doneBytes, totalBytes, chunk, chunks }) =>
      progress.push(`${doneBytes}/${totalBytes} ${chunk}/${chunks}`),
    onNotice: (message) => notices.push(message),
    onWaiting: (what) => waits.push(what),
  });
  const seconds = Math.round(clock.nowMs() / 1000);
  return { end, wire: wire.join(' '), notices, progress, waits, device: simulated, seconds };
}

/** A simulated enclosure behind one open path, and what goes over it. */
export function openShelf({
  persona = 'ses-shelf',
  ses = {},
  front = [],
}: Pick<SesCase, 'persona' | 'ses' | 'front'> = {}): {
  readonly clock: VirtualClock;
  readonly device: Device;
  readonly simulated: SimulatedDevice;
  readonly wire: string[];
} {
  const clock = new VirtualClock();
  const simulated = shelf(persona, { clock, ses });
  for (const behavior of [...front].reverse()) simulated.putInFront(behavior);
  const wire: string[] = [];
  simulated.putInFront(({ cdb, dataOut }) => {
    if (isStatusRead(cdb)) wire.push('R');
    if (cdb[0] === OperationCode.sendDiagnostic) {
      const { mode, bufferOffsetBytes } = decodeDownloadMicrocodeControl(dataOut!);
      wire.push(`${mode.toString(16).toUpperCase().padStart(2, '0')}@${bufferOffsetBytes}`);
    }
    return undefined;
  });
  const open = (): ReturnType<typeof openSimulated> =>
    openSimulated({ device: simulated, nexus: NEXUS, node: '/dev/sg0' });
  const device = new Device(open(), { clock, find: () => Promise.resolve(open()) });
  return { clock, device, simulated, wire };
}

const isStatusRead = (cdb: Uint8Array): boolean =>
  cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === downloadMicrocodeStatus.pageCode;

type Change = Partial<SubenclosureMicrocodeStatus> & { readonly generationCode?: number };

/**
 * The `nth` reading of page 0Eh (1: before the first page), and `times` from it on (0: all): other fields in the entry of
 * subenclosure 0, another page, or another answer. The device itself is read nevertheless.
 */
export function reading(
  nth: number,
  change: Change | Answer | ((page: DownloadMicrocodeStatus) => Uint8Array),
  times = 1,
): Behavior {
  let met = 0;
  return (command, device, nexus) => {
    if (!isStatusRead(command.cdb)) return undefined;
    met++;
    if (met < nth || (times !== 0 && met >= nth + times)) return undefined;
    const own = device.perform(command, nexus);
    if (typeof change === 'string' || 'hostStatus' in change) return outcomeFor(change);
    const { generationCode, subenclosures } = device.enclosure!;
    const page =
      own.status === 0
        ? downloadMicrocodeStatus.decode(own.dataIn)
        : { generationCode, subenclosures: subenclosures.map((subenclosure) => subenclosure.report()) };
    return outcomeOf({ dataIn: typeof change === 'function' ? change(page) : changed(page, change) });
  };
}

export function changed(
  { generationCode, subenclosures }: DownloadMicrocodeStatus,
  { generationCode: moved = generationCode, ...fields }: Change,
): Uint8Array {
  return downloadMicrocodeStatus.encode({
    generationCode: moved,
    subenclosures: subenclosures.map((entry) =>
      entry.subenclosureId === 0 ? { ...entry, ...fields } : entry,
    ),
  });
}

/** The `nth` SEND DIAGNOSTIC gets this answer; `executed`: the device does it nevertheless. */
export function sending(nth: number, answer: Answer, { executed = false, times = 1 } = {}): Behavior {
  return faulty({ when: { operationCode: OperationCode.sendDiagnostic, nth, times }, executed }, answer);
}

/** The `nth` command with this operation code. */
export function answering(operationCode: number, nth: number, answer: Answer, times = 1): Behavior {
  return faulty({ when: { operationCode, nth, times } }, answer);
}

function faulty(fault: Fault, answer: Answer): Behavior {
  return faultBehavior({ ...fault, answer: outcomeFor(answer) });
}
