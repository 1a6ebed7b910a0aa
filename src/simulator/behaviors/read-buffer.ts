import { OperationCode } from '../../scsi/command.ts';
import {
  READ_BUFFER_DESCRIPTOR_MODE,
  decodeReadBufferCdb,
  encodeBufferDescriptor,
} from '../../scsi/read-buffer.ts';
import { WRITE_BUFFER_MAXIMUM_BYTES } from '../../scsi/write-buffer.ts';
import { good, invalidFieldInCdb } from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';

/** READ BUFFER, descriptor only: boundary and capacity, or four zero bytes for a buffer that is not there. */
export const answerReadBuffer: Behavior = (command, device) => {
  if (command.cdb[0] !== OperationCode.readBuffer) return undefined;
  const { mode, bufferId, allocationBytes } = decodeReadBufferCdb(command.cdb);
  if (mode !== READ_BUFFER_DESCRIPTOR_MODE) return device.refuse(invalidFieldInCdb(1, 4));
  const { bufferIds, capacityBytes, offsetBoundaryExponent } = device.persona.download;
  const exists = bufferIds.includes(bufferId);
  const descriptor = encodeBufferDescriptor({
    exists,
    // BUFFER CAPACITY has 24 bits: 16 MiB show as one byte less.
    capacityBytes: Math.min(capacityBytes, WRITE_BUFFER_MAXIMUM_BYTES),
    offsetBoundaryExponent,
  });
  return good(command, descriptor, allocationBytes);
};
