import type { ScsiCommand } from '../../scsi/command.ts';
import { OperationCode } from '../../scsi/command.ts';
import type { SenseFields } from '../../scsi/sense.ts';
import type { WriteBufferCdb } from '../../scsi/write-buffer.ts';
import { WRITE_BUFFER_MODES, decodeWriteBufferCdb, modeFacts } from '../../scsi/write-buffer.ts';
import type { CommandOutcome } from '../../transport/transport.ts';
import { DATA_PHASE_ERROR, IMAGE_REFUSED, good, invalidFieldInCdb } from '../answers.ts';
import type { IncomingDownload } from '../microcode.ts';
import type { Behavior, SimulatedDevice } from '../simulated-device.ts';
import { activate, complete } from './activation.ts';

const EVENT_MODE = WRITE_BUFFER_MODES.dmc_offs_ev_defer;
const ANY_OFFSET_BUT_0_IS_WRONG = 0xff;

/** WRITE BUFFER(10), microcode modes only (SPC-4 5.4 and 6.49). */
export const answerWriteBuffer: Behavior = (command, device, nexus) => {
  if (command.cdb[0] !== OperationCode.writeBuffer) return undefined;
  const fields = decodeWriteBufferCdb(command.cdb);
  const wrong = wrongField(fields, command, device);
  if (wrong !== null) return device.refuse(wrong);
  if (fields.mode === WRITE_BUFFER_MODES.activate_mc) return activate(command, device, nexus);
  if (fields.parameterListBytes === 0) return taken(command, 0); // legal, and nothing happens
  return takeChunk(command, fields, device, nexus);
};

/** What is wrong with the CDB for this device, whatever was downloaded before. */
function wrongField(
  fields: WriteBufferCdb,
  command: ScsiCommand,
  { persona: { download } }: SimulatedDevice,
): SenseFields | null {
  const { mode, modeSpecific, bufferId, offsetBytes, parameterListBytes } = fields;
  if (!download.modes.includes(mode)) return invalidFieldInCdb(1, 4);
  if (mode === WRITE_BUFFER_MODES.activate_mc) return null; // all other fields are ignored
  const events = mode === EVENT_MODE ? download.events : 0;
  if ((modeSpecific & ~events) !== 0) return invalidFieldInCdb(1, 7);
  if (!download.bufferIds.includes(bufferId)) return invalidFieldInCdb(2);
  if (parameterListBytes > (command.dataOut?.length ?? 0)) return DATA_PHASE_ERROR;
  const startBytes = modeFacts(mode).usesOffset ? offsetBytes : 0;
  const { capacityBytes, offsetBoundaryExponent } = download;
  if (!onBoundary(startBytes, offsetBoundaryExponent) || startBytes > capacityBytes) {
    return invalidFieldInCdb(3);
  }
  return startBytes + parameterListBytes > capacityBytes ? invalidFieldInCdb(6) : null;
}

function onBoundary(offsetBytes: number, exponent: number): boolean {
  if (exponent === ANY_OFFSET_BUT_0_IS_WRONG) return offsetBytes === 0;
  return offsetBytes % 2 ** exponent === 0;
}

function takeChunk(
  command: ScsiCommand,
  fields: WriteBufferCdb,
  device: SimulatedDevice,
  nexus: string,
): CommandOutcome {
  const { microcode } = device;
  const { mode, bufferId, offsetBytes, parameterListBytes } = fields;
  const chunk = command.dataOut!.subarray(0, parameterListBytes);
  const { usesOffset } = modeFacts(mode);
  let download = usesOffset ? continued(fields, device, nexus) : null;
  if (download === null) {
    // Offsets are contiguous from 0. A chunk from elsewhere does not only fail: what came before is of no use any more.
    if (usesOffset && offsetBytes !== 0) {
      microcode.incoming = null;
      return device.refuse(invalidFieldInCdb(3));
    }
    download = microcode.begin(nexus, mode, bufferId);
  }
  download.chunks++;
  const arrived = download.image.add(chunk);
  if (arrived === 'more' && usesOffset && mode === download.mode) return taken(command, chunk.length);
  microcode.incoming = null;
  if (typeof arrived === 'string' || !inLastMode(download, mode, device)) return device.refuse(IMAGE_REFUSED);
  complete(arrived, { ...fields, bufferId: download.bufferId }, device, nexus);
  return taken(command, chunk.length);
}

/** The download that this chunk goes on with; null when it goes on with none. */
function continued(fields: WriteBufferCdb, device: SimulatedDevice, nexus: string): IncomingDownload | null {
  const { incoming } = device.microcode;
  const { lastMode, bufferIdStep } = device.persona.download;
  if (incoming === null || incoming.nexus !== nexus || fields.offsetBytes === 0) return null;
  const sameMode = fields.mode === incoming.mode || fields.mode === lastMode;
  const expectedId = incoming.bufferId + bufferIdStep * incoming.chunks;
  const inOrder = fields.bufferId === expectedId && fields.offsetBytes === incoming.image.receivedBytes;
  return sameMode && inOrder ? incoming : null;
}

/** Some drives want another mode for the chunk that completes the image; the others want one mode throughout. */
function inLastMode(download: IncomingDownload, mode: number, { persona }: SimulatedDevice): boolean {
  const { lastMode } = persona.download;
  return mode === (lastMode !== null && modeFacts(mode).usesOffset ? lastMode : download.mode);
}

function taken(command: ScsiCommand, bytes: number): CommandOutcome {
  return { ...good(command), residualBytes: (command.dataOut?.length ?? 0) - bytes };
}
