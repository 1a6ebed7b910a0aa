import { createHash } from 'node:crypto';
import { fromHex, toHex } from '../base/bytes.ts';
import { TransportError } from '../base/errors.ts';
import { dataDirection, transferBytes } from '../scsi/command.ts';
import type { DataDirection, ScsiCommand } from '../scsi/command.ts';
import { outcomeOf } from './transport.ts';
import type { CommandOutcome } from './transport.ts';

/**
 * One command and its answer: a line of a trace file (schemas/trace.schema.json), and an entry of `commands` in the traces of
 * sg_write_buffer and sg_ses_microcode. Bytes are lower-case hex; an answer field that is absent has its quiet value.
 */
export interface TraceRecord {
  /** Node or place of the device; absent in traces of one device. */
  readonly device?: string;
  /** Running number of the commands to this device, from 0. */
  readonly n: number;
  readonly cdb: string;
  readonly dir: DataDirection;
  /** Transfer length in bytes as given to the kernel. */
  readonly len: number;
  readonly timeout_ms: number;
  /** Of all data-out bytes; never the bytes themselves. */
  readonly sha256?: string;
  /** The first 32 data-out bytes. */
  readonly head?: string;
  /** Data-in that counts: len − residual bytes. */
  readonly resp?: string;
  readonly status?: number;
  readonly sense?: string;
  readonly host?: number;
  /** Absent: 8 with sense, else 0. */
  readonly driver?: number;
  readonly errno?: number;
  /** Absent: len less `resp` for data-in, else 0. */
  readonly resid?: number;
}

/** What the caller sent: these fields of a replayed command must be equal. */
export type RequestFields = Pick<TraceRecord, 'cdb' | 'dir' | 'len' | 'timeout_ms' | 'sha256' | 'head'>;

const HEAD_BYTES = 32;
const DRIVER_SENSE = 8;

/** The fields of a trace record that say what was sent. Of data only the hash and the first 32 bytes are kept. */
export function requestFields(command: ScsiCommand): RequestFields {
  const dir = dataDirection(command);
  const data = dir === 'out' ? command.dataOut! : null;
  return {
    cdb: toHex(command.cdb),
    dir,
    len: transferBytes(command),
    timeout_ms: command.timeoutMs,
    ...(data && {
      sha256: createHash('sha256').update(data).digest('hex'),
      head: toHex(data.subarray(0, HEAD_BYTES)),
    }),
  };
}

/** The answer's fields without those that have their quiet value; {@link outcomeOfRecord} is the reverse. */
export function answerFields({ dir, len }: RequestFields, outcome: CommandOutcome): Partial<TraceRecord> {
  const { errno, status, hostStatus, driverStatus, sense, dataIn, residualBytes } = outcome;
  const quiet = {
    driver: sense.length > 0 ? DRIVER_SENSE : 0,
    resid: quietResidual(dir, len, dataIn.length, errno),
  };
  return {
    ...(dataIn.length > 0 && { resp: toHex(dataIn) }),
    ...(status !== 0 && { status }),
    ...(sense.length > 0 && { sense: toHex(sense) }),
    ...(hostStatus !== 0 && { host: hostStatus }),
    ...(driverStatus !== quiet.driver && { driver: driverStatus }),
    ...(errno !== 0 && { errno }),
    ...(residualBytes !== quiet.resid && { resid: residualBytes }),
  };
}

/** The answer that a record holds, as the transport gave it. */
export function outcomeOfRecord(record: TraceRecord): CommandOutcome {
  const sense = fromHex(record.sense ?? '');
  const dataIn = fromHex(record.resp ?? '');
  const errno = record.errno ?? 0;
  return outcomeOf({
    errno,
    status: record.status ?? 0,
    hostStatus: record.host ?? 0,
    driverStatus: record.driver ?? (sense.length > 0 ? DRIVER_SENSE : 0),
    sense,
    dataIn,
    residualBytes: record.resid ?? quietResidual(record.dir, record.len, dataIn.length, errno),
  });
}

function quietResidual(dir: DataDirection, len: number, dataInBytes: number, errno: number): number {
  return dir === 'in' && errno === 0 ? len - dataInBytes : 0;
}

/**
 * Reads a trace file. A last line that was cut off by a crash is left out; another bad line is `trace-mismatch`.
 *
 * @internal for tests
 */
export function parseTrace(text: string): TraceRecord[] {
  const lines = text.split('\n');
  const last = lines.pop(); // '' after a complete line
  return lines
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseRecord(line, index + 1)]))
    .concat(last === undefined || !isComplete(last) ? [] : [parseRecord(last, lines.length + 1)]);
}

function isComplete(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function parseRecord(line: string, number: number): TraceRecord {
  const wrong = (what: string): TransportError =>
    new TransportError('trace-mismatch', `line ${number} of the trace: ${what}; record the trace again`, {
      line: number,
    });
  let value: Record<string, unknown> | null;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    throw wrong('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('is not an object');
  for (const field of ['n', 'len', 'timeout_ms']) {
    if (!Number.isSafeInteger(value[field])) throw wrong(`${field} is not a whole number`);
  }
  for (const field of ['status', 'host', 'driver', 'errno', 'resid']) {
    if (value[field] !== undefined && !Number.isSafeInteger(value[field]))
      throw wrong(`${field} is not a whole number`);
  }
  for (const field of ['cdb', 'sha256', 'head', 'resp', 'sense']) {
    const bytes = value[field];
    if (bytes === undefined && field !== 'cdb') continue;
    if (typeof bytes !== 'string' || !/^([\da-f]{2})*$/.test(bytes))
      throw wrong(`${field} is not lower-case hex`);
  }
  if (!['none', 'in', 'out'].includes(String(value['dir']))) throw wrong('dir is not none, in or out');
  return value as unknown as TraceRecord;
}
