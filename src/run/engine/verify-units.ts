import type { Clock } from '../../base/clock.ts';
import { RunbookError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import { Device, DeviceError } from '../../device/device.ts';
import { HostError } from '../../host/host-error.ts';
import type { Host } from '../../host/host.ts';
import { verifyRevision } from '../../microcode/verification.ts';
import type { Verification } from '../../microcode/verification.ts';
import { completeLook } from './verify-look.ts';
import { unprovenSections } from '../records/knowledge.ts';
import { meaningOf } from '../facts/revision.ts';
import { readOnly } from '../../transport/read-only.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { nodesOf } from '../facts/nodes.ts';
import type { OpenUnit } from '../records/open-units.ts';
import { missingPaths, pathsOf } from '../guards/surroundings.ts';
import { verdict } from '../unit/verdict.ts';
import type { DeviceResult } from '../facts/outcome.ts';

/** What a look at a unit made of an open ending. */
export interface VerifiedUnit {
  /** The run that wrote to it. */
  readonly run: string;
  readonly result: DeviceResult;
  /** The result is news, and is to be kept. */
  readonly settles: boolean;
  /** Another run holds the unit: it was not looked at. */
  readonly lockedBy: string | null;
}

/** A unit that comes back from a power cycle gets this long to become ready. */
const READY_WITHIN_MS = 20_000;

/**
 * A fresh look at one unit whose last ending is open: `pending` becomes `updated`, stays, or is `failed` when a third
 * revision runs (decisions.md#the-verdict). Sends nothing that changes a device. Never throws for what the device does.
 *
 * @param facts what `inspect` found under the id of the unit; undefined: it is not there
 */
export async function verifyUnit(
  open: OpenUnit,
  facts: DeviceFacts | undefined,
  { host, clock }: { readonly host: Host; readonly clock: Clock },
): Promise<VerifiedUnit> {
  const startedMs = clock.nowMs();
  const seconds = (): number => Math.round((clock.nowMs() - startedMs) / 100) / 10;
  if (facts === undefined) {
    return stays(open, facts, refusal('not-there'));
  }
  if (facts.problem !== null) return stays(open, facts, facts.problem);
  let lock;
  try {
    lock = await host.lock(facts.id);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const unit = stays(open, facts, error.refusal);
    return error.code === 'locked' ? { ...unit, lockedBy: error.message } : unit;
  }
  try {
    const seen = await lookAt(open, facts, host, clock);
    return judged(open, facts, withPaths(open, facts, seen), seconds());
  } catch (error) {
    if (error instanceof DeviceError) return stays(open, facts, error.failure);
    if (error instanceof RunbookError) return stays(open, facts, (error as RunbookError).refusal);
    throw error;
  } finally {
    await lock.release();
  }
}

async function lookAt(open: OpenUnit, facts: DeviceFacts, host: Host, clock: Clock): Promise<Verification> {
  // For itself alone, and still it only looks.
  const transport = readOnly(await host.open(facts.paths[0]!, 'change'), { whileLocked: true });
  const device = new Device(transport, { clock, find: () => Promise.resolve(null) });
  try {
    const { target, proof } = open.device;
    return await verifyRevision(device, {
      revision: target,
      byWitness: proof.unchanged,
      alsoLook: (seen) => completeLook(proof, target, { device, host }, seen),
      before: {
        logicalUnit: open.device.logicalUnit,
        serialNumber: open.device.serialNumber,
        designators: [],
      },
      withinMs: READY_WITHIN_MS,
      settled: ({ revision, ready }) => revision !== null && ready,
    });
  } finally {
    await device.close();
  }
}

/** A degraded unit is well again when its paths are there, too. */
function withPaths(
  { outcome, paths }: OpenUnit,
  { paths: own, place }: DeviceFacts,
  seen: Verification,
): Verification {
  if (outcome !== 'degraded' || !seen.ready) return seen;
  const problem = paths === null ? refusal('paths-unknown') : missingPaths(paths, pathsOf(own, place.drives));
  return problem === null ? seen : { ...seen, ready: false, problem };
}

function judged(open: OpenUnit, facts: DeviceFacts, seen: Verification, seconds: number): VerifiedUnit {
  if (seen.revision === null) return stays(open, facts, seen.problem);
  const { before: shownBefore, target, proof } = open.device;
  const before = meaningOf(proof, shownBefore);
  const isTarget = (shown: string | null): boolean => shown !== null && meaningOf(proof, shown) === target;
  // On its way up: a later look says more. A third revision is worth saying at once.
  const known = seen.revision === before || seen.revision === target;
  if (!seen.ready && !seen.internalFailure && known) return stays(open, facts, seen.problem);
  const { outcome, reason, pending } = verdict(
    {
      before,
      target,
      byWitness: proof.unchanged,
      product: proof.product,
      written: open.died === null ? 'complete' : 'uncertain',
      frozen: false,
      waitsFor: open.waitsFor,
      missing: missingOf(open, seen.shown ?? seen.revision),
      // It showed its target already, and waits for an event on account of an earlier section: it may still say so itself.
      partsWaitFor:
        open.died === null && open.outcome === 'pending' && isTarget(open.after) ? seen.pending : [],
      failure: null,
    },
    seen,
  );
  const after = seen.shown ?? seen.revision;
  const unchanged = seen.revision === before && (outcome === 'failed' || outcome === open.outcome);
  // After a run that died the old revision proves nothing against the image: apply may go on from here.
  if (open.died !== null && unchanged) {
    const interrupted = refusal('unit-interrupted', { what: open.died.text, revision: before });
    return {
      ...stays(open, facts, null),
      result: resultOf(open, facts, {
        outcome: 'failed',
        reason: interrupted.message,
        after,
        seconds,
        error: seen.problem ?? interrupted,
      }),
    };
  }
  return {
    run: open.run,
    // An image that a dead run left waiting is for apply to deal with: kept as pending, it would keep apply away.
    settles: open.died === null ? outcome !== open.outcome || after !== open.after : outcome !== 'pending',
    lockedBy: null,
    result: resultOf(open, facts, {
      outcome,
      reason,
      pending,
      after,
      seconds,
      error: seen.problem,
    }),
  };
}

/** Nothing was learned: what was known before still stands. */
function stays(open: OpenUnit, facts: DeviceFacts | undefined, error: DeviceResult['error']): VerifiedUnit {
  const known = open.died?.text ?? open.reason ?? open.outcome;
  const why = error === null || known.includes(error.message) ? '' : `; ${error.message}`;
  return {
    run: open.run,
    settles: false,
    lockedBy: null,
    result: resultOf(open, facts, {
      outcome: open.outcome,
      reason: `${known}${why}`,
      pending: open.outcome === 'pending' ? open.pending : null,
      error,
    }),
  };
}

function resultOf(
  { device }: OpenUnit,
  facts: DeviceFacts | undefined,
  rest: Pick<DeviceResult, 'outcome' | 'reason' | 'error'> &
    Partial<Pick<DeviceResult, 'after' | 'pending' | 'seconds'>>,
): DeviceResult {
  const paths = facts === undefined ? device.paths : nodesOf(facts);
  return {
    id: device.id,
    play: device.play,
    paths,
    vendor: device.vendor,
    product: device.product,
    before: device.before,
    after: null,
    pending: null,
    bytes: 0,
    chunks: 0,
    seconds: 0,
    ...rest,
  };
}

/** A run died over several sections: the revision of the unit may be that of an earlier one. */
function missingOf({ died }: OpenUnit, shown: string): string | null {
  const lack = died === null ? null : unprovenSections(died.device, shown);
  return lack === null ? null : `not all of its sections are known to be ${lack}`;
}
