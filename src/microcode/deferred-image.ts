import type { Fact } from '../base/facts.ts';
import type { Device } from '../device/device.ts';
import { readFactOnce } from '../device/fact.ts';
import { MICROCODE_EVENTS } from '../scsi/microcode-event.ts';
import type { MicrocodeEvent } from '../scsi/microcode-event.ts';
import { requestSense } from '../scsi/request-sense.ts';
import type { Sense } from '../scsi/sense.ts';

/** What REQUEST SENSE said. */
export type ToldSense = Pick<Sense, 'key' | 'asc' | 'ascq' | 'deferred'>;

/**
 * REQUEST SENSE. Some units answer it by CHECK CONDITION, and say there that an image waits, which belongs into the data: it counts.
 * Any other answer of that kind leaves open what the data would have said. Never throws for what the device does.
 */
export async function toldSense(device: Device): Promise<Fact<ToldSense>> {
  const read = await readFactOnce(device, requestSense());
  if (read.kind !== 'unreadable' || read.why.sense === null) return read;
  // Deferred sense is about an earlier command.
  if (read.why.code === 'deferred-error' || pendingEvents(read.why.sense).length === 0) return read;
  return { kind: 'present', value: { ...read.why.sense, deferred: false } };
}

/** 0/00/22 deferred microcode is pending; 2/04/1E activation, 20–22 a reset or a power cycle required (SPC-5). */
export function pendingEvents(sense: Pick<Sense, 'key' | 'asc' | 'ascq'> | null): readonly MicrocodeEvent[] {
  if (sense === null) return [];
  const { key, asc, ascq } = sense;
  if (key === 0 && asc === 0x00 && ascq === 0x22) return MICROCODE_EVENTS;
  if (key !== 2 || asc !== 0x04) return [];
  if (ascq === 0x1e) return ['activation'];
  if (ascq === 0x20 || ascq === 0x21) return ['hard-reset', 'power-cycle'];
  return ascq === 0x22 ? ['power-cycle'] : [];
}

/**
 * REQUEST SENSE says that deferred microcode is pending (SPC-5). A device without that command does not say so; one whose
 * answer did not come, or not whole, may have said it.
 */
export async function deferredImageWaits(device: Device): Promise<Fact<boolean>> {
  const told = await toldSense(device);
  return told.kind === 'present' ? { kind: 'present', value: pendingEvents(told.value).length > 0 } : told;
}

/** It said in so many words that an image waits. */
export const saysItWaits = async (device: Device): Promise<boolean> => {
  const read = await deferredImageWaits(device);
  return read.kind === 'present' && read.value;
};
