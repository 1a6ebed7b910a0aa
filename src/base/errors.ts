import type { Refusal } from './refusal.ts';
import { REFUSALS } from './refusals/list.ts';
import type { RefusalCode } from './refusals/list.ts';

/** Facts for the report: device path, subenclosure, offset in bytes. */
export type ErrorContext = Readonly<Record<string, string | number | null>>;

/** Base of every error that runbook raises on purpose. Anything else that reaches the command line is a bug (exit 70). */
export class RunbookError<Code extends RefusalCode = RefusalCode> extends Error {
  /** One next step, where the error itself knows best what helps; else the one of its code. */
  declare readonly next?: string | null;

  constructor(
    readonly code: Code,
    message: string,
    readonly context: ErrorContext = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }

  /** What a person is told, and a program. */
  get refusal(): Refusal {
    const { layer, next } = REFUSALS[this.code];
    return {
      code: this.code,
      layer,
      message: this.message,
      next: this.next ?? next,
      cdb: null,
      offset: null,
      sense: null,
    };
  }
}

/** The device answered with bytes that are not what was asked for. A fact about the device, never a RangeError. */
export class DecodeError extends RunbookError<'short-page' | 'wrong-page' | 'bad-field'> {}

/** Bad arguments for a command or page that we were about to build: a value that does not fit its field. */
export class EncodeError extends RunbookError<'out-of-range'> {}

/** Something between us and the device: the node, the kernel, the adapter. */
export class TransportError extends RunbookError<
  | 'open-failed'
  | 'no-descriptor'
  | 'not-permitted'
  | 'not-an-sg-node'
  | 'node-busy'
  | 'closed'
  | 'changes-device'
  | 'trace-mismatch'
> {}
