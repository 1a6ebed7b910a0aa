import { viewOf } from '../../base/bytes.ts';
import { OperationCode } from '../../scsi/command.ts';
import { encodeLevel0Discovery, LEVEL_0_DISCOVERY } from '../../scsi/security-protocol-in.ts';
import type { LockingFeature } from '../../scsi/security-protocol-in.ts';
import { good, invalidFieldInCdb } from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';

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
