import type { Refusal } from '../../base/refusal.ts';
import { refusal } from '../../base/refusal.ts';
import { withoutText } from '../../base/facts.ts';
import type { FactName, Unreadable } from '../../base/facts.ts';
import { Device } from '../../device/device.ts';
import { isOnPassivePath } from '../../microcode/ready-enough.ts';
import { savesImage } from '../../playbook/modes.ts';
import type { ActivationStep } from '../../playbook/resolved.ts';
import type { Phase } from '../facts/events.ts';
import { codesOf } from '../facts/found-before.ts';
import type { DeviceResult, ResultEnd } from '../facts/outcome.ts';
import type { PlannedUnit } from '../guards/world.ts';
import { isUnchanged } from './access.ts';
import { NO_STEPS, runActivationSteps } from './activation-steps.ts';
import type { StepsEnd } from './activation-steps.ts';
import { checkDevice } from './check.ts';
import type { CheckEnd, Checked } from './check.ts';
import { HeldUnit } from './held-unit.ts';
import { NOTHING_SENT } from './procedure.ts';
import type { SentImage } from './procedure.ts';
import type { DeviceRunOptions } from './run-options.ts';
import { takeUp } from './take-up.ts';
import { unitResult } from './unit-result.ts';
import type { ResultRest } from './unit-result.ts';
import { UnitVerification } from './unit-verification.ts';
import { brokenOff } from './work-end.ts';

/** The unit, open for writing, and how the image goes into it. */
interface Open extends Checked {
  readonly device: Device;
}

/** An unanswered last chunk may have started the new code: steps that reset or activate would be a guess. */
const ONLY_WAITS: Readonly<Record<ActivationStep['step'], boolean>> = {
  'wait-ready': true,
  pause: true,
  activate_mc: false,
  'start-unit': false,
  rescan: false,
  'reload-driver': false,
  'power-cycle': false,
  reboot: false,
  run: false,
};

/** From the first byte to the verdict. */
interface Writing extends Open {
  /** Signals may end the program again. */
  readonly endWriting: () => void;
}

/**
 * Where the run of a unit is:
 *
 *     planned ──check──▶ checked ──download──▶ writing ──▶ sent ──activate──▶ activated ──verify──▶ ended
 *        │                 │ ╰────── there is nothing to send ──────▲  ╰─ no step ─▲                    ▲
 *        │                 │                                 │       ╰─── bug ─────╯                    │
 *        ╰─────────────────┴── refused, current, skipped ────┴── nothing was written ───────────────────╯
 *
 * `sent` and `activated` are left by a verdict from a fresh read, and by nothing else.
 */
type State =
  | { readonly kind: 'planned' }
  | ({ readonly kind: 'checked' } & Open)
  /** The device has the whole image, from an earlier run or another tool. */
  | ({ readonly kind: 'nothing-to-send'; readonly image: SentImage } & Open)
  | ({ readonly kind: 'writing' } & Writing)
  | ({ readonly kind: 'sent'; readonly image: SentImage } & Writing)
  | ({ readonly kind: 'activated'; readonly image: SentImage; readonly steps: StepsEnd } & Writing)
  | { readonly kind: 'ended'; readonly result: DeviceResult };

const NOTHING_WRITTEN: readonly State['kind'][] = ['planned', 'checked', 'nothing-to-send'];

/** One unit from the last check to the verdict: whoever runs it does what `next` says until it is over. */
export class DeviceRun {
  #state: State = { kind: 'planned' };
  readonly #held: HeldUnit;
  /** Facts that could not be read, and that the playbook goes on without. */
  readonly #without: Map<FactName, Unreadable>;
  #startedMs: number;

  constructor(
    readonly unit: PlannedUnit,
    private readonly options: DeviceRunOptions,
  ) {
    this.#held = new HeldUnit(unit.facts, options);
    this.#without = new Map((unit.without ?? []).map((unread) => [unread.fact, unread]));
    this.#startedMs = options.clock.nowMs();
  }

  /** Refusal because another run works on this unit (exit 11). */
  get locked(): boolean {
    return this.#held.locked;
  }

