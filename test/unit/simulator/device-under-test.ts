import { VirtualClock } from '../../../src/base/clock.ts';
import { toHex } from '../../../src/base/bytes.ts';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import { decodeSense, senseCode } from '../../../src/scsi/sense.ts';
import { testUnitReady } from '../../../src/scsi/test-unit-ready.ts';
import { writeBuffer } from '../../../src/scsi/write-buffer.ts';
import type { LabImage } from '../../../src/simulator/incoming-image.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import type { PersonaName } from '../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import type { CommandOutcome } from '../../../src/transport/transport.ts';
import type { Persona } from '../../../src/simulator/simulated-device.ts';

export const NEXUS = '6:0:0:0';
export const OTHER_NEXUS = '7:0:0:0';

/** 10000 bytes of the rule `standard`, which bring revision NEW. */
export const IMAGE: LabImage = {
  name: 'fw.bin',
  revision: 'NEW',
  product: null,
  bytes: standardImage(10_000),
};

export interface DeviceOptions {
  readonly persona?: Partial<Persona>;
  readonly images?: readonly LabImage[];
  readonly clock?: VirtualClock;
  readonly latencyMs?: number;
}

/** A device on its own, of revision OLD, after its power-on unit attention was taken. */
export function deviceOf(name: PersonaName, options: DeviceOptions = {}): SimulatedDevice {
  const device = freshDeviceOf(name, options);
  for (const nexus of [NEXUS, OTHER_NEXUS]) device.execute(testUnitReady(), nexus);
  device.log.length = 0;
  return device;
}

/** The same with its power-on unit attention pending. */
export function freshDeviceOf(name: PersonaName, options: DeviceOptions = {}): SimulatedDevice {
  const persona: Persona = { ...PERSONAS[name], ...options.persona };
  const { vendor, product } = persona;
  return new SimulatedDevice({
    persona,
    identity: { vendor, product, serial: 'LAB0000001', naa: '50014380ab000000' },
    revision: 'OLD',
    images: options.images ?? [IMAGE],
    clock: options.clock ?? new VirtualClock(),
    latencyMs: options.latencyMs ?? 0,
  });
}

/** A command from bare bytes: no encoder stands between the test and the device. */
export function raw(cdb: readonly number[], dataInBytes = 0, dataOut?: Uint8Array): ScsiCommand {
  return {
    name: 'raw',
    cdb: Uint8Array.from(cdb),
    dataInBytes,
    timeoutMs: 20_000,
    changesDevice: false,
    decode: () => undefined,
    ...(dataOut && { dataOut }),
  };
}

/** WRITE BUFFER of a part of `image`; `length` may be cut or run over the end of the image. */
export function chunk(
  mode: number,
  offsetBytes: number,
  data: Uint8Array,
  bufferId = 0,
  modeSpecific = 0,
): ScsiCommand {
  return writeBuffer({ mode, modeSpecific, bufferId, offsetBytes, data, timeoutMs: 300_000 });
}

export const activateMc = chunk(0x0f, 0, new Uint8Array(0));

/** Sends the whole image in chunks of one size and says what each was answered. */
export function download(
  device: SimulatedDevice,
  mode: number,
  { bytes = IMAGE.bytes, bpw = 4096, nexus = NEXUS, modeSpecific = 0 } = {},
): string[] {
  const answers: string[] = [];
  for (let at = 0; at < bytes.length; at += bpw) {
    const command = chunk(mode, at, bytes.subarray(at, at + bpw), 0, modeSpecific);
    answers.push(said(device.execute(command, nexus)));
  }
  return answers;
}

/** `good`, `5/24/00`, `5/24/00 byte 3`, or the first field that is not quiet. */
export function said({ errno, hostStatus, status, sense }: CommandOutcome): string {
  if (errno !== 0) return `errno ${errno}`;
  if (hostStatus !== 0) return `host ${hostStatus}`;
  const decoded = decodeSense(sense);
  if (decoded !== null) {
    const { fieldPointer } = decoded;
    return senseCode(decoded) + (fieldPointer === null ? '' : ` byte ${fieldPointer.byte}`);
  }
  return status === 0 ? 'good' : `status ${status}`;
}

export function ask(
  device: SimulatedDevice,
  cdb: readonly number[],
  dataInBytes: number,
  nexus = NEXUS,
): string {
  const outcome = device.execute(raw(cdb, dataInBytes), nexus);
  return outcome.status === 0 ? toHex(outcome.dataIn) : said(outcome);
}

export const tur = (device: SimulatedDevice, nexus = NEXUS): string =>
  said(device.execute(testUnitReady(), nexus));
