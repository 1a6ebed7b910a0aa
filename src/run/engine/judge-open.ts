import type { ResolvedPlay } from '../../playbook/resolved.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { nodesOf } from '../facts/nodes.ts';
import type { JudgedUnit, RememberedUnits } from '../records/remembered-units.ts';
import { openUnits } from '../records/open-units.ts';
import type { OpenUnit } from '../records/open-units.ts';
import { rememberEnding, rememberRestarts, rememberSharing, withSharers } from '../records/memory.ts';
import type { HostMemory } from '../records/memory.ts';
import { eachOpenUnit, endingOf, isSaidOnce, verifyUnit } from './verify-units.ts';
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
  remembered: RememberedUnits,
  around: VerifyContext,
): Promise<RememberedUnits> {
  let memory = rememberSharing(remembered.memory, facts);
  const images = new Set(plays.map(({ imageSha256 }) => imageSha256));
  const judged = new Map<string, JudgedUnit>();
  const selected = openUnits(memory)
    .filter(({ device, frozen }) => images.has(device.imageSha256) || frozen !== null)
    .flatMap((open) => openOn(open, facts, memory));
  const verified = await eachOpenUnit(selected, facts, (open, found) =>
    verifyUnit(open, found, { ...around, all: facts }),
  );
  for (const [index, open] of selected.entries()) {
    const { imageSha256, id } = open.device;
    const found = verified[index]!;
    const { result, lockedBy, settles, heard = [] } = found;
    memory = rememberRestarts(memory, id, heard);
    // What else an interrupted run left is taken up.
    const isNews = open.interrupted === null ? settles : isSaidOnce(open, found);
    if (isNews) memory = rememberEnding(memory, endingOf(open, found));
    // What is kept of it is its end: nothing is taken up any more.
    const isInterrupted = open.interrupted !== null && !isNews;
    if (lockedBy === null) judged.set(id, { run: open.run, imageSha256, isInterrupted, result });
  }
  return { ...remembered, memory, judged };
}

/**
 * What is open, on the unit that was written; where that one is away, on another one that runs its microcode, and shows how it ended.
 * Empty: none of them is there.
 */
function openOn(open: OpenUnit, facts: readonly DeviceFacts[], memory: HostMemory): OpenUnit[] {
  const { device } = open;
  const one = [...withSharers(memory, new Set([device.id]))];
  const [there] = one.flatMap((id) => facts.find((unit) => unit.id === id) ?? []);
  if (there === undefined) return [];
  if (there.id === device.id) return [open];
  const { id, identity } = there;
  const { logicalUnit = null, serialNumber = null } = identity ?? {};
  return [
    { ...open, device: { ...device, id, logicalUnit, serialNumber, paths: nodesOf(there) }, found: {} },
  ];
}
