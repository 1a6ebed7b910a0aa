/** Where a failure was seen, from the operator's chair to the device. Every failure in a report names one. */
export type ErrorLayer = 'open' | 'kernel' | 'host-adapter' | 'transport' | 'device' | 'procedure';

/** Facts for the report: device path, subenclosure, offset in bytes. */
export type ErrorContext = Readonly<Record<string, string | number | null>>;

/** Base of every error that runbook raises on purpose. Anything else that reaches the command line is a bug (exit 70). */
export class RunbookError<Code extends string = string> extends Error {
  /** One next step, where the error itself knows best what helps. */
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
}

/** The device answered with bytes that are not what was asked for. A fact about the device, never a RangeError. */
export class DecodeError extends RunbookError<'short-page' | 'wrong-page' | 'bad-field'> {}

/** Bad arguments for a command or page that we were about to build: a value that does not fit its field. */
export class EncodeError extends RunbookError<'out-of-range'> {}

/** Something between us and the device: the node, the kernel, the adapter. */
export class TransportError extends RunbookError<
  'open-failed' | 'not-permitted' | 'not-an-sg-node' | 'busy' | 'closed' | 'changes-device' | 'trace-mismatch'
> {}

/** What a person is told about a failure: `error` in every JSON document (decisions.md#refusals). */
export interface FailureReport {
  readonly layer: ErrorLayer;
  readonly message: string;
  /** One next step. */
  readonly next: string;
  /** CDB of the failing command in lower-case hex. */
  readonly cdb: string | null;
  readonly offset: number | null;
  readonly sense: {
    readonly key: number;
    readonly asc: number;
    readonly ascq: number;
    readonly text: string;
  } | null;
}

/** A failure that is not about one command: no CDB, no offset, no sense. */
export function failureAt(layer: ErrorLayer, message: string, next: string): FailureReport {
  return { layer, message, next, cdb: null, offset: null, sense: null };
}
