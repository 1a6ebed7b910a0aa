import type { Refusal } from '../base/refusal.ts';
import type { Device } from '../device/device.ts';
import { failureOf, judge } from '../device/judge.ts';
import type { Judgement } from '../device/judge.ts';
import { isInternalFailure, senseRule, tellsOfNewCode } from '../device/sense-table.ts';
import type { Moment } from '../device/sense-table.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import type { Sense } from '../scsi/sense.ts';
import { SenseKey, senseText } from '../scsi/sense.ts';
import { ScsiStatus } from '../scsi/status.ts';
import type { BadEnd } from './end.ts';
import { isOnPassivePath } from './ready-enough.ts';
import { waitReady } from './wait-ready.ts';

/** The result of one command of a download. Only `complete` lets the next one be sent. */
export type ChunkEnd =
  | { readonly kind: 'complete'; readonly warning: string | null }
  | Unclear
  /** `refused`: the kernel did not send it, the path of the first one is in standby, or the revision is not the one that was checked, because somebody else was at work. */
  | BadEnd<'forgotten' | 'refused' | 'frozen'>
  | (BadEnd<'failed'> & { readonly sense: Sense | null });

/**
 * Nobody knows whether it was executed. `lost`: its answer was lost, or says that new code runs. `denied`: the device
 * answered like one that did not execute it (NOT READY, another unit attention).
 */
export interface Unclear extends BadEnd<'unclear'> {
  readonly answer: 'lost' | 'denied';
}

export interface ChunkOptions {
  /** Nothing of this sequence was accepted yet. */
  readonly first: boolean;
  /** After this command the device has everything, or it is the activation. */
  readonly last: boolean;
  /** Bytes of the image before this chunk, for messages; null for an activation. */
  readonly offset: number | null;
  /** How long a device that becomes ready is waited for. */
  readonly waitMs: number;
  /** Fresh INQUIRY: still the revision that was checked? */
  readonly unchanged: () => Promise<boolean>;
}

/** 29/xx: power on, reset, or a restart with new code. */
const RESET_ASC = 0x29;

/** How often one command may be sent again after an answer that says that it was not executed. */
const LATER_PAUSES_MS = [100, 200, 500, 1000, 2000, 2000];
const LIMITS = {
  again: 8,
  later: LATER_PAUSES_MS.length,
  // The kernel retried a busy device for the whole time-out before it told us: one more try, not six.
  busy: 1,
} as const;
/** Some devices call themselves ready while they write their flash memory, and refuse the next command only. */
const NOT_READY_PAUSE_MS = 500;

/**
 * Sends one command of a download until it is settled. It is sent again only where the device, or the adapter, said
 * that it was not executed (decisions.md#sending).
 */
export async function sendChunk(
  device: Device,
  command: ScsiCommand,
  options: ChunkOptions,
): Promise<ChunkEnd> {
  const left: Record<keyof typeof LIMITS, number> = { ...LIMITS };
  const { clock } = device;
  // What the device tells of a restart counts as its own start from here on.
  if (options.last && options.offset !== null) device.forgetNews();
  let waitUntilMs: number | null = null;
  for (;;) {
    const { judgement, busy } = await attempt(device, command, options);
    const failure = failureOf(command, judgement, options.offset);
    switch (judgement.action) {
      case 'accept':
        return { kind: 'complete', warning: judgement.text === '' ? null : failure.message };
      case 'accept-then-wait':
        return (
          (await waited(device, failure, options, null)) ?? {
            kind: 'complete',
            warning: failure.message,
          }
        );
      case 'send-again':
        if (left.again-- > 0) continue;
        return failed(failure, judgement);
      case 'recheck':
        // The only chunk may have been sent twice by the adapter: then the new revision is our own.
        if (!(await options.unchanged()))
          return options.last ? unclear(failure, judgement.sense) : { kind: 'refused', failure };
        if (left.again-- > 0) continue;
        return failed(failure, judgement);
      case 'send-later': {
        const kind = busy ? 'busy' : 'later';
        if (left[kind] <= 0) return failed(failure, judgement);
        await clock.sleep(LATER_PAUSES_MS[LIMITS[kind] - left[kind]--]!);
        continue;
      }
      case 'wait': {
        const end = await waited(device, failure, options, judgement.sense);
        if (end !== null) return end;
        waitUntilMs ??= clock.nowMs() + options.waitMs;
        if (clock.nowMs() >= waitUntilMs) return failed(failure, judgement);
        await clock.sleep(NOT_READY_PAUSE_MS);
        continue;
      }
      case 'restart':
        return { kind: 'forgotten', failure };
      case 'verify':
      case 'unclear':
        return unclear(failure, judgement.action === 'verify' ? judgement.sense : null);
      case 'freeze':
        return { kind: 'frozen', failure };
      case 'stop': {
        // The only chunk may have been executed, whatever its answer says: the revision tells.
        const isUntaken =
          options.first && isOverPassivePath(judgement) && (!options.last || (await options.unchanged()));
        return judgement.layer === 'kernel' || isUntaken
          ? { kind: 'refused', failure }
          : failed(failure, judgement);
      }
    }
  }
}

