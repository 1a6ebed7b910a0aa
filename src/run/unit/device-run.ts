import type { FailureReport } from '../../base/errors.ts';
import { failureAt } from '../../base/errors.ts';
import { Device } from '../../device/device.ts';
import { runActivationSteps } from './activation-steps.ts';
import type { StepsEnd } from './activation-steps.ts';
import { checkDevice } from './check.ts';
import type { Checked } from './check.ts';
import type { Phase } from '../facts/events.ts';
import type { DeviceResult, Outcome } from '../facts/outcome.ts';
import type { DeviceRunOptions } from './run-options.ts';
import type { SentImage } from './procedure.ts';
import { takeUp } from './take-up.ts';
import { isUnchanged } from './access.ts';
import { HeldUnit } from './held-unit.ts';
import { unitResult } from './unit-result.ts';
import type { ResultRest } from './unit-result.ts';
import { UnitVerification } from './unit-verification.ts';
import { brokenOff } from './work-end.ts';
import type { PlannedUnit } from '../guards/world.ts';

/**
 * One unit from the last check to the verdict. The four phases are called in order; each does nothing once there is a
 * result. From the first byte on, nothing but `verify` may end it: the verdict comes from a fresh read.
 */
export class DeviceRun {
  #result: DeviceResult | null = null;
  readonly #held: HeldUnit;
  #checked: Checked | null = null;
  #download: SentImage | null = null;
  /** The whole image, sent by an earlier run. */
  #taken: SentImage | null = null;
  #steps: StepsEnd | null = null;
  #endWriting: (() => void) | null = null;
  #bug: FailureReport | null = null;
  #startedMs: number;

  constructor(
    readonly unit: PlannedUnit,
    private readonly options: DeviceRunOptions,
  ) {
    this.#held = new HeldUnit(unit.facts, options);
    this.#startedMs = options.clock.nowMs();
  }

  /** Refused because another run works on this unit (exit 11). */
  get locked(): boolean {
    return this.#held.locked;
  }

  get result(): DeviceResult | null {
    return this.#result;
  }

  /** Opens the node and looks for the last time. Afterwards there is a result, or the device may be written to. */
  async check(): Promise<void> {
    this.#startedMs = this.options.clock.nowMs();
    const obstacle = (await this.#held.lock()) ?? (await this.options.surroundings?.begin()) ?? null;
    if (obstacle !== null) {
      this.#refuse(obstacle);
      return;
    }
    const { recording, surroundings } = this.options;
    if (surroundings !== undefined) recording?.expectPaths(this.unit.facts.id, surroundings.wantedPaths);
    const path = (await surroundings?.path()) ?? null;
    if (path !== null) this.#held.moveTo(path);
    const device = await this.#held.open();
    if (!(device instanceof Device)) {
      this.#refuse(device);
      return;
    }
    const end = await checkDevice(device, this.unit, {
      host: this.options.host,
      path: this.#held.path,
      lockDescriptors: this.#held.lockDescriptors,
      onNotice: this.#notice,
    });
    if (end.kind === 'current')
      this.#conclude('current', `runs ${end.revision} already`, { after: end.revision });
    else if (end.kind === 'refused') this.#refuse(end.failure);
    else await this.#takeUp(device, end);
  }

  /** What an earlier run left is looked at before anything is sent (decisions.md#after-a-crash). */
  async #takeUp(device: Device, checked: Checked): Promise<void> {
    const { left = null, play, again } = this.unit;
    this.#checked = checked;
    if (left === null || play.download.length === 0) return;
    const taken = await takeUp(device, checked.procedure, left, {
      waitMs: play.verify.withinMs,
      onNotice: this.#notice,
      onWaiting: this.#waiting,
      // Where it showed the target before, seeing it proves nothing.
      reachesTarget: () =>
        again === true ? Promise.resolve(false) : this.#verification(device, checked).reachesTarget(),
    });
    if (taken.kind === 'refused') this.#refuse(taken.failure);
    else if (taken.kind === 'complete') this.#taken = taken.image;
  }

