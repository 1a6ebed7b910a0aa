/** One SCSI command, ready to be sent by any transport. Building it touches no device. */
export interface ScsiCommand<Response = unknown> {
  /** T10 name in capitals, as people search for it in logs; a mode or page follows in brackets. */
  readonly name: string;
  readonly cdb: Uint8Array;
  /** Data to the device. Absent or empty: none. */
  readonly dataOut?: Uint8Array;
  /** Size of the data-in buffer; 0 means that the command returns no data. */
  readonly dataInBytes: number;
  readonly timeoutMs: number;
  /** True for WRITE BUFFER and SEND DIAGNOSTIC: never repeated without knowing that the device did not execute it. */
  readonly changesDevice: boolean;
  /** What it carries of microcode, said by what built it; absent: nothing. */
  readonly sends?: MicrocodePart;
  /** Only called with data that counts: after an accepted answer, cut at length − residual. Throws DecodeError. */
  decode(dataIn: Uint8Array): Response;
  /**
   * The same question with room for an answer of so many bytes, for one that is longer than was asked for. Absent: it is never
   * asked again, because its answer is given once (page 0Eh) or has a fixed length.
   */
  longer?(answerBytes: number): ScsiCommand<Response>;
}

/** Part of an image, or the wish to make it run or to drop it. */
export interface MicrocodePart {
  /** `whole`: its mode has no offsets, so each command carries a whole image. */
  readonly kind: 'part' | 'whole' | 'activation' | 'abort';
  /** MODE of WRITE BUFFER or of page 0Eh. */
  readonly mode: number;
  readonly offsetBytes: number;
  readonly dataBytes: number;
  /** null: WRITE BUFFER, which knows none. */
  readonly subenclosureId: number | null;
}

export type DataDirection = 'none' | 'out' | 'in';

/** A zero-length transfer has no direction (SG_IO: direction −1, no pointer). */
export function dataDirection(command: ScsiCommand): DataDirection {
  if (command.dataOut !== undefined && command.dataOut.length > 0) return 'out';
  return command.dataInBytes > 0 ? 'in' : 'none';
}

/** Length of the data that goes over the bus; 0: none. */
export function transferBytes(command: ScsiCommand): number {
  return dataDirection(command) === 'out' ? command.dataOut!.length : command.dataInBytes;
}

/** Operation codes (SPC-5). */
export const OperationCode = {
  testUnitReady: 0x00,
  requestSense: 0x03,
  inquiry: 0x12,
  startStopUnit: 0x1b,
  receiveDiagnosticResults: 0x1c,
  sendDiagnostic: 0x1d,
  writeBuffer: 0x3b,
  readBuffer: 0x3c,
  reportLuns: 0xa0,
  securityProtocolIn: 0xa2,
  maintenanceIn: 0xa3,
} as const;

/** A probe must not hang an operator's screen: no looking command waits longer than this. */
export const PROBE_TIMEOUT_MS = 20_000;
