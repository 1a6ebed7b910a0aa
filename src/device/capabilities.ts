import { OperationCode } from '../scsi/command.ts';
import { readBufferDescriptor } from '../scsi/read-buffer.ts';
import type { BufferDescriptor } from '../scsi/read-buffer.ts';
import { reportSupportedOperationCode } from '../scsi/report-supported-operation-codes.ts';
import type { AffectedUnits, SupportedOperationCode } from '../scsi/report-supported-operation-codes.ts';
import { inquiryVpd } from '../scsi/vpd.ts';
import { extendedInquiry } from '../scsi/vpd-extended-inquiry.ts';
import type { ExtendedInquiry } from '../scsi/vpd-extended-inquiry.ts';
import { unreadIn, valueOf } from '../base/facts.ts';
import type { Fact, Unreadable } from '../base/facts.ts';
import type { Device } from './device.ts';
import { readFact } from './fact.ts';
import { mayHavePage } from './identity.ts';
import type { Identification } from './identity.ts';

/** What the device says about downloads. Most enclosures say little: null and empty are normal. */
export interface Capabilities {
  readonly extendedInquiry: ExtendedInquiry | null;
  /** REPORT SUPPORTED OPERATION CODES for WRITE BUFFER, by mode (the mode is the service action). */
  readonly operationCodes: ReadonlyMap<number, SupportedOperationCode>;
  readonly buffer: BufferDescriptor | null;
  /** What it was asked and could not be understood, or did not answer: null and empty say nothing then. */
  readonly unreadable: readonly Unreadable[];
}

export type ModeSupport = 'supported' | 'not-supported' | 'not-said';

/** Asks for what concerns these modes and this buffer. Changes nothing; a device that refuses a question said nothing. */
export async function readCapabilities(
  device: Device,
  asked: {
    readonly vpdPages: Identification['vpdPages'];
    readonly modes: readonly number[];
    readonly bufferId: number;
  },
): Promise<Capabilities> {
  const extended: Fact<ExtendedInquiry> = mayHavePage(asked.vpdPages, extendedInquiry.pageCode)
    ? await readFact(device, inquiryVpd(extendedInquiry))
    : { kind: 'absent' };
  const operationCodes = new Map<number, SupportedOperationCode>();
  const unreadable = [...unreadIn('vpd-86h', extended)];
  for (const mode of new Set(asked.modes)) {
    const said = await readFact(
      device,
      reportSupportedOperationCode({ operationCode: OperationCode.writeBuffer, serviceAction: mode }),
    );
    unreadable.push(...unreadIn('operation-codes', said));
    // A device without this command will not know it for the next mode either.
    if (said.kind !== 'present') break;
    operationCodes.set(mode, said.value);
  }
  const buffer = await readFact(device, readBufferDescriptor(asked.bufferId));
  unreadable.push(...unreadIn('buffer-descriptor', buffer));
  return { extendedInquiry: valueOf(extended), operationCodes, buffer: valueOf(buffer), unreadable };
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
  /** The question was not answered: 0 says nothing then. */
  readonly unreadable: readonly Unreadable[];
}

/** REPORT SUPPORTED OPERATION CODES for SEND DIAGNOSTIC and RECEIVE DIAGNOSTIC RESULTS. Changes nothing. */
export async function readDiagnosticTimeouts(device: Device): Promise<DiagnosticTimeouts> {
  const ask = (operationCode: number): Promise<Fact<SupportedOperationCode>> =>
    readFact(device, reportSupportedOperationCode({ operationCode, serviceAction: null }));
  const send = await ask(OperationCode.sendDiagnostic);
  // A device without this command will not know it for the other page either.
  const receive = send.kind === 'present' ? await ask(OperationCode.receiveDiagnosticResults) : send;
  const unreadable = unreadIn('operation-codes', receive);
  return { sendMs: longestMs(valueOf(send)), receiveMs: longestMs(valueOf(receive)), unreadable };
}

/** Longest time for which the device may be unreachable after a WRITE BUFFER in this mode, in ms (COMMAND SPECIFIC). */
export function unreachableMs({ operationCodes }: Capabilities, mode: number): number {
  return 1000 * (operationCodes.get(mode)?.timeouts?.commandSpecific ?? 0);
}

/** Most devices take one of these; the first that is supported answers for all (MLU is about the command). */
const USUAL_MODES = [0x0e, 0x07, 0x05, 0x0d, 0x06, 0x04] as const;

/** Which logical units of its target a WRITE BUFFER works on, by what the device says (MLU). Changes nothing. */
export async function affectedByDownload(device: Device): Promise<AffectedUnits> {
  for (const mode of USUAL_MODES) {
    const asked = { operationCode: OperationCode.writeBuffer, serviceAction: mode };
    const said = await readFact(device, reportSupportedOperationCode(asked));
    if (said.kind !== 'present') break;
    const { support, affects } = said.value;
    if (support === 'standard' || support === 'vendor') return affects;
  }
  return 'not-said';
}
