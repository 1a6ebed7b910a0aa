import { OperationCode } from '../../scsi/command.ts';
import { good } from '../answers.ts';
import type { Behavior } from '../simulated-device.ts';

const STOPPED = { key: 2, asc: 0x04, ascq: 0x02 };
const START = 0x01;

/** START STOP UNIT of a direct access device that runs whatever it is told. */
export const answerStartStopUnit: Behavior = (command) =>
  command.cdb[0] === OperationCode.startStopUnit ? good(command) : undefined;

/** A disk that does not start by itself: 2/04/02 after power on and after every restart, until START STOP UNIT comes. */
export function startsWhenTold(): Behavior {
  let startedAt: number | null = null;
  return (command, device) => {
    if (!device.ready) return undefined;
    const isStopped = startedAt !== device.restarts;
    switch (command.cdb[0]) {
      case OperationCode.startStopUnit:
        startedAt = (command.cdb[4]! & START) === 0 ? null : device.restarts;
        return good(command);
      case OperationCode.testUnitReady:
        return isStopped ? device.refuse(STOPPED) : undefined;
      default:
        return undefined;
    }
  };
}
