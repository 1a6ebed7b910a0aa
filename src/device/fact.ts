import { DecodeError } from '../base/errors.ts';
import type { Fact } from '../base/facts.ts';
import type { RefusalCode } from '../base/refusals/list.ts';
import { OperationCode } from '../scsi/command.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { DeviceError } from './device.ts';
import type { Device } from './device.ts';

/**
 * Asks for something that a device may do without. Only an answer that says so makes it absent; everything else that is not the
 * answer makes it unreadable (decisions.md#unreadable-is-not-absent). Throws DeviceError where the device is gone.
 *
 * @param wasThere it was read a moment ago, and nothing was sent since that could take it away: it is there
 */
export async function readFact<Value>(
  device: Device,
  command: ScsiCommand<Value>,
  wasThere = false,
): Promise<Fact<Value>> {
  try {
    return { kind: 'present', value: await device.ask(command) };
  } catch (error) {
    if (!(error instanceof DeviceError) || GONE.includes(error.failure.code)) throw error;
    return !wasThere && saysAbsent(command, error)
      ? { kind: 'absent' }
      : { kind: 'unreadable', why: error.failure };
  }
}

/** It is not there to be asked; there may be another unit in its place. */
const GONE: readonly RefusalCode[] = ['device-gone', 'identity-changed'];

/** The same for who looks once: a device that is gone does not say what is there. Never throws for what the device does. */
export async function readFactOnce<Value>(
  device: Device,
  command: ScsiCommand<Value>,
  wasThere = false,
): Promise<Fact<Value>> {
  try {
    return await readFact(device, command, wasThere);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { kind: 'unreadable', why: error.failure };
  }
}

/** Invalid command operation code, invalid field in CDB, unsupported enclosure function (SPC, SES). */
const ABSENT: readonly (readonly [asc: number, ascq: number])[] = [
  [0x20, 0x00],
  [0x24, 0x00],
  [0x35, 0x01],
];
const ILLEGAL_REQUEST = 5;
/** A simple enclosure answers each question for a diagnostic page with its only one (SES, short enclosure status). */
const SHORT_ENCLOSURE_STATUS = 0x08;

function saysAbsent({ cdb }: ScsiCommand, { failure: { sense }, cause }: DeviceError): boolean {
  if (sense !== null) {
    const { key, asc, ascq } = sense;
    return key === ILLEGAL_REQUEST && ABSENT.some((code) => code[0] === asc && code[1] === ascq);
  }
  return (
    cdb[0] === OperationCode.receiveDiagnosticResults &&
    cause instanceof DecodeError &&
    cause.code === 'wrong-page' &&
    cause.context['pageCode'] === SHORT_ENCLOSURE_STATUS
  );
}
