import { existsSync, readFileSync } from 'node:fs';
import { parseTrace } from '../../src/transport/trace-record.ts';
import type { TraceRecord } from '../../src/transport/trace-record.ts';

/** All commands of a trace file in order; none where the program opened no device and made no file. */
export function readTrace(file: string): TraceRecord[] {
  return existsSync(file) ? parseTrace(readFileSync(file, 'utf8')) : [];
}

export const isWriteBuffer = ({ cdb }: TraceRecord): boolean => cdb.startsWith('3b');
export const isActivation = ({ cdb }: TraceRecord): boolean => cdb.startsWith('3b0f');

/** Sense key 6, fixed (70h) or descriptor (72h) format. */
export function isUnitAttention({ sense }: TraceRecord): boolean {
  if (sense === undefined) return false;
  return (sense.startsWith('72') ? sense.slice(3, 4) : sense.slice(5, 6)) === '6';
}

export const isGood = ({ status = 0, host = 0, errno = 0 }: TraceRecord): boolean =>
  status === 0 && host === 0 && errno === 0;

/** Ran into its time-out: host status DID_TIME_OUT. */
export const isLost = ({ host }: TraceRecord): boolean => host === 3;

/** Commands of each device, in order. */
export function byDevice(records: readonly TraceRecord[]): Map<string, TraceRecord[]> {
  const devices = new Map<string, TraceRecord[]>();
  for (const record of records) {
    const device = record.device ?? '';
    devices.set(device, [...(devices.get(device) ?? []), record]);
  }
  return devices;
}

/**
 * Whether every activation of one device came after a whole image: chunks from offset 0, each accepted, none missing,
 * none twice, and nothing unclear since the sequence began. Says what is wrong; null: nothing.
 */
export function unearnedActivation(records: readonly TraceRecord[], imageBytes: number): string | null {
  let nextOffset = Number.NaN; // NaN: no sequence that could be gone on with
  for (const record of records.filter(isWriteBuffer)) {
    const offset = Number.parseInt(record.cdb.slice(6, 12), 16);
    if (isActivation(record)) {
      if (nextOffset !== imageBytes) return `command ${record.n}: activation after ${nextOffset} bytes`;
    } else if (isGood(record)) {
      nextOffset = offset === 0 || offset === nextOffset ? offset + record.len : Number.NaN;
    } else if (!isUnitAttention(record)) {
      nextOffset = Number.NaN;
    }
  }
  return null;
}
