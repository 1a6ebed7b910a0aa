import { witnessOf } from './goal.ts';
import type { Goal } from './goal.ts';
import { witnessAgrees, witnessText } from './witness.ts';
import type { WitnessUnit } from './witness.ts';

/** The first section of which its own descriptor or witness does not show that it runs, in words; null: there is none. */
export async function unseenSection(
  sections: NonNullable<Goal['sections']>,
  unit: WitnessUnit,
): Promise<string | null> {
  for (const { name, witness: kept } of sections) {
    if (kept === null) continue;
    const witness = witnessOf(kept);
    if (!(await witnessAgrees(witness, unit))) return `${name} is not proven (${witnessText(witness)})`;
  }
  return null;
}