  get result(): DeviceResult | null {
    return this.#state.kind === 'ended' ? this.#state.result : null;
  }

  /** The phase that has something to do now; `over`: none has. */
  get next(): Phase | 'over' {
    switch (this.#state.kind) {
      case 'planned':
        return 'check';
      case 'checked': {
        const { download, activate } = this.unit.play;
        return download.length > 0 ? 'download' : activate.length > 0 ? 'activate' : 'verify';
      }
      case 'nothing-to-send':
      case 'sent':
        return this.#stepsAfter(this.#state.image).length > 0 ? 'activate' : 'verify';
      case 'writing':
      case 'activated':
        return 'verify';
      case 'ended':
        return 'over';
    }
  }

  /** Opens the node and looks for the last time. Afterwards there is a result, or the device may be written to. */
  async check(): Promise<void> {
    this.#startedMs = this.options.clock.nowMs();
    for (const unread of this.#without.values()) this.#notice(withoutText(unread));
    const obstacle = (await this.#held.lock()) ?? (await this.options.surroundings?.begin()) ?? null;
    if (obstacle !== null) {
      this.#refuse(obstacle);
      return;
    }
    const { recording, surroundings } = this.options;
    const path = (await surroundings?.path()) ?? null;
    if (path !== null) this.#held.moveTo(path);
    const look = await this.#checkDevice();
    if ('code' in look) {
      this.#refuse(look);
      return;
    }
    const { device, end } = look;
    if (this.unit.earlier?.kind === 'waiting') recording?.heard(this.unit.facts.id, device.news.attentions);
    const { writtenWith } = this.unit;
    if (writtenWith !== undefined && end.kind !== 'refused') this.#concludeShared(writtenWith, end);
    else if (end.kind === 'current')
      this.#conclude({ outcome: 'current', error: null }, `runs ${end.revision} already`, {
        after: end.revision,
      });
    else if (end.kind === 'refused') this.#refuse(end.failure);
    else {
      const { identification, procedure, health } = end;
      await this.#takeUp({ device, identification, procedure, ...(health !== undefined && { health }) });
    }
  }

