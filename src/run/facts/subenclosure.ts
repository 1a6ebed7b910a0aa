import type { Fact } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { readDescriptor } from '../../microcode/ses/begin.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { StandardInquiry } from '../../scsi/inquiry.ts';
import type { DeviceFacts } from './inspect.ts';

/** SUBENCLOSURE IDENTIFIER that a play updates; 0: the unit itself, as INQUIRY shows it. */
export function subenclosureOf({ download }: ResolvedPlay): number {
  const section = download.at(-1);
  return section?.via === 'ses' ? section.subenclosureId : 0;
}

/**
 * A unit as a play sees it: revision and product of the subenclosure that it updates, while `match` selects the unit by INQUIRY
 * (decisions.md#identity). null: page 01h does not show that subenclosure.
 */
export function asSeenBy(play: ResolvedPlay, unit: DeviceFacts): DeviceFacts | null {
  const id = subenclosureOf(play);
  if (id === 0) return unit;
  const shown = shownOf(unit, id);
  return shown && { ...unit, ...shown };
}

/** What a unit shows of one of its subenclosures; 0: by INQUIRY. null: page 01h does not show it. */
export function shownOf(unit: DeviceFacts, id: number): Pick<DeviceFacts, 'product' | 'revision'> | null {
  if (id === 0) return { product: unit.product, revision: unit.revision };
  const descriptor = unit.enclosures?.find(({ subenclosureId }) => subenclosureId === id);
  return descriptor === undefined ? null : { product: descriptor.product, revision: descriptor.revision };
}

/** What a person is told then. */
export const subenclosureMissing = (play: ResolvedPlay): Refusal =>
  refusal('subenclosure-missing', { page: 'diagnostic page 01h', subenclosure: subenclosureOf(play) });

type Shown = Pick<StandardInquiry, 'vendor' | 'product' | 'revision'>;

/** The same from a fresh look. Absent: page 01h does not show the subenclosure. */
export async function shownNow(
  device: Device,
  play: ResolvedPlay,
  { vendor, product, revision }: Shown,
): Promise<Fact<Shown>> {
  const id = subenclosureOf(play);
  if (id === 0) return { kind: 'present', value: { vendor, product, revision } };
  const read = await readDescriptor(device, id);
  if (read.kind !== 'present') return read;
  return { kind: 'present', value: { vendor, product: read.value.product, revision: read.value.revision } };
}
