import { hex } from '../base/bytes.ts';
import { EncodeError } from '../base/errors.ts';
import { BUFFER_MAXIMUM_BYTES, decodeBufferCdb, encodeBufferCdb } from './buffer-cdb.ts';
import type { BufferCdb } from './buffer-cdb.ts';
import { OperationCode } from './command.ts';
import type { MicrocodePart, ScsiCommand } from './command.ts';

/** WRITE BUFFER modes that carry or activate microcode (SPC), with the names that sg_write_buffer gave them. */
export const WRITE_BUFFER_MODES = {
  dmc: 0x04,
  dmc_save: 0x05,
  dmc_offs: 0x06,
  dmc_offs_save: 0x07,
  dmc_offs_ev_defer: 0x0d,
  dmc_offs_defer: 0x0e,
  activate_mc: 0x0f,
} as const;

export type WriteBufferModeName = keyof typeof WRITE_BUFFER_MODES;

/** Largest offset, and largest transfer, that the 24-bit fields of WRITE BUFFER(10) hold. */
export const WRITE_BUFFER_MAXIMUM_BYTES = BUFFER_MAXIMUM_BYTES;

export interface WriteBufferModeFacts {
  readonly name: WriteBufferModeName;
  /** The image may come in chunks, each with its offset; otherwise it is one command. */
  readonly usesOffset: boolean;
  /** Written to non-volatile storage. */
  readonly saved: boolean;
  /** Starts only with activate_mc or at an event, never by the download itself. */
  readonly deferred: boolean;
}

const MODE_FACTS: Readonly<Record<number, WriteBufferModeFacts>> = {
  0x04: { name: 'dmc', usesOffset: false, saved: false, deferred: false },
  0x05: { name: 'dmc_save', usesOffset: false, saved: true, deferred: false },
  0x06: { name: 'dmc_offs', usesOffset: true, saved: false, deferred: false },
  0x07: { name: 'dmc_offs_save', usesOffset: true, saved: true, deferred: false },
  0x0d: { name: 'dmc_offs_ev_defer', usesOffset: true, saved: true, deferred: true },
  0x0e: { name: 'dmc_offs_defer', usesOffset: true, saved: true, deferred: true },
  0x0f: { name: 'activate_mc', usesOffset: false, saved: false, deferred: false },
};

/** What a microcode mode does. Throws EncodeError for a mode that is not in {@link WRITE_BUFFER_MODES}. */
export function modeFacts(mode: number): WriteBufferModeFacts {
  const facts = MODE_FACTS[mode];
  if (facts === undefined) {
    throw new EncodeError('out-of-range', `WRITE BUFFER mode ${hex(mode)} is not a microcode mode`);
  }
  return facts;
}

/** `dmc_offs_defer`, or `mode 1Ah` for one that has nothing to do with microcode. Never throws. */
export function writeBufferModeName(mode: number): string {
  return MODE_FACTS[mode]?.name ?? `mode ${hex(mode)}`;
}

export interface WriteBufferParameters {
  readonly mode: number;
  /** MODE SPECIFIC, 0..7: the activation events of mode 0Dh. */
  readonly modeSpecific?: number;
  readonly bufferId: number;
  readonly offsetBytes: number;
  /** May be empty: a length of 0 is legal. Not copied, so it must not change before the command is done. */
  readonly data: Uint8Array;
  readonly timeoutMs: number;
}

/** WRITE BUFFER(10). Throws EncodeError when a field does not fit; nothing is ever cut. */
export function writeBuffer(parameters: WriteBufferParameters): ScsiCommand<void> {
  const { mode, modeSpecific = 0, bufferId, offsetBytes, data, timeoutMs } = parameters;
  const fields = { mode, modeSpecific, bufferId, offsetBytes, lengthBytes: data.length };
  return {
    name: `WRITE BUFFER (${writeBufferModeName(mode)})`,
    cdb: encodeBufferCdb(OperationCode.writeBuffer, fields, 'PARAMETER LIST LENGTH'),
    dataOut: data,
    dataInBytes: 0,
    timeoutMs,
    changesDevice: true,
    ...(Object.hasOwn(MODE_FACTS, mode) && {
      sends: { kind: partKind(mode), mode, offsetBytes, dataBytes: data.length, subenclosureId: null },
    }),
    decode: () => undefined,
  };
}

function partKind(mode: number): MicrocodePart['kind'] {
  if (mode === WRITE_BUFFER_MODES.activate_mc) return 'activation';
  return modeFacts(mode).usesOffset ? 'part' : 'whole';
}

export interface WriteBufferCdb extends Omit<BufferCdb, 'lengthBytes'> {
  readonly parameterListBytes: number;
}

/** The fields of a CDB. Throws DecodeError for another command, or one that is cut. */
export function decodeWriteBufferCdb(cdb: Uint8Array): WriteBufferCdb {
  const { lengthBytes, ...fields } = decodeBufferCdb('WRITE BUFFER', cdb, OperationCode.writeBuffer);
  return { ...fields, parameterListBytes: lengthBytes };
}
