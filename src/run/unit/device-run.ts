import type { Clock } from '../../base/clock.ts';
import type { FailureReport } from '../../base/errors.ts';
import { failureAt, TransportError } from '../../base/errors.ts';
import type { Device } from '../../device/device.ts';
import { DeviceError } from '../../device/device.ts';
import { HostError } from '../../host/host-error.ts';
import type { AttachedDevice, Host, UnitLock } from '../../host/host.ts';
import { atTarget, verifyRevision } from '../../microcode/verification.ts';
import type { Verification } from '../../microcode/verification.ts';
import { standardInquiry } from '../../scsi/inquiry.ts';
import { senseText } from '../../scsi/sense.ts';
import { runActivationSteps } from './activation-steps.ts';
import type { StepsEnd } from './activation-steps.ts';
import { checkDevice } from './check.ts';
import type { Checked } from './check.ts';
import type { Emit, Phase } from '../events.ts';
import { failureReportOf } from './failure.ts';
import type { DeviceResult, Outcome, PendingEvent } from '../outcome.ts';
import type { Recording } from '../journal/recording.ts';
import type { PlannedUnit } from '../plan/plan.ts';
import { NOTHING_SAID } from './procedure.ts';
import type { SentImage } from './procedure.ts';
import { meaningOf } from '../plan/revision.ts';
import type { StopSwitch } from '../stop.ts';
import { shownNow } from '../plan/subenclosure.ts';
import { takeUp } from './take-up.ts';
import { openUnit, whoIsThere } from './access.ts';
import { lockWithEnclosure } from './locks.ts';
import type { UnitSurroundings } from './surroundings.ts';
import { verdict } from './verdict.ts';
import { witnessAgrees } from './witness.ts';
import { brokenOff, workEnd } from './work-end.ts';

export interface DeviceRunOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly stop: StopSwitch;
  /** Asked right before the first byte: why this device may not be begun after all; null: it may. */
  readonly whyNotBegin?: () => string | null;
  /** What surrounds this unit; absent: not looked at. */
  readonly surroundings?: UnitSurroundings;
  /** Keeps what happens; `host` is the one that it gave out for this unit. */
  readonly recording?: Recording;
}

/** After a last question, for a device that restarts only now. */
const GRACE_MS = 10_000;

/**
 * One unit from the last check to the verdict. The four phases are called in order; each does nothing once there is a
 * result. From the first byte on, nothing but `verify` may end it: the verdict comes from a fresh read.
 */
