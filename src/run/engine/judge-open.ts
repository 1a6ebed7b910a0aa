import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { JudgedUnit, RememberedUnits } from '../records/remembered-units.ts';
import { openUnits } from '../records/open-units.ts';
import { rememberEnding, rememberRestarts } from '../records/memory.ts';
import { eachOpenUnit, thawedEnding, verifyUnit } from './verify-units.ts';
import type { VerifyContext } from './verify-units.ts';

/**
 * What `verify` says now of the units that these plays select and that an earlier run left open or badly: `current` is a verdict
 * there, and not a string. All other units are not asked. Units that another run holds are left out.
 *
 * @returns what is known then, also of restarts that were heard of, and of units that are frozen no more
 */
export async function judgeOpen(
  facts: readonly DeviceFacts[],
  plays: readonly ResolvedPlay[],
  known: RememberedUnits,
  around: VerifyContext,
): Promise<RememberedUnits> {
  let { memory } = known;
  const images = new Set(plays.map(({ imageSha256 }) => imageSha256));
  const judged = new Map<string, JudgedUnit>();
  const here = new Set(facts.map(({ id }) => id));
  const selected = openUnits(memory).filter(
    ({ device, frozen }) => here.has(device.id) && (images.has(device.imageSha256) || frozen !== null),
  );
  const verified = await eachOpenUnit(selected, facts, (open, found) => verifyUnit(open, found, around));
  for (const [index, open] of selected.entries()) {
    const { imageSha256, id } = open.device;
    const { result, lockedBy, thaws, heard = [] } = verified[index]!;
    memory = rememberRestarts(memory, id, heard);
    if (thaws) memory = rememberEnding(memory, thawedEnding(open, result));
    if (lockedBy === null)
      judged.set(id, { run: open.run, imageSha256, isInterrupted: open.interrupted !== null, result });
  }
  return { ...known, memory, judged };
}
