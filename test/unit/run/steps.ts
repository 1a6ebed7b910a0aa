import type { ResolvedPlay } from '../../../src/playbook/resolved.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { playOf, sectionOf } from './builders.ts';

const imageOf = (sizeBytes: number): Uint8Array =>
  standardImage(sizeBytes).map((byte) => byte ^ (sizeBytes >> 8));

/** An image for each step, none the beginning of another. By the revision that it brings. */
export const STEP_IMAGES: ReadonlyMap<string, Uint8Array> = new Map([
  ['2.10', imageOf(10_000)],
  ['2.12', imageOf(12_000)],
  ['2.14', imageOf(14_000)],
]);

/** A play of HP cards from one of these revisions to `to`, after another play. */
export const stepPlay = (
  name: string,
  after: string | null,
  from: readonly string[],
  to: string,
): ResolvedPlay => {
  const play = playOf({ download: [sectionOf({ image: STEP_IMAGES.get(to)! })] });
  return {
    ...play,
    name,
    after,
    match: { ...play.match, revision: from },
    firmware: { ...play.firmware, revision: to },
    verify: { ...play.verify, revision: to },
  };
};

/** 2.08 → 2.10 → 2.12 → 2.14; the second one starts from 2.11, too. */
export const STEPS: readonly ResolvedPlay[] = [
  stepPlay('a', null, ['2.08'], '2.10'),
  stepPlay('b', 'a', ['2.10', '2.11'], '2.12'),
  stepPlay('c', 'b', ['2.12'], '2.14'),
];
