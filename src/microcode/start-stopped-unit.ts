import type { Refusal } from '../base/refusal.ts';
import type { Device } from '../device/device.ts';
import { failureOf } from '../device/judge.ts';
import { isInternalFailure } from '../device/sense-table.ts';
import { SenseKey } from '../scsi/sense.ts';
import { startUnit } from '../scsi/start-stop-unit.ts';
import { waitReady } from './wait-ready.ts';

export interface StartEnd {
  /** `unclear`: it was told to start, and is not ready in time. */
  readonly kind: 'ready' | 'unclear' | 'refused' | 'frozen';
  readonly failure: Refusal | null;
}

const POLL_MS = 500;

/**
 * Tells a unit to start, and waits until it is ready. A start that was not executed, or not answered, is sent again: it means the
 * same twice. Never throws for what the device does.
 */
export async function startStoppedUnit(device: Device, withinMs: number): Promise<StartEnd> {
  const { clock } = device;
  const deadlineMs = clock.nowMs() + withinMs;
  // From here on stopped is not how it was before.
  device.mayBeStopped = false;
  for (;;) {
    const command = startUnit();
    const { judgement, outcome } = await device.attempt(command, 'probe');
    const { action, sense } = judgement;
    if (action === 'accept' || action === 'accept-then-wait') break;
    const failure = failureOf(command, judgement);
    if (isInternalFailure(sense)) return { kind: 'frozen', failure };
    if (action === 'stop') return { kind: 'refused', failure };
    if (clock.nowMs() >= deadlineMs) return { kind: 'unclear', failure };
    if (outcome.errno !== 0 || outcome.hostStatus !== 0) await device.reopen();
    // An attention is taken by the command that meets it.
    await clock.sleep(sense?.key === SenseKey.unitAttention ? 1 : POLL_MS);
  }
  const { ready, problem, sense } = await waitReady(device, {
    withinMs: Math.max(0, deadlineMs - clock.nowMs()),
  });
  if (ready) return { kind: 'ready', failure: null };
  return { kind: isInternalFailure(sense) ? 'frozen' : 'unclear', failure: problem };
}
