import { toHex } from '../../../src/base/bytes.ts';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import { downloadMicrocode } from '../../../src/ses/download-microcode-control.ts';
import type { DownloadMicrocodeControl } from '../../../src/ses/download-microcode-control.ts';
import { receiveMicrocodeStatus } from '../../../src/ses/download-microcode-status.ts';
import type { SubenclosureMicrocodeStatus } from '../../../src/ses/download-microcode-status.ts';
import { PERSONAS } from '../../../src/simulator/personas.ts';
import type { SesRules } from '../../../src/simulator/ses-rules.ts';
import type { Persona, SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { IMAGE, NEXUS, deviceOf, raw, said } from './device-under-test.ts';
import type { DeviceOptions } from './device-under-test.ts';

export const SHELVES = Object.keys(PERSONAS).filter((name) => name.startsWith('ses-')) as ShelfName[];
export type ShelfName = Extract<keyof typeof PERSONAS, `ses-${string}`>;

/** An enclosure on its own, with some of its rules changed. */
export function shelf(
  name: ShelfName,
  { ses = {}, ...options }: DeviceOptions & { readonly ses?: Partial<SesRules> } = {},
): SimulatedDevice {
  const persona: Persona = PERSONAS[name];
  const rules = { ...persona.ses!, ...ses };
  return deviceOf(name, { ...options, persona: { ses: rules, ...options.persona } });
}

/** A control page for the primary subenclosure: a part of `IMAGE` in mode 07h, where nothing else is said. */
export function controlPage(
  device: SimulatedDevice,
  fields: Partial<DownloadMicrocodeControl> = {},
): ScsiCommand {
  return downloadMicrocode({
    subenclosureId: 0,
    generationCode: device.enclosure!.generationCode,
    mode: 0x07,
    bufferId: 0,
    bufferOffsetBytes: 0,
    imageLengthBytes: IMAGE.bytes.length,
    data: new Uint8Array(0),
    ...fields,
  });
}

export function send(
  device: SimulatedDevice,
  fields: Partial<DownloadMicrocodeControl> = {},
  nexus = NEXUS,
): string {
  return said(device.execute(controlPage(device, fields), nexus));
}

/** The part of the image from `from` up to `to`, as one page. */
export function sendPart(
  device: SimulatedDevice,
  from: number,
  to: number,
  fields: Partial<DownloadMicrocodeControl> = {},
  image = IMAGE.bytes,
): string {
  const data = image.subarray(from, to);
  return send(device, { bufferOffsetBytes: from, imageLengthBytes: image.length, data, ...fields });
}

/** The whole image in pages of one size. */
export function sendAll(
  device: SimulatedDevice,
  fields: Partial<DownloadMicrocodeControl> = {},
  image = IMAGE.bytes,
  pageBytes = 4096,
): string[] {
  const answers: string[] = [];
  for (let at = 0; at < image.length; at += pageBytes) {
    answers.push(sendPart(device, at, Math.min(at + pageBytes, image.length), fields, image));
  }
  return answers;
}

/** Page 0Eh in hex, or what the device said instead. */
export function readStatusPage(device: SimulatedDevice, nexus = NEXUS): string {
  const outcome = device.execute(receiveMicrocodeStatus(), nexus);
  return outcome.status === 0 && outcome.hostStatus === 0 ? toHex(outcome.dataIn) : said(outcome);
}

/** What page 0Eh says of one subenclosure. Fails the test when the device did not answer. */
export function readStatus(device: SimulatedDevice, subenclosureId = 0): SubenclosureMicrocodeStatus {
  const command = receiveMicrocodeStatus();
  const outcome = device.execute(command, NEXUS);
  if (said(outcome) !== 'good') throw new Error(`page 0Eh: ${said(outcome)}`);
  return command
    .decode(outcome.dataIn)
    .subenclosures.find((entry) => entry.subenclosureId === subenclosureId)!;
}

/** `10h`, `80h at 12` */
export function statusText(device: SimulatedDevice, subenclosureId = 0): string {
  const { status, additionalStatus } = readStatus(device, subenclosureId);
  const text = `${status.toString(16).padStart(2, '0')}h`;
  return additionalStatus === 0 ? text : `${text} at ${additionalStatus}`;
}

/** SEND DIAGNOSTIC with these bytes; the length in the CDB is theirs where no other is given. */
export function sendBytes(device: SimulatedDevice, page: Uint8Array, listBytes = page.length): string {
  return said(device.execute(raw([0x1d, 0x10, 0, listBytes >> 8, listBytes & 0xff, 0], 0, page), NEXUS));
}
