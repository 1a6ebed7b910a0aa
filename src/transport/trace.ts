import { TransportError } from '../base/errors.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import { answerFields, outcomeOfRecord, requestFields } from './trace-record.ts';
import type { TraceRecord } from './trace-record.ts';
import type { CommandOutcome, Transport } from './transport.ts';

/**
 * Passes every command on and writes what was sent and answered: one JSON object and a line feed per command, given to `write`
 * in one piece as soon as the outcome is there, so that a crash costs the command in flight at most. A command that the
 * transport rejects was not sent and is not recorded.
 *
 * @param counter numbers the commands; share it between openings of the same device
 */
export function recordTrace(
  transport: Transport,
  device: string,
  write: (line: string) => void,
  counter: { next: number } = { next: 0 },
): Transport {
  return {
    execute: async (command) => {
      const outcome = await transport.execute(command);
      const request = requestFields(command);
      const record: TraceRecord = {
        device,
        n: counter.next++,
        ...request,
        ...answerFields(request, outcome),
      };
      write(`${JSON.stringify(record)}\n`);
      return outcome;
    },
    close: () => transport.close(),
  };
}

export interface ReplayTransport extends Transport {
  /** Recorded commands that were not sent yet. */
  readonly remaining: number;
}

/** Compared one by one; `head` follows from `sha256`. */
const COMPARED = ['cdb', 'dir', 'len', 'sha256', 'timeout_ms'] as const;

/**
 * Answers from the record, in its order. A command that differs from the recorded one, or comes after the last, rejects with
 * TransportError `trace-mismatch`, which names the command's number and the field. Give it the records of one device.
 *
 * @internal for tests
 */
export function replayTrace(records: readonly TraceRecord[]): ReplayTransport {
  let at = 0;
  let busy = false;
  let closed = false;
  return {
    get remaining() {
      return records.length - at;
    },
    execute: async (command) => {
      if (closed) throw new TransportError('closed', `${command.name} was sent after close`);
      if (busy) throw new Error(`${command.name} was sent while another command is in flight`);
      const outcome = answer(records[at], at, command);
      at++;
      // An answer never comes in the same turn: who relies on that would fail on a real device.
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      busy = false;
      return outcome;
    },
    close: () => {
      closed = true;
      return Promise.resolve();
    },
  };
}

function answer(record: TraceRecord | undefined, at: number, command: ScsiCommand): CommandOutcome {
  if (record === undefined) {
    throw new TransportError(
      'trace-mismatch',
      `the trace ends after ${at} commands, but ${command.name} was sent; record the trace again`,
      { n: at },
    );
  }
  const sent = requestFields(command);
  for (const field of COMPARED) {
    if (sent[field] === record[field]) continue;
    throw new TransportError(
      'trace-mismatch',
      `command n ${record.n}: ${field} of ${command.name} is ${sent[field] ?? 'absent'}, the trace has ${record[field] ?? 'none'}; ` +
        'use the trace of exactly this playbook and image, or record it again',
      { n: record.n, field, sent: sent[field] ?? null, recorded: record[field] ?? null },
    );
  }
  return outcomeOfRecord(record);
}
