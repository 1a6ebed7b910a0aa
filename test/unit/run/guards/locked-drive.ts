import { viewOf } from '../../../../src/base/bytes.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { LEVEL_0_DISCOVERY } from '../../../../src/scsi/security-protocol-in.ts';
import type { LockingFeature } from '../../../../src/scsi/security-protocol-in.ts';
import { good, invalidFieldInCdb } from '../../../../src/simulator/answers.ts';
import type { Behavior } from '../../../../src/simulator/simulated-device.ts';

const HEADER_BYTES = 48;
const LOCKING = 0x0002;

/** A self-encrypting drive that says how its locks stand. Put it behind what reports unit attentions. */
export const answerSecurityProtocolIn =
  (locking: LockingFeature | null): Behavior =>
  (command, device) => {
    const { cdb } = command;
    if (cdb[0] !== OperationCode.securityProtocolIn) return undefined;
    const view = viewOf(cdb);
    if (cdb[1] !== LEVEL_0_DISCOVERY.protocol) return device.refuse(invalidFieldInCdb(1));
    if (view.getUint16(2) !== LEVEL_0_DISCOVERY.specific) return device.refuse(invalidFieldInCdb(2));
    return good(command, encodeLevel0Discovery(locking), view.getUint32(6));
  };

/** The drive's side: the TPer feature (0001h), then the locking feature. */
export function encodeLevel0Discovery(locking: LockingFeature | null): Uint8Array {
  const features = locking === null ? 1 : 2;
  const bytes = new Uint8Array(HEADER_BYTES + 16 * features);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length - 4);
  view.setUint32(4, 0x0000_0001); // data structure revision 0.1
  for (let feature = 0; feature < features; feature++) {
    const at = HEADER_BYTES + 16 * feature;
    view.setUint16(at, feature === 0 ? 0x0001 : LOCKING);
    bytes[at + 2] = 0x10; // version 1
    bytes[at + 3] = 12;
    bytes[at + 4] = 0x01;
  }
  if (locking !== null) {
    bytes[HEADER_BYTES + 20] =
      Number(locking.supported) | (Number(locking.enabled) << 1) | (Number(locking.locked) << 2);
  }
  return bytes;
}
