import { parseSize } from '../base/units.ts';
import type { WitnessWords } from '../generated/playbook.ts';
import type { ResolvedWitness } from './resolved.ts';

/** Text, or bytes in hex after 0x. */
export function bytesOf(words: string): Uint8Array {
  const bytes = /^0x/i.test(words) ? Buffer.from(words.slice(2), 'hex') : Buffer.from(words, 'latin1');
  return Uint8Array.from(bytes);
}

/** The checks have made sure that it looks at one place. */
export function resolveWitness(witness: WitnessWords, target: string): ResolvedWitness {
  const equals = witness.equals ?? target;
  if (witness.vpd !== undefined) {
    const offset = parseSize(witness.offset ?? 0)!;
    return { kind: 'vpd', pageCode: witness.vpd, offset, equals: bytesOf(equals) };
  }
  if (witness.inquiry !== undefined)
    return { kind: 'inquiry', offset: parseSize(witness.offset ?? 0)!, equals: bytesOf(equals) };
  if (witness['link-rate'] !== undefined) return { kind: 'link-rate', atLeast: witness['link-rate'] };
  if (witness.sysfs !== undefined) return { kind: 'sysfs', path: witness.sysfs, equals };
  return { kind: 'ses-revision', subenclosureId: witness['ses-revision']!, equals };
}
