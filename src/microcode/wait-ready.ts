import type { Refusal } from '../base/refusal.ts';
import type { Device } from '../device/device.ts';
import { failureOf } from '../device/judge.ts';
import type { Sense } from '../scsi/sense.ts';
import { SenseKey } from '../scsi/sense.ts';
import { testUnitReady } from '../scsi/test-unit-ready.ts';
import { isOnPassivePath, isReadyEnough } from './ready-enough.ts';

export interface Readiness {
  /** GOOD, or the NOT READY of a unit that is ready enough for microcode. */
  readonly ready: boolean;
  /** Unit attentions met on the way, in order. */
  readonly attentions: readonly Sense[];
  /** The last answer that was not GOOD; null when the first one was. */
  readonly problem: Refusal | null;
  readonly sense: Sense | null;
}

const POLL_MS = 500;
/** A device raises one attention per event; more than this in a row means that something keeps resetting it. */
const MAX_ATTENTIONS = 16;

/**
 * TEST UNIT READY until the unit is ready by the rule of its type ({@link isReadyEnough}). Unit attentions are collected and not counted as time; a device that went away is looked
 * for and opened again. Never throws for what the device does; gives up after `withinMs`, or at once on an answer
 * that waiting does not change when `patient` is false.
 *
 * @param onWaiting called once, when it is not ready and is waited for
 */
export async function waitReady(
  device: Device,
  {
    withinMs,
    patient = true,
    mayMove = false,
    onWaiting,
  }: {
    readonly withinMs: number;
    readonly patient?: boolean;
    /** Nothing of an image is on its way: over a path in standby, another path of the unit is taken. */
    readonly mayMove?: boolean;
    readonly onWaiting?: (withinMs: number) => void;
  },
): Promise<Readiness> {
  const { clock } = device;
  const deadlineMs = clock.nowMs() + withinMs;
  const attentions: Sense[] = [];
  let problem: Refusal | null = null;
  let waits = false;
  for (;;) {
    const command = testUnitReady();
    const { judgement, outcome } = await device.attempt(command, 'probe');
    const { sense } = judgement;
    if (judgement.action === 'accept' && (sense === null || sense.key <= 1)) {
      return { ready: true, attentions, problem, sense: null };
    }
    if (await isReadyEnough(device, sense)) return { ready: true, attentions, problem, sense: null };
    problem = failureOf(command, judgement);
    const isAttention = sense?.key === SenseKey.unitAttention && !sense.deferred;
    if (isAttention) attentions.push(sense);
    if (isAttention && attentions.length < MAX_ATTENTIONS) continue;
    const mayPass =
      judgement.action !== 'stop' && judgement.action !== 'accept' && judgement.action !== 'freeze';
    if ((!patient && !mayPass) || clock.nowMs() >= deadlineMs)
      return { ready: false, attentions, problem, sense };
    if (!waits) onWaiting?.(withinMs);
    waits = true;
    await clock.sleep(Math.min(POLL_MS, Math.max(1, deadlineMs - clock.nowMs())));
    if (outcome.errno !== 0 || outcome.hostStatus !== 0) await device.reopen();
    else if (mayMove && isOnPassivePath(sense)) await device.reopen('elsewhere');
  }
}
