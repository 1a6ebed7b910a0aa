import { OperationCode } from '../scsi/command.ts';
import { readBufferDescriptor } from '../scsi/read-buffer.ts';
import type { BufferDescriptor } from '../scsi/read-buffer.ts';
import { reportSupportedOperationCode } from '../scsi/report-supported-operation-codes.ts';
import type { SupportedOperationCode } from '../scsi/report-supported-operation-codes.ts';
import { inquiryVpd } from '../scsi/vpd.ts';
import { extendedInquiry } from '../scsi/vpd-extended-inquiry.ts';
import type { ExtendedInquiry } from '../scsi/vpd-extended-inquiry.ts';
import type { Device } from './device.ts';
import { optionally } from './identity.ts';

/** What the device says about downloads. Most enclosures say little: null and empty are normal. */
export interface Capabilities {
  readonly extendedInquiry: ExtendedInquiry | null;
  /** REPORT SUPPORTED OPERATION CODES for WRITE BUFFER, by mode (the mode is the service action). */
  readonly operationCodes: ReadonlyMap<number, SupportedOperationCode>;
  readonly buffer: BufferDescriptor | null;
}

export type ModeSupport = 'supported' | 'not-supported' | 'not-said';

/** Asks for what concerns these modes and this buffer. Changes nothing; a device that refuses a question said nothing. */
export async function readCapabilities(
  device: Device,
  asked: {
    readonly vpdPages: readonly number[];
    readonly modes: readonly number[];
    readonly bufferId: number;
  },
): Promise<Capabilities> {
  const extended = asked.vpdPages.includes(extendedInquiry.pageCode)
    ? await optionally(device, inquiryVpd(extendedInquiry))
    : null;
  const operationCodes = new Map<number, SupportedOperationCode>();
  for (const mode of new Set(asked.modes)) {
    const said = await optionally(
      device,
      reportSupportedOperationCode({ operationCode: OperationCode.writeBuffer, serviceAction: mode }),
    );
    // A device without this command will not know it for the next mode either.
    if (said === null) break;
    operationCodes.set(mode, said);
  }
  const buffer = await optionally(device, readBufferDescriptor(asked.bufferId));
  return { extendedInquiry: extended, operationCodes, buffer };
}

/** Whether the device says that it knows a WRITE BUFFER mode; VPD 86h and the operation codes are asked. */
export function modeSupport({ extendedInquiry, operationCodes }: Capabilities, mode: number): ModeSupport {
  const code = operationCodes.get(mode)?.support;
  const listed = extendedInquiry?.downloadModes?.has(mode);
  if (code === 'standard' || code === 'vendor' || listed === true) return 'supported';
  if (code === 'not-supported' || listed === false) return 'not-supported';
  return 'not-said';
}

/** Longest time that the device asks to be given for a WRITE BUFFER in this mode, in ms; 0: it does not say. */
export function recommendedTimeoutMs({ operationCodes }: Capabilities, mode: number): number {
  return longestMs(operationCodes.get(mode));
}

/** Longest time that the device asks to be given for a command, in ms; 0: it does not say. */
function longestMs(said: SupportedOperationCode | null | undefined): number {
  const timeouts = said?.timeouts;
  return timeouts == null ? 0 : 1000 * Math.max(timeouts.nominalSeconds, timeouts.recommendedSeconds);
}

/** What an enclosure asks to be given for its diagnostic pages, in ms; 0: it does not say. */
export interface DiagnosticTimeouts {
  readonly sendMs: number;
  readonly receiveMs: number;
}

/** REPORT SUPPORTED OPERATION CODES for SEND DIAGNOSTIC and RECEIVE DIAGNOSTIC RESULTS. Changes nothing. */
export async function readDiagnosticTimeouts(device: Device): Promise<DiagnosticTimeouts> {
  const ask = (operationCode: number): Promise<SupportedOperationCode | null> =>
    optionally(device, reportSupportedOperationCode({ operationCode, serviceAction: null }));
  const send = await ask(OperationCode.sendDiagnostic);
  // A device without this command will not know it for the other page either.
  const receive = send === null ? null : await ask(OperationCode.receiveDiagnosticResults);
  return { sendMs: longestMs(send), receiveMs: longestMs(receive) };
}

/** Longest time for which the device may be unreachable after a WRITE BUFFER in this mode, in ms (COMMAND SPECIFIC). */
export function unreachableMs({ operationCodes }: Capabilities, mode: number): number {
  return 1000 * (operationCodes.get(mode)?.timeouts?.commandSpecific ?? 0);
}
