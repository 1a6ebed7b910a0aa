import type { Refusal } from '../../base/refusal.ts';
import { RunbookError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { startStoppedUnit } from '../../microcode/start-stopped-unit.ts';
import { waitReady } from '../../microcode/wait-ready.ts';
import type { ActivationStep } from '../../playbook/resolved.ts';
import { isPersonStep } from '../../playbook/steps.ts';
import type { SentEvidence } from '../facts/evidence.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { ActivationEnd } from '../../microcode/activation-end.ts';
import type { EndKind } from '../../microcode/end.ts';

export interface StepContext {
  readonly device: Device;
  readonly host: Host;
  /** Where the device is now; a rescan may change it. */
  readonly path: () => AttachedDevice;
  /** The download ended deferred: there is something to activate. */
  readonly deferred: boolean;
  readonly activate: () => Promise<ActivationEnd>;
  /** How long a device that becomes ready is waited for, beside the playbook's own steps. */
  readonly waitMs: number;
  readonly onNotice: (message: string) => void;
  readonly onWaiting: (what: string, withinMs: number) => void;
}

export interface StepsEnd {
  readonly kind: Extract<EndKind, 'complete' | 'unclear' | 'failed' | 'frozen'>;
  readonly activation: SentEvidence['activation'];
  /** Events that the steps leave to a person; those of steps that were not reached as well. */
  readonly waitsFor: readonly PendingEvent[];
  /** The step that failed; null: none did. */
  readonly failedStep: string | null;
  readonly failure: Refusal | null;
}

/** There were no steps to do. */
export const NO_STEPS: StepsEnd = {
  kind: 'complete',
  activation: 'not-sent',
  waitsFor: [],
  failedStep: null,
  failure: null,
};

/** Programs of the playbook get this long; `activate: run` has no time of its own in the language. */
const RUN_TIMEOUT_MS = 600_000;

/** Does the playbook's activation steps in order and stops at the first that does not end well. */
export async function runActivationSteps(
  steps: readonly ActivationStep[],
  context: StepContext,
): Promise<StepsEnd> {
  let activation: SentEvidence['activation'] = 'not-sent';
  let unclear: Refusal | null = null;
  let settled = true;
  const end = (
    kind: StepsEnd['kind'],
    failure: Refusal | null,
    failedStep: string | null = null,
  ): StepsEnd => ({
    kind: kind === 'complete' && unclear !== null ? 'unclear' : kind,
    activation,
    waitsFor: [...new Set(left)],
    failedStep,
    failure: unclear ?? failure,
  });
  let left: readonly PendingEvent[] = eventsOf(steps);
  for (const [index, step] of steps.entries()) {
    left = eventsOf(steps.slice(index));
    switch (step.step) {
      case 'activate_mc': {
        if (!context.deferred) {
          context.onNotice('activate_mc is not needed: the download mode activates by itself');
          continue;
        }
        if (activation !== 'not-sent') {
          context.onNotice('activate_mc was sent already and is left out this time');
          continue;
        }
        const { kind, failure } = await context.activate();
        activation = ACTIVATIONS[kind];
        if (kind === 'failed' || kind === 'frozen') return end(kind, failure, step.step);
        if (kind === 'nothing-waited') {
          // Nothing that a later step could start: the revision tells.
          left = [];
          return end('complete', failure);
        }
        // A lost answer is not a failure until the device was asked: the other steps bring it back, verify asks.
        if (kind === 'unclear' || kind === 'denied') {
          unclear = failure;
          settled = false;
        }
        continue;
      }
      case 'wait-ready': {
        context.onWaiting('ready', step.withinMs);
        const { ready, problem } = await waitReady(context.device, {
          withinMs: step.withinMs,
          mayMove: true,
        });
        if (!ready) return end('unclear', problem);
        settled = true;
        continue;
      }
      case 'start-unit': {
        // A device that is still busy with an activation is not told to start; one that is stopped waits for just that.
        if (!settled && !(await isFree(context))) return end('unclear', null);
        context.onWaiting('start', step.withinMs);
        const { kind, failure } = await startStoppedUnit(context.device, step.withinMs);
        if (kind === 'unclear') return end('unclear', failure);
        if (kind !== 'ready') return end(kind === 'frozen' ? 'frozen' : 'failed', failure, step.step);
        settled = true;
        continue;
      }
      case 'pause':
        context.onWaiting('pause', step.forMs);
        await context.device.clock.sleep(step.forMs);
        continue;
      case 'power-cycle':
      case 'reboot':
        return end('complete', null);
      case 'rescan':
      case 'reload-driver':
      case 'run': {
        // The device may still be busy with an activation whose answer was lost: nothing resets its links meanwhile.
        if (!settled && !(await waitReady(context.device, { withinMs: context.waitMs, mayMove: true })).ready)
          return end('unclear', null);
        settled = true;
        const failure = await hostStep(step, context);
        if (failure !== null) return end('failed', failure, step.step);
        continue;
      }
      default:
        step satisfies never;
    }
  }
  left = [];
  return end('complete', null);
}

async function isFree({ device, waitMs }: StepContext): Promise<boolean> {
  const before = device.mayBeStopped;
  device.mayBeStopped = true;
  const { ready } = await waitReady(device, { withinMs: waitMs, mayMove: true });
  device.mayBeStopped = before;
  return ready;
}

const ACTIVATIONS: Readonly<Record<ActivationEnd['kind'], SentEvidence['activation']>> = {
  complete: 'accepted',
  unclear: 'answer-lost',
  denied: 'denied',
  'nothing-waited': 'nothing-waited',
  failed: 'refused',
  frozen: 'refused',
};

/** What these steps leave to a person. */
export const eventsOf = (steps: readonly ActivationStep[]): readonly PendingEvent[] =>
  steps.flatMap(({ step }) => (isPersonStep(step) ? [step] : []));

/** Steps that the host does; our descriptor is closed meanwhile, or the kernel could not take the device away. */
async function hostStep(
  step: Extract<ActivationStep, { step: 'rescan' | 'reload-driver' | 'run' }>,
  { device, host, path, onNotice }: StepContext,
): Promise<Refusal | null> {
  await device.close();
  try {
    if (step.step === 'rescan') await host.rescan(path());
    if (step.step === 'reload-driver') await host.reloadDriver(step.driver);
    if (step.step === 'run') {
      const { exitCode, output } = await host.run(step.argv, RUN_TIMEOUT_MS);
      if (output.trim() !== '') onNotice(`${step.argv[0]}: ${output.trim()}`);
      if (exitCode !== 0) {
        return refusal('program-failed', { program: step.argv.join(' '), status: exitCode });
      }
    }
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    return refusal('step-failed', { step: step.step, what: error.message });
  }
  // Not there yet is not a failure: verification looks for it until its time is over.
  await device.reopen();
  return null;
}