  /** Another logical unit of the same device was written: this one may have moved with it, and that it did not is not a fault. */
  #concludeShared(writtenWith: string, end: CheckEnd): void {
    const why = refusal('shares-microcode', { unit: writtenWith });
    if (end.kind !== 'current') this.#conclude({ outcome: 'skipped', error: why }, why.message);
    else {
      const after = end.revision;
      this.#conclude({ outcome: 'current', error: null }, `runs ${after} with ${writtenWith}`, { after });
    }
  }

  /** Over the planned path, and over the others where that is in standby (asymmetric access). A refusal: it cannot be opened. */
  async #checkDevice(): Promise<{ readonly device: Device; readonly end: CheckEnd } | Refusal> {
    const planned = this.#held.path();
    const others = this.unit.facts.paths.filter(
      ({ hctl, sgNode }) => sgNode !== null && hctl !== planned.hctl,
    );
    let device = await this.#held.open();
    for (;;) {
      if (!(device instanceof Device)) return device;
      const end = await checkDevice(device, this.unit, {
        host: this.options.host,
        path: this.#held.path,
        lockDescriptors: this.#held.lockDescriptors,
        health: this.options.health ?? 'ignore',
        onNotice: this.#notice,
        onWaiting: this.#waiting,
        proceedWithout: this.options.proceedWithout ?? [],
        onWithout: this.#goOnWithout,
      });
      const isPassive = end.kind === 'refused' && isOnPassivePath(end.failure.sense);
      const next = isPassive ? others.shift() : undefined;
      if (next === undefined) return { device, end };
      this.#notice(`${this.#held.path().sgNode} is in standby: ${next.sgNode} is used instead`);
      device = await this.#held.openOver(next);
    }
  }

  /** What an earlier run left is looked at before anything is sent (decisions.md#after-a-crash). */
  async #takeUp(open: Open): Promise<void> {
    const { earlier = null, play, again } = this.unit;
    if (earlier === null || (play.download.length === 0 && earlier.kind !== 'waiting')) {
      this.#state = { kind: 'checked', ...open };
      return;
    }
    const found = await takeUp(open.device, open.procedure, earlier, {
      waitMs: play.verify.withinMs,
      onNotice: this.#notice,
      onWaiting: this.#waiting,
      // Where it showed the target before, seeing it proves nothing.
      reachesTarget: () =>
        again === true ? Promise.resolve(false) : this.#verification(open).reachesTarget(),
    });
    if (found.kind === 'refused') this.#refuse(found.failure);
    else if (found.kind === 'complete')
      this.#state = {
        kind: 'nothing-to-send',
        ...open,
        image: { ...found.image, isVolatile: !play.download.every(savesImage) },
      };
    else this.#state = { kind: 'checked', ...open };
  }

  async download(): Promise<void> {
    if (this.#state.kind !== 'checked') return;
    const writing = await this.#beginWriting(this.#state, async () =>
      this.options.recording?.begin(this.unit),
    );
    if (writing === null) return;
    const { emit, recording } = this.options;
    const { facts, play } = this.unit;
    const { device, procedure } = writing;
    const image = await procedure.download(device, {
      unchanged: () => isUnchanged(device, this.unit),
      waitMs: play.verify.withinMs,
      onProgress: (progress) => emit({ type: 'progress', device: facts.id, ...progress }),
      onNotice: this.#notice,
      onWaiting: this.#waiting,
      onSection: (index, revision) => recording?.beginSection(facts.id, index, revision),
    });
    this.#state = { ...writing, kind: 'sent', image };
    recording?.error(facts.id, image.failure);
    if (image.kind === 'complete') await recording?.sent(facts.id, image);
    if (image.kind === 'refused') this.#refuse(image.failure);
  }

  async activate(): Promise<void> {
    const sent = await this.#sent();
    if (sent === null) return;
    const { device, procedure, image } = sent;
    const steps = await runActivationSteps(this.#stepsAfter(image), {
      device,
      host: this.options.host,
      path: this.#held.path,
      deferred: image.deferred,
      activate: () => procedure.activate(device, this.unit.play.verify.withinMs),
      waitMs: this.unit.play.verify.withinMs,
      onNotice: this.#notice,
      onWaiting: this.#waiting,
    });
    this.options.recording?.error(this.unit.facts.id, steps.failure);
    this.#state = { ...sent, kind: 'activated', steps };
  }

  /** The fresh read, and the verdict. */
  async verify(): Promise<void> {
    const done = this.#state.kind === 'activated' ? this.#state : await this.#sent();
    if (done === null) return;
    this.#held.onlyRead();
    const steps = done.kind === 'activated' ? done.steps : NO_STEPS;
    const judged = await this.#verification(done).judge(done.image, steps, this.#held.path);
    const { end, reason, ...rest } = judged;
    this.#conclude(end, reason, rest);
  }

  /** Begins where there is nothing to send; null: the unit has its result, or was never checked. */
  async #sent(): Promise<Extract<State, { kind: 'sent' }> | null> {
    if (this.#state.kind === 'checked') await this.download();
    if (this.#state.kind === 'sent') return this.#state;
    if (this.#state.kind !== 'nothing-to-send') return null;
    const { image } = this.#state;
    const writing = await this.#beginWriting(this.#state, async () =>
      this.options.recording?.takeUp(this.unit, image),
    );
    if (writing === null) return null;
    const sent = { ...writing, kind: 'sent', image } as const;
    this.#state = sent;
    return sent;
  }

  /**
   * The last place where a wish to stop, or the failure of another device, is heard before the verdict. null: the unit has its
   * result, and nothing was written.
   */
  async #beginWriting(
    { device, identification, procedure, health }: Open,
    record: () => Promise<Refusal | null | undefined>,
  ): Promise<Writing | null> {
    const { stop, surroundings, whyNotBegin } = this.options;
    const why =
      stop.requested === null ? (whyNotBegin?.() ?? null) : refusal('stopped', { signal: stop.requested });
    if (why !== null) {
      this.skip(why);
      return null;
    }
    const writing = {
      ...{ device, identification, procedure },
      ...(health !== undefined && { health }),
      endWriting: stop.beginWriting(),
    };
    this.#state = { kind: 'writing', ...writing };
    this.options.recording?.foundBefore(this.unit.facts.id, {
      ...(surroundings !== undefined && { paths: surroundings.wantedPaths }),
      ...(health?.kind === 'present' && { health: codesOf(health.value) }),
    });
    const unkept = (await record()) ?? null;
    if (unkept === null) return writing;
    this.#refuse(unkept);
    return null;
  }

  /** Nothing is activated after an error (promise 3). */
  #stepsAfter({ kind }: SentImage): readonly ActivationStep[] {
    const { activate } = this.unit.play;
    switch (kind) {
      case 'complete':
        return activate;
      case 'unclear':
        return activate.filter(({ step }) => ONLY_WAITS[step]);
      case 'refused':
      case 'failed':
      case 'frozen':
        return [];
      default:
        return kind satisfies never;
    }
  }

  #verification({ device, ...checked }: Open): UnitVerification {
    return new UnitVerification(this.unit, this.options, device, checked, this.#held.path, this.#waiting);
  }

  /** Ends a device that was never begun. */
  skip(why: Refusal): void {
    if (this.#state.kind !== 'ended') this.#conclude({ outcome: 'skipped', error: why }, why.message);
  }

  /**
   * A bug of runbook ended a phase. Nothing more is sent that changes the device; after the first byte the verdict still
   * comes from a fresh read, and only a bug in that read leaves it open.
   */
  abandon(bug: unknown, phase: Phase): void {
    const state = this.#state;
    if (state.kind === 'ended') return;
    const what = bug instanceof Error ? bug.message : String(bug);
    const error = refusal('unit-broken-off', { phase, what });
    if (NOTHING_WRITTEN.includes(state.kind))
      this.#conclude({ outcome: 'refused', error }, `nothing was written: ${error.message}`);
    else if (phase === 'verify') this.#conclude({ outcome: 'failed', error }, error.message);
    else if (state.kind === 'writing')
      this.#state = { ...state, kind: 'activated', image: brokenOff(error), steps: NO_STEPS };
    else if (state.kind === 'sent')
      this.#state = {
        ...state,
        kind: 'activated',
        steps: { ...NO_STEPS, kind: 'unclear', failure: error },
      };
  }

  async close(): Promise<void> {
    this.#endWriting();
    // Whoever gets the lock next has to find the verdict.
    await this.#held.release(async () => this.options.recording?.settled());
  }

  #endWriting(): void {
    if ('endWriting' in this.#state) this.#state.endWriting();
  }

  #refuse(failure: Refusal): void {
    this.#conclude({ outcome: 'refused', error: failure }, failure.message);
  }

  readonly #notice = (message: string): void =>
    this.options.emit({ type: 'notice', device: this.unit.facts.id, message });

  readonly #goOnWithout = (unread: Unreadable): void => {
    if (this.#without.has(unread.fact)) return;
    this.#without.set(unread.fact, unread);
    this.#notice(withoutText(unread));
  };

  readonly #waiting = (what: string, withinMs: number): void =>
    this.options.emit({ type: 'waiting', device: this.unit.facts.id, what, withinMs });

  #conclude(
    end: ResultEnd,
    reason: string | null,
    rest: Pick<ResultRest, 'after' | 'pending' | 'sent'> = {},
  ): void {
    this.#endWriting();
    const sent = 'image' in this.#state ? this.#state.image : NOTHING_SENT;
    const seconds = Math.round((this.options.clock.nowMs() - this.#startedMs) / 100) / 10;
    const without = [...this.#without.keys()];
    const result = unitResult(this.unit, end, { ...rest, reason, seconds, without, download: sent });
    this.#state = { kind: 'ended', result };
    this.options.emit({ type: 'device-finished', result });
  }
}
