import { decodeSense } from '../../../../src/scsi/sense.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import type { Sent } from './trace.ts';

/** What an answer says about its command: a second reading of the rules for sending, on purpose not that of `judge`. */
export type Told = 'done' | 'not executed' | 'no' | 'unknown';

const NOT_EXECUTED_HOST = [0x02, 0x0c, 0x0d, 0x0f];
const NO_HOST = [0x09, 0x10, 0x11, 0x12, 0x13];

export function toldBy(outcome: CommandOutcome): Told {
  const { errno, hostStatus, driverStatus, status, residualBytes } = outcome;
  if (errno !== 0) return 'unknown';
  if (NOT_EXECUTED_HOST.includes(hostStatus)) return 'not executed';
  if (NO_HOST.includes(hostStatus)) return 'no';
  if (hostStatus !== 0 && hostStatus !== 0x0a) return 'unknown';
  if (outcome.sense.length > 0) return toldBySense(outcome);
  if (driverStatus !== 0) return 'unknown';
  if (status === 0x08 || status === 0x28) return 'not executed';
  if (status === 0x18 || status === 0x30) return 'no';
  if (status !== 0) return 'unknown';
  return residualBytes > 0 ? 'no' : 'done';
}

function toldBySense(outcome: CommandOutcome): Told {
  const sense = decodeSense(outcome.sense);
  if (sense === null) return 'unknown';
  const { key, asc, ascq, deferred } = sense;
  if (deferred) return 'no';
  if (asc === 0x74 || (asc === 0x0b && ascq === 0x13)) return 'no';
  if (key === 0xb && asc === 0x26) return 'no'; // tape drives refuse an image so
  if (asc === 0x55 && (key === 5 || key === 0xb)) return 'not executed';
  if (key === 0xb || asc === 0x08) return 'unknown';
  if (asc === 0x35 && (ascq === 3 || ascq === 5)) return 'unknown';
  if (key <= 1) return 'done';
  if (key === 6 || key === 2) return 'not executed';
  return asc === 0x5e || (asc === 0x35 && ascq === 2) ? 'not executed' : 'no';
}

/** A residual says nothing of a command without data: the one that ends a download. */
export const toldOf = ({ outcome, as }: Sent): Told =>
  toldBy('bytes' in as && as.bytes === 0 ? { ...outcome, residualBytes: 0 } : outcome);

/** 4/44, internal target failure: no reset, keep the power on. */
export function toldFrozen({ sense: bytes }: CommandOutcome): boolean {
  const sense = decodeSense(bytes);
  return sense !== null && !sense.deferred && sense.key === 4 && sense.asc === 0x44;
}
