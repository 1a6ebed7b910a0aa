import { OperationCode } from '../../scsi/command.ts';
import { WRITE_BUFFER_MODES, decodeWriteBufferCdb } from '../../scsi/write-buffer.ts';
import { COMMAND_SEQUENCE_ERROR, IMAGE_REFUSED, good, invalidFieldInCdb } from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';
import { complete } from './activation.ts';

/**
 * Stands in front of {@link answerWriteBuffer} on a tape drive: mode 04h comes in chunks and starts nothing; an empty
 * mode 05h at the end saves and starts what came. All other forms pass on.
 */
export const answerTapeWriteBuffer: Behavior = (command, device, nexus) => {
  if (command.cdb[0] !== OperationCode.writeBuffer) return undefined;
  const fields = decodeWriteBufferCdb(command.cdb);
  const { mode, modeSpecific, bufferId, offsetBytes, parameterListBytes } = fields;
  const { microcode, persona } = device;
  const { bufferIds, capacityBytes, modes } = persona.download;
  const data = command.dataOut ?? new Uint8Array(0);
  const wellFormed =
    modes.includes(mode) &&
    modeSpecific === 0 &&
    bufferIds.includes(bufferId) &&
    data.length >= parameterListBytes &&
    offsetBytes + parameterListBytes <= capacityBytes;
  if (!wellFormed) return undefined; // refused there, with the field that is wrong

  if (mode === WRITE_BUFFER_MODES.dmc_save && parameterListBytes === 0) {
    const image = microcode.incoming?.nexus === nexus ? microcode.incoming.complete : null;
    microcode.incoming = null;
    if (image === null) return device.refuse(COMMAND_SEQUENCE_ERROR);
    complete(image, fields, device, nexus);
    return good(command);
  }

  if (mode !== WRITE_BUFFER_MODES.dmc || parameterListBytes === 0) return undefined;
  const { incoming } = microcode;
  const goesOn = incoming?.nexus === nexus && incoming.bufferId === bufferId && offsetBytes !== 0;
  if (offsetBytes !== (goesOn ? incoming.image.receivedBytes : 0)) {
    microcode.incoming = null;
    return device.refuse(invalidFieldInCdb(3));
  }
  const download = goesOn ? incoming : microcode.begin(nexus, mode, bufferId);
  download.chunks++;
  const arrived =
    download.complete === null ? download.image.add(data.subarray(0, parameterListBytes)) : 'unknown';
  if (arrived === 'unknown') {
    microcode.incoming = null;
    return device.refuse(IMAGE_REFUSED);
  }
  if (arrived !== 'more') download.complete = arrived;
  return { ...good(command), residualBytes: data.length - parameterListBytes };
};