export class DeviceRun {
  #result: DeviceResult | null = null;
  #device: Device | null = null;
  #lock: UnitLock | null = null;
  #locked = false;
  #path: AttachedDevice;
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
    this.#path = unit.facts.paths[0]!;
    this.#startedMs = options.clock.nowMs();
  }

  /** Refused because another run works on this unit (exit 11). */
  get locked(): boolean {
    return this.#locked;
  }

  get result(): DeviceResult | null {
    return this.#result;
  }

  /** Opens the node and looks for the last time. Afterwards there is a result, or the device may be written to. */
  async check(): Promise<void> {
    this.#startedMs = this.options.clock.nowMs();
    if (!(await this.#takeLock())) return;
    const obstacle = (await this.options.surroundings?.begin()) ?? null;
    if (obstacle !== null) {
      this.#conclude('refused', obstacle.message, { error: obstacle });
      return;
    }
    const device = await this.#open();
    if (device === null) return;
    const end = await checkDevice(device, this.unit, this.options.host, this.#notice);
    if (end.kind === 'current')
      this.#conclude('current', `runs ${end.revision} already`, { after: end.revision });
    else if (end.kind === 'refused') this.#conclude('refused', end.failure.message, { error: end.failure });
    else await this.#takeUp(device, end);
  }

  /** What an earlier run left is looked at before anything is sent (rules.md section 5). */
  async #takeUp(device: Device, checked: Checked): Promise<void> {
    const { left = null, play } = this.unit;
    this.#checked = checked;
    if (left === null || play.download.length === 0) return;
    const taken = await takeUp(device, checked.procedure, left, {
      waitMs: play.verify.withinMs,
      onNotice: this.#notice,
      onWaiting: this.#waiting,
      reachesTarget: async () =>
        this.#atTarget(
          await this.#lookFor(device, checked, play.verify.withinMs, ({ pending }) => pending.length > 0),
        ),
    });
    if (taken.kind === 'refused') this.#conclude('refused', taken.failure.message, { error: taken.failure });
    else if (taken.kind === 'complete') this.#taken = taken.image;
  }

  async download(): Promise<void> {
    if (this.#checked === null || this.#device === null || this.#result !== null) return;
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
    const taken = this.#taken;
    const unkept =
      (await (taken === null ? recording?.begin(this.unit) : recording?.takeUp(this.unit, taken))) ?? null;
    if (unkept !== null) {
      this.#conclude('refused', unkept.message, { error: unkept });
      return;
    }
    if (taken !== null) {
      this.#download = taken;
      return;
    }
    this.#download = await this.#checked.procedure.download(this.#device, {
      unchanged: () => this.#unchanged(),
      waitMs: play.verify.withinMs,
      onProgress: (progress) => emit({ type: 'progress', device: facts.id, ...progress }),
      onNotice: this.#notice,
      onWaiting: this.#waiting,
    });
    const { kind, failure } = this.#download;
    recording?.error(facts.id, failure);
    if (kind === 'complete') await recording?.sent(facts.id, this.#download);
    if (kind === 'refused') this.#conclude('refused', failure?.message ?? null, { error: failure });
  }

  /** Nothing is activated after an error (promise 3). */
  async activate(): Promise<void> {
    const end = this.#download;
    if (this.#result !== null || this.#device === null || this.#checked === null || end === null) return;
    if (this.#bug !== null) return;
    if (end.kind === 'frozen' || end.kind === 'failed') return;
    // An unanswered last chunk may have started the new code; steps that reset or activate would be a guess.
    const steps = end.kind === 'complete' ? this.unit.play.activate : this.#waitsOnly();
    const device = this.#device;
    const { procedure } = this.#checked;
    this.#steps = await runActivationSteps(steps, {
      device,
      host: this.options.host,
      path: () => this.#path,
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
    if (this.#result !== null || this.#device === null || this.#checked === null || end === null) return;
    const { play, facts } = this.unit;
    const { host, clock } = this.options;
    const device = this.#device;
    const checked = this.#checked;
    const { procedure } = checked;
    const work = workEnd(end, this.#steps, this.#bug);
    // What the device asked to be given after the download (COMMAND SPECIFIC) counts on top of the playbook's time.
    const withinMs = Math.max(
      play.verify.withinMs,
      procedure.unreachableMs(end, this.#steps?.activated === true),
    );
    const { revision: target, unchanged: byWitness } = play.verify;
    const look = (settled: (seen: Verification) => boolean): Promise<Verification> =>
      this.#lookFor(device, checked, withinMs, settled);
    let found = await look((seen) => work.waitingIsVain(seen));
    const known = found.revision === null || this.#atTarget(found);
    const lastWord = known ? NOTHING_SAID : await procedure.lastWord(device);
    if (lastWord.startsNow) found = await look(() => false);
    else if (lastWord.mayHaveStarted === true)
      found = await this.#lookFor(device, checked, GRACE_MS, () => false);
    const seen = found.revision === null ? await whoIsThere(host, clock, facts, this.#path, found) : found;
    const failure = work.failure ?? lastWord.failure;
    const { outcome, reason, pending } = verdict(
      {
        before: meaningOf(play.verify, facts.revision),
        target,
        byWitness,
        product: play.firmware.product ?? facts.product,
        written: lastWord.failure === null ? work.written : 'incomplete',
        frozen: work.frozen || lastWord.frozen,
        waitsFor: work.waitsFor,
        failure,
      },
      // The status page knows more of events than REQUEST SENSE does.
      lastWord.pending.length > 0 ? { ...seen, pending: lastWord.pending } : seen,
    );
    const after = seen.shown ?? seen.revision;
    this.#conclude(outcome, reason, { after, pending, error: failure ?? seen.problem });
  }

  /** Waits for the target within this time, by fresh looks. */
  #lookFor(
    device: Device,
    { procedure, identification }: Checked,
    withinMs: number,
    settled: (seen: Verification) => boolean,
  ): Promise<Verification> {
    const { revision, unchanged: byWitness } = this.unit.play.verify;
    this.#waiting(`revision ${revision}`, withinMs);
    return verifyRevision(device, {
      revision,
      byWitness,
      before: identification.identity,
      withinMs,
      alsoLook: async (seen) => this.#alsoLook(device, await procedure.look(device, seen)),
      settled,
    });
  }

  #atTarget(seen: Verification): boolean {
    const { revision, unchanged: byWitness } = this.unit.play.verify;
    return atTarget(seen, { revision, byWitness });
  }

  /** The revision in the playbook's words; where it is there, the second witness and the paths. */
  async #alsoLook(device: Device, seen: Verification): Promise<Verification> {
    const { verify } = this.unit.play;
    if (seen.revision === null) return seen;
    const look = { ...seen, revision: meaningOf(verify, seen.revision), shown: seen.revision };
    const wanted = verify.unchanged || look.revision === verify.revision;
    if (!wanted) return look;
    const missing = await this.options.surroundings?.missing();
    const there = missing == null ? look : { ...look, ready: false, problem: missing };
    if (verify.witness === null) return there;
    return { ...there, witness: await witnessAgrees(verify.witness, device, this.options.host) };
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
    try {
      await this.#device?.close();
      // Whoever gets the lock next has to find the verdict.
      await this.options.recording?.settled();
    } finally {
      await this.#lock?.release();
      this.#lock = null;
    }
  }

  /** One writer per physical unit: held until `close`, over every path and through every restart of the device. */
  async #takeLock(): Promise<boolean> {
    try {
      this.#lock = await lockWithEnclosure(this.options.host, this.unit.facts);
      return true;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      this.#locked = error.code === 'locked';
      this.#conclude('refused', error.message, { error: failureReportOf(error) });
      return false;
    }
  }

  async #open(): Promise<Device | null> {
    const { host, clock, emit } = this.options;
    const { facts } = this.unit;
    try {
      this.#device = await openUnit(host, clock, facts, this.#path, {
        onMoved: (path) => {
          if (path.sgNode !== this.#path.sgNode) {
            this.#notice(`came back as ${path.sgNode} (was ${this.#path.sgNode})`);
          }
          this.#path = path;
        },
        onUnitAttention: ({ key, asc, ascq }) =>
          emit({ type: 'unit-attention', device: facts.id, asc, ascq, text: senseText({ key, asc, ascq }) }),
      });
      return this.#device;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const failure = failureReportOf(error);
      this.#conclude('refused', failure.message, { error: failure });
      return null;
    }
  }

  #waitsOnly(): PlannedUnit['play']['activate'] {
    return this.unit.play.activate.filter(({ step }) => step === 'wait-ready' || step === 'pause');
  }

  async #unchanged(): Promise<boolean> {
    if (this.#device === null) return false;
    const { facts, play } = this.unit;
    try {
      const inquiry = await this.#device.ask(standardInquiry());
      return (await shownNow(this.#device, play, inquiry))?.revision === facts.revision;
    } catch (error) {
      if (error instanceof DeviceError) return false;
      throw error;
    }
  }

  readonly #notice = (message: string): void =>
    this.options.emit({ type: 'notice', device: this.unit.facts.id, message });

  readonly #waiting = (what: string, withinMs: number): void =>
    this.options.emit({ type: 'waiting', device: this.unit.facts.id, what, withinMs });

  #conclude(
    outcome: Outcome,
    reason: string | null,
    rest: {
      readonly after?: string | null;
      readonly pending?: readonly PendingEvent[] | null;
      readonly error?: FailureReport | null;
    } = {},
  ): void {
    const { facts, play } = this.unit;
    this.#endWriting?.();
    this.#result = {
      id: facts.id,
      play: play.name,
      paths: facts.paths.map(({ sgNode, hctl }) => sgNode ?? hctl),
      vendor: facts.vendor,
      product: facts.product,
      before: facts.revision,
      after: rest.after ?? null,
      outcome,
      reason,
      pending: rest.pending ?? null,
      bytes: this.#download?.doneBytes ?? 0,
      chunks: this.#download?.doneChunks ?? 0,
      seconds: Math.round((this.options.clock.nowMs() - this.#startedMs) / 100) / 10,
      error: rest.error ?? null,
    };
    this.options.emit({ type: 'device-finished', result: this.#result });
  }
}
