import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/refusal.ts';
import { Device } from '../../device/device.ts';
import type { Host } from '../../host/host.ts';
import { NOTHING_SAID } from '../../microcode/last-word.ts';
import type { LastWord } from '../../microcode/last-word.ts';
import { askHowItEnded, nothingTold } from '../../microcode/ses/verification.ts';
import { verifyRevision } from '../../microcode/verification.ts';
import type { Verification } from '../../microcode/verification.ts';
import { readOnly } from '../../transport/read-only.ts';
import { DEFAULT_WITHIN_MS } from '../facts/goal.ts';
import { answeringPath } from '../facts/inspect.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { HostSurveys } from '../guards/surroundings.ts';
import type { OpenUnit } from '../records/open-units.ts';
import { asBefore, completeVerification } from './complete-verification.ts';

export interface ReadContext {
  readonly host: Host;
  readonly clock: Clock;
  /** All units of the host, as they were found; absent: this one alone. */
  readonly all?: readonly DeviceFacts[];
  /** A bounded wait for this unit begins. */
  readonly onWaiting?: (what: string, withinMs: number, unit: string) => void;
}

/** A look, and the unit attentions that came with it. */
export interface FreshRead {
  readonly seen: Verification;
  readonly heard: Device['news']['attentions'];
}

/**
 * The look of `verify` at one unit, for as long as the playbook waits: reads what the playbook names, sends nothing that changes a device.
 * Throws DeviceError where it does not answer at all, HostError where it cannot be opened.
 */
export async function readUnit(
  open: OpenUnit,
  facts: DeviceFacts,
  { host, clock, onWaiting, all = [] }: ReadContext,
): Promise<FreshRead> {
  // For itself alone, and still it only looks.
  const path = answeringPath(facts);
  const transport = readOnly(await host.open(path, 'change'), { whileLocked: true });
  const device = new Device(transport, { clock, find: () => Promise.resolve(null) });
  device.mayBeStopped = open.sent.wasStopped ?? false;
  const { target, proof: goal, logicalUnit, serialNumber, deviceType } = open.device;
  const told = nothingTold();
  const looks = new HostSurveys(host, clock);
  // What was missing already is not waited for once more.
  const mayCome = (around: Refusal | undefined): boolean =>
    around !== undefined && open.outcome !== 'degraded';
  let waits = false;
  const look = (withinMs: number): Promise<Verification> =>
    verifyRevision(device, {
      revision: target,
      byWitness: goal.unchanged,
      complete: async (first) =>
        asBefore(open, facts, await completeVerification(goal, target, { device, host, path, told }, first), {
          device,
          looks,
          path,
          all,
        }),
      before: { logicalUnit, serialNumber, designators: [] },
      deviceType,
      serialMayChange: goal.serialMayChange === true,
      withinMs,
      settled: ({ revision, ready, pending, internalFailure, around, unheard }) =>
        revision !== null &&
        ((ready && !mayCome(around) && unheard === undefined) || pending.length > 0 || internalFailure),
      onNotYet: ({ ready }, leftMs) => {
        if (!waits) onWaiting?.(ready ? 'as before' : 'ready', leftMs, facts.id);
        waits = true;
      },
    });
  const withinMs = goal.withinMs ?? DEFAULT_WITHIN_MS;
  try {
    const first = await look(withinMs);
    const word = await lastWordOf(open, first, { device, withinMs });
    const seen = word.startsNow ? await look(withinMs) : withWord(first, word);
    return { seen, heard: [...(facts.attentions ?? []), ...device.news.attentions] };
  } finally {
    await device.close();
  }
}

/**
 * How the download of an interrupted run ended, if its image may be whole, and nothing of it runs yet. The enclosure says so once: whoever
 * asks has to keep it.
 */
function lastWordOf(
  { interrupted, sent, device: { target, proof: goal } }: OpenUnit,
  { revision, pending, internalFailure }: Verification,
  { device, withinMs }: { readonly device: Device; readonly withinMs: number },
): Promise<LastWord> {
  const mayBeWhole = interrupted !== null && !['not-accepted', 'unknown'].includes(sent.image);
  const isUntold = revision !== null && revision !== target && pending.length === 0 && !internalFailure;
  if (!mayBeWhole || !isUntold || goal.subenclosure === null) return Promise.resolve(NOTHING_SAID);
  return askHowItEnded(device, goal.subenclosure, { writingMs: withinMs, onWaiting: () => undefined });
}

const withWord = (seen: Verification, { frozen, failure, pending }: LastWord): Verification => ({
  ...seen,
  ...(pending.length > 0 && { pending }),
  ...(frozen && { internalFailure: true }),
  ...(failure !== null && (frozen ? { problem: failure } : { reported: failure })),
});