  async download(): Promise<void> {
    if (this.#checked === null || this.#held.device === null || this.#result !== null) return;
    const { emit, stop, whyNotBegin, recording } = this.options;
    // The last place where a wish to stop, or the failure of another device, is heard before the verdict.
    const reason =
      stop.requested === null
        ? (whyNotBegin?.() ?? null)
        : `stopped by ${stop.requested} before the first byte`;
    if (reason !== null) {
      this.#conclude('skipped', reason);
      return;
    }
    this.#endWriting = stop.beginWriting();
    const { facts, play } = this.unit;
    const device = this.#held.device;
    const taken = this.#taken;
    const unkept =
      (await (taken === null ? recording?.begin(this.unit) : recording?.takeUp(this.unit, taken))) ?? null;
    if (unkept !== null) {
      this.#refuse(unkept);
      return;
    }
    if (taken !== null) {
      this.#download = taken;
      return;
    }
    this.#download = await this.#checked.procedure.download(device, {
      unchanged: () => isUnchanged(device, this.unit),
      waitMs: play.verify.withinMs,
      onProgress: (progress) => emit({ type: 'progress', device: facts.id, ...progress }),
      onNotice: this.#notice,
      onWaiting: this.#waiting,
      onSection: (index, revision) => recording?.beginSection(facts.id, index, revision),
    });
    const { kind, failure } = this.#download;
    recording?.error(facts.id, failure);
    if (kind === 'complete') await recording?.sent(facts.id, this.#download);
    if (kind === 'refused') this.#conclude('refused', failure?.message ?? null, { error: failure });
  }

  /** Nothing is activated after an error (promise 3). */
  async activate(): Promise<void> {
    const end = this.#download;
    if (this.#result !== null || this.#held.device === null || this.#checked === null || end === null) return;
    if (this.#bug !== null) return;
    if (end.kind === 'frozen' || end.kind === 'failed') return;
    // An unanswered last chunk may have started the new code; steps that reset or activate would be a guess.
    const steps = end.kind === 'complete' ? this.unit.play.activate : this.#waitsOnly();
    const device = this.#held.device;
    const { procedure } = this.#checked;
    this.#steps = await runActivationSteps(steps, {
      device,
      host: this.options.host,
      path: this.#held.path,
      deferred: end.deferred,
      activate: () => procedure.activate(device, this.unit.play.verify.withinMs),
      waitMs: this.unit.play.verify.withinMs,
      onNotice: this.#notice,
      onWaiting: this.#waiting,
    });
    this.options.recording?.error(this.unit.facts.id, this.#steps.failure);
  }

  /** The fresh read, and the verdict. */
  async verify(): Promise<void> {
    const end = this.#download ?? (this.#bug === null ? null : brokenOff(this.#bug));
    if (this.#result !== null || this.#held.device === null || this.#checked === null || end === null) return;
    this.#held.onlyLook();
    const verification = this.#verification(this.#held.device, this.#checked);
    const { outcome, reason, ...rest } = await verification.judge(
      end,
      this.#steps,
      this.#bug,
      this.#held.path,
    );
    this.#conclude(outcome, reason, rest);
  }

  #verification(device: Device, checked: Checked): UnitVerification {
    return new UnitVerification(this.unit, this.options, device, checked, this.#waiting);
  }

  /** Ends a device that was never begun. */
  skip(reason: string): void {
    if (this.#result === null) this.#conclude('skipped', reason);
  }

  /**
   * A bug of runbook ended a phase. Nothing more is sent that changes the device; after the first byte the verdict still
   * comes from a fresh read, and only a bug in that read leaves it open.
   */
  abandon(bug: unknown, phase: Phase): void {
    if (this.#result !== null) return;
    const what = bug instanceof Error ? bug.message : String(bug);
    const message = `a bug in runbook ended the ${phase} of this device: ${what}`;
    const next = 'Leave the device powered, look at its revision with sg_inq, and report the bug.';
    const error = failureAt('procedure', message, next);
    if (this.#endWriting === null) this.#conclude('refused', `nothing was written: ${message}`, { error });
    else if (phase === 'verify') this.#conclude('failed', message, { error });
    else this.#bug = error;
  }

  async close(): Promise<void> {
    this.#endWriting?.();
    // Whoever gets the lock next has to find the verdict.
    await this.#held.release(async () => this.options.recording?.settled());
  }

  #refuse(failure: FailureReport): void {
    this.#conclude('refused', failure.message, { error: failure });
  }

  #waitsOnly(): PlannedUnit['play']['activate'] {
    return this.unit.play.activate.filter(({ step }) => step === 'wait-ready' || step === 'pause');
  }

  readonly #notice = (message: string): void =>
    this.options.emit({ type: 'notice', device: this.unit.facts.id, message });

  readonly #waiting = (what: string, withinMs: number): void =>
    this.options.emit({ type: 'waiting', device: this.unit.facts.id, what, withinMs });

  #conclude(outcome: Outcome, reason: string | null, rest: ResultRest = {}): void {
    this.#endWriting?.();
    const seconds = Math.round((this.options.clock.nowMs() - this.#startedMs) / 100) / 10;
    this.#result = unitResult(this.unit, { outcome, reason, seconds, sent: this.#download }, rest);
    this.options.emit({ type: 'device-finished', result: this.#result });
  }
}
