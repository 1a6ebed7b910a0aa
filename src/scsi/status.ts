import { hex } from '../base/bytes.ts';

/** SCSI status byte (SAM). */
export const ScsiStatus = {
  good: 0x00,
  checkCondition: 0x02,
  conditionMet: 0x04,
  busy: 0x08,
  intermediate: 0x10,
  intermediateConditionMet: 0x14,
  reservationConflict: 0x18,
  commandTerminated: 0x22,
  taskSetFull: 0x28,
  acaActive: 0x30,
  taskAborted: 0x40,
} as const;

/** Host adapter status, `DID_…` of the Linux SCSI stack. */
export const HostStatus = {
  ok: 0x00,
  noConnect: 0x01,
  busBusy: 0x02,
  timeOut: 0x03,
  badTarget: 0x04,
  abort: 0x05,
  parity: 0x06,
  error: 0x07,
  reset: 0x08,
  badInterrupt: 0x09,
  passthrough: 0x0a,
  softError: 0x0b,
  immediateRetry: 0x0c,
  requeue: 0x0d,
  transportDisrupted: 0x0e,
  transportFailfast: 0x0f,
  targetFailure: 0x10,
  nexusFailure: 0x11,
  allocationFailure: 0x12,
  mediumError: 0x13,
  transportMarginal: 0x14,
} as const;

/** Driver status of the Linux SCSI stack, low 4 bits. Kernels from 5.14 give only 0 or 8. */
export const DriverStatus = {
  ok: 0x0,
  busy: 0x1,
  soft: 0x2,
  media: 0x3,
  error: 0x4,
  invalid: 0x5,
  timeout: 0x6,
  hard: 0x7,
  sense: 0x8,
} as const;

const SCSI_STATUS_NAMES: Readonly<Record<number, string>> = {
  0x00: 'GOOD',
  0x02: 'CHECK CONDITION',
  0x04: 'CONDITION MET',
  0x08: 'BUSY',
  0x10: 'INTERMEDIATE',
  0x14: 'INTERMEDIATE-CONDITION MET',
  0x18: 'RESERVATION CONFLICT',
  0x22: 'COMMAND TERMINATED',
  0x28: 'TASK SET FULL',
  0x30: 'ACA ACTIVE',
  0x40: 'TASK ABORTED',
};

const HOST_STATUS_NAMES: Readonly<Record<number, string>> = {
  0x00: 'DID_OK',
  0x01: 'DID_NO_CONNECT',
  0x02: 'DID_BUS_BUSY',
  0x03: 'DID_TIME_OUT',
  0x04: 'DID_BAD_TARGET',
  0x05: 'DID_ABORT',
  0x06: 'DID_PARITY',
  0x07: 'DID_ERROR',
  0x08: 'DID_RESET',
  0x09: 'DID_BAD_INTR',
  0x0a: 'DID_PASSTHROUGH',
  0x0b: 'DID_SOFT_ERROR',
  0x0c: 'DID_IMM_RETRY',
  0x0d: 'DID_REQUEUE',
  0x0e: 'DID_TRANSPORT_DISRUPTED',
  0x0f: 'DID_TRANSPORT_FAILFAST',
  0x10: 'DID_TARGET_FAILURE',
  0x11: 'DID_NEXUS_FAILURE',
  0x12: 'DID_ALLOC_FAILURE',
  0x13: 'DID_MEDIUM_ERROR',
  0x14: 'DID_TRANSPORT_MARGINAL',
};

const DRIVER_STATUS_NAMES: Readonly<Record<number, string>> = {
  0x0: 'DRIVER_OK',
  0x1: 'DRIVER_BUSY',
  0x2: 'DRIVER_SOFT',
  0x3: 'DRIVER_MEDIA',
  0x4: 'DRIVER_ERROR',
  0x5: 'DRIVER_INVALID',
  0x6: 'DRIVER_TIMEOUT',
  0x7: 'DRIVER_HARD',
  0x8: 'DRIVER_SENSE',
};

/** `CHECK CONDITION (02h)`. Never throws. */
export function scsiStatusName(status: number): string {
  return named(SCSI_STATUS_NAMES[status], 'SCSI status', status);
}

/** `DID_TIME_OUT (03h)`. Never throws. */
export function hostStatusName(hostStatus: number): string {
  return named(HOST_STATUS_NAMES[hostStatus], 'host status', hostStatus);
}

/** `DRIVER_SENSE (08h)`. The high bits were suggestions once and are ignored. Never throws. */
export function driverStatusName(driverStatus: number): string {
  const low = driverStatus & 0xf;
  return named(DRIVER_STATUS_NAMES[low], 'driver status', low);
}

function named(name: string | undefined, kind: string, code: number): string {
  return name === undefined ? `unknown ${kind} ${hex(code)}` : `${name} (${hex(code)})`;
}
