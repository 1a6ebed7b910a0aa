import { WRITE_BUFFER_MODES } from '../scsi/write-buffer.ts';
import { complete } from './behaviors/activation.ts';
import type { SimulatedDevice } from './simulated-device.ts';

/**
 * What a vendor's program would have done to a device: its image is in it, saved, and takes effect as the device lets new code
 * take effect. Bytes that the lab does not know leave the device as it is.
 *
 * @param nexus the path over which the program would have come
 * @returns what was done instead, for a person
 */
export function rehearsedProgram(
  device: SimulatedDevice,
  nexus: string,
  image: { readonly name: string; readonly bytes: Uint8Array },
): string {
  const known = device.microcode.known.find(({ bytes }) => Buffer.compare(bytes, image.bytes) === 0);
  if (known === undefined)
    return `no image of the lab has the bytes of ${image.name}, so the device does not change`;
  const [bufferId = 0] = device.persona.download.bufferIds;
  const mode = WRITE_BUFFER_MODES.dmc_offs_save;
  const parameterListBytes = 0;
  complete(known, { mode, modeSpecific: 0, bufferId, offsetBytes: 0, parameterListBytes }, device, nexus);
  return `the lab put ${known.name} into the device, as the program would`;
}