/** The target port is in standby, and the unit has not taken the command: over another path it may. */
const isOverPassivePath = ({ sense }: Judgement): boolean =>
  sense?.deferred === false && isOnPassivePath(sense);

const failed = (failure: Refusal, { sense }: Judgement): ChunkEnd => ({ kind: 'failed', failure, sense });

/** @param sense what the device itself answered; null: nothing, or that its answer was lost */
const unclear = (failure: Refusal, sense: Sense | null): Unclear => ({
  kind: 'unclear',
  failure,
  answer: sense === null || tellsOfNewCode(sense) ? 'lost' : 'denied',
});

/**
 * Waits until the device is ready. null: it is, and nothing happened meanwhile that concerns the download. What the
 * unit attentions on the way mean is decided by the same table as if the command itself had met them.
 *
 * @param refused the answer by which it was not executed; null: it was
 */
async function waited(
  device: Device,
  failure: Refusal,
  { first, last, waitMs, unchanged }: ChunkOptions,
  refused: Sense | null,
): Promise<ChunkEnd | null> {
  const executed = refused === null;
  const moment: Moment = first && !executed ? 'first' : last ? 'last' : 'during';
  const { ready, attentions, problem, sense } = await waitReady(device, { withinMs: waitMs });
  for (const attention of attentions) {
    const { action, next } = senseRule(attention, moment);
    const met = { ...failure, message: `${failure.message}; then ${senseText(attention)}`, next };
    if (action === 'restart') return { kind: 'forgotten', failure: met };
    // NOT READY said that it was not executed, and a restart takes what came before it along: what shows then is not this image.
    if (action === 'verify') return unclear(met, executed ? null : refused);
    if (action === 'stop') return { kind: 'failed', failure: met, sense: attention };
    // The only chunk may have been executed, whatever its answer says: then the new revision is our own.
    if (action === 'recheck' && !(await unchanged()))
      return last ? unclear(met, refused) : { kind: 'refused', failure: met };
  }
  if (ready) return null;
  if (isInternalFailure(sense)) return { kind: 'frozen', failure: problem ?? failure };
  if (executed && last) return unclear(problem ?? failure, null);
  return { kind: 'failed', failure: problem ?? failure, sense };
}

async function attempt(
  device: Device,
  command: ScsiCommand,
  { first, last }: ChunkOptions,
): Promise<{ readonly judgement: Judgement; readonly busy: boolean }> {
  const { judgement, outcome } = await device.attempt(command, last ? 'last' : first ? 'first' : 'during');
  const busy = outcome.status === ScsiStatus.busy || outcome.status === ScsiStatus.taskSetFull;
  // The only chunk of an image is first and last at once. A unit attention says that it was not executed, and the
  // kernel's refusal that it was not sent: both are about a beginning. The revision says whether that is true.
  const beginning = judgement.sense?.key === SenseKey.unitAttention || outcome.errno !== 0;
  if (!(first && last && beginning)) return { judgement, busy };
  const asFirst = judge(command, outcome, 'first');
  const again = asFirst.action === 'send-again' && asFirst.sense?.asc === RESET_ASC;
  return { judgement: again ? { ...asFirst, action: 'recheck' } : asFirst, busy };
}
