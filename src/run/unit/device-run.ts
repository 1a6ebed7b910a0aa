import { secondsSince } from '../../base/clock.ts';
import type { Refusal } from '../../base/refusal.ts';
import { refusal } from '../../base/refusal.ts';
import { isOnPassivePath } from '../../microcode/ready-enough.ts';
import type { Phase } from '../facts/events.ts';
import { codesOf } from '../facts/found-before.ts';
import { isGood } from '../facts/outcome.ts';
import type { DeviceResult, ResultEnd } from '../facts/outcome.ts';
import type { PlannedUnit } from '../guards/world.ts';
import { whoIsInstead } from '../../device/find.ts';
import { isUnchanged } from './access.ts';
import { NO_STEPS, runActivationSteps } from './activation-steps.ts';
import { checkOver, checkOverPaths, otherPaths } from './check-paths.ts';
import type { CheckEnd } from './check.ts';
import { NOTHING_WRITTEN } from './device-run-state.ts';
import type { Open, State, Writing } from './device-run-state.ts';
import { HeldUnit } from './held-unit.ts';
import { NOTHING_SENT } from './procedure.ts';
import type { SentImage } from './procedure.ts';
import type { DeviceRunOptions } from './run-options.ts';
import { stepsAfter } from './steps-after.ts';
import { takeUp } from './take-up.ts';
import { unitResult } from './unit-result.ts';
import type { ResultRest } from './unit-result.ts';
import { UnitMessages } from './unit-messages.ts';
import { UnitVerification } from './unit-verification.ts';
import { brokenOff } from './work-end.ts';

/** One unit from the last check to the verdict: whoever runs it does what `next` says until it is over. */
export class DeviceRun {
  #state: State = { kind: 'planned' };
  readonly #held: HeldUnit;
  readonly #messages: UnitMessages;
  #startedMs: number;

  constructor(
    readonly unit: PlannedUnit,
    private readonly options: DeviceRunOptions,
  ) {
    this.#held = new HeldUnit(unit.facts, options);
    this.#messages = new UnitMessages(unit.facts.id, options.emit, unit.without ?? []);
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
        return stepsAfter(this.#state.image, this.unit.play.activate).length > 0 ? 'activate' : 'verify';
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
    this.#messages.begin();
    const whyNot = (await this.#held.lock()) ?? (await this.options.surroundings?.begin()) ?? null;
    if (whyNot !== null) {
      this.#refuse(whyNot);
      return;
    }
    const { recording, surroundings } = this.options;
    const path = (await surroundings?.path()) ?? null;
    if (path !== null) this.#held.moveTo(path);
    else if (surroundings !== undefined) {
      const instead = await this.#inItsPlace();
      if (instead !== null) {
        this.#refuseOrShared(instead);
        return;
      }
    }
    const checked = await checkOverPaths(this.#held, this.unit, this.options, this.#messages);
    if ('code' in checked) {
      this.#refuseOrShared(checked);
      return;
    }
    const { device, end } = checked;
    if (this.unit.earlier?.kind === 'waiting') recording?.heard(this.unit.facts.id, device.news.attentions);
    const { writtenWith } = this.unit;
    if (writtenWith !== undefined && end.kind !== 'refused') this.#concludeShared(writtenWith, end);
    else if (end.kind === 'current') this.#concludeCurrent(end.revision, 'already');
    else if (end.kind === 'refused') this.#refuseOrShared(end.failure);
    else {
      const { identification, procedure, health } = end;
      await this.#takeUp({ device, identification, procedure, ...(health !== undefined && { health }) });
    }
  }

  /** The host does not have the unit any more: who is where it was? null: nobody who says so. */
  async #inItsPlace(): Promise<Refusal | null> {
    const { host, clock } = this.options;
    const { identity } = this.unit.facts;
    return identity && whoIsInstead(host, { identity, was: this.#held.path() }, clock);
  }

  /** Another logical unit of the same device was written: this one may have moved with it, and that it did not is not a fault. */
  #concludeShared(writtenWith: string, end: CheckEnd): void {
    const written = this.options.outcomeOfWritten?.() ?? null;
    const revision = end.kind === 'current' ? end.revision : this.unit.facts.revision;
    const why = refusal('shares-microcode', { unit: writtenWith, revision });
    // Where the other one is not well, a string that shows the target proves nothing here either.
    if (end.kind === 'current' && written !== null && isGood(written))
      this.#concludeCurrent(end.revision, `with ${writtenWith}`);
    else this.#conclude({ outcome: 'skipped', error: why }, why.message);
  }

  #concludeCurrent(after: string, how: string): void {
    this.#conclude({ outcome: 'current', error: null }, `runs ${after} ${how}`, { after });
  }

  /** What an earlier run left is looked at before anything is sent (decisions.md#after-a-crash). */
  async #takeUp(open: Open): Promise<void> {
    const { earlier = null, play, again, facts } = this.unit;
    if (earlier === null || (play.download.length === 0 && earlier.kind !== 'waiting')) {
      this.#state = { kind: 'checked', ...open };
      return;
    }
    const found = await takeUp(open.device, open.procedure, earlier, {
      waitMs: play.verify.withinMs,
      onNotice: this.#messages.notice,
      onWaiting: this.#messages.waiting,
      // Where it showed the target before, seeing it proves nothing.
      reachesTarget: () =>
        again === true ? Promise.resolve(false) : this.#verification(open).reachesTarget(),
    });
    if (found.kind === 'refused') this.#refuse(found.failure);
    else if (found.kind === 'complete')
      this.#state = {
        kind: 'nothing-to-send',
        ...open,
        image: {
          ...found.image,
          isVolatile: earlier.kind === 'interrupted' && earlier.isVolatile,
          // The check has just seen it.
          ...(found.image.waitsFor.length > 0 && { shownWaiting: facts.revision }),
        },
      };
    else this.#state = { kind: 'checked', ...open };
  }

  async download(): Promise<void> {
    if (this.#state.kind !== 'checked') return;
    let writing = await this.#beginWriting(this.#state, async () => this.options.recording?.begin(this.unit));
    if (writing === null) return;
    const { recording } = this.options;
    const { facts } = this.unit;
    const others = otherPaths(this.#held, this.unit);
    let end = await this.#send(writing);
    // Nothing of the image was taken: over a path in standby it could not be.
    while (end.kind === 'refused' && isOnPassivePath(end.failure.sense)) {
      const path = others.shift();
      if (path === undefined) break;
      const checked = await checkOver(path, this.#held, this.unit, this.options, this.#messages);
      if (!('end' in checked) || checked.end.kind !== 'go') continue;
      const { device, end: found } = checked;
      const { identification, procedure } = found;
      writing = { ...writing, device, identification, procedure };
      this.#state = { ...writing, kind: 'writing' };
      end = await this.#send(writing);
    }
    const { device, procedure } = writing;
    const waits = end.kind === 'complete' && end.waitsFor.length > 0;
    const shownWaiting = waits ? await procedure.shownRevision(device) : null;
    const image = shownWaiting === null ? end : { ...end, shownWaiting };
    this.#state = { ...writing, kind: 'sent', image };
    recording?.error(facts.id, image.failure);
    if (image.kind === 'complete') await recording?.sent(facts.id, image);
    if (image.kind === 'refused') this.#refuse(image.failure);
  }

  /** The image, over the path that is open. */
  #send({ device, procedure }: Writing): Promise<SentImage> {
    const { emit, recording } = this.options;
    const { facts, play } = this.unit;
    return procedure.download(device, {
      unchanged: () => isUnchanged(device, this.unit),
      waitMs: play.verify.withinMs,
      onProgress: (progress) => emit({ type: 'progress', device: facts.id, ...progress }),
      onNotice: this.#messages.notice,
      onWaiting: this.#messages.waiting,
      onSection: (index, revision) => recording?.beginSection(facts.id, index, revision),
    });
  }

  async activate(): Promise<void> {
    const sent = await this.#sent();
    if (sent === null) return;
    const { device, procedure, image } = sent;
    const steps = await runActivationSteps(stepsAfter(image, this.unit.play.activate), {
      device,
      host: this.options.host,
      path: this.#held.path,
      deferred: image.deferred,
      activate: () => procedure.activate(device, this.unit.play.verify.withinMs),
      waitMs: this.unit.play.verify.withinMs,
      onNotice: this.#messages.notice,
      onWaiting: this.#messages.waiting,
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
    const { identity } = identification;
    const unit = { identity, over: this.#held.path() };
    const another = (await surroundings?.askPaths(unit, this.#messages.notice)) ?? null;
    const why =
      stop.requested === null ? (whyNotBegin?.() ?? null) : refusal('stopped', { signal: stop.requested });
    if (why !== null) {
      this.skip(why);
      return null;
    }
    if (another !== null) {
      this.#refuse(another);
      return null;
    }
    const writing = {
      ...{ device, identification, procedure },
      ...(health !== undefined && { health }),
      endWriting: stop.beginWriting(),
    };
    this.#state = { kind: 'writing', ...writing };
    this.options.recording?.foundBefore(this.unit.facts.id, {
      ...surroundings?.found,
      ...(health?.kind === 'present' && { health: codesOf(health.value) }),
    });
    const unkept = (await record()) ?? null;
    if (unkept === null) return writing;
    this.#refuse(unkept);
    return null;
  }

  #verification({ device, ...checked }: Open): UnitVerification {
    return new UnitVerification(this.unit, this.options, device, checked, this.#held.path, this.#messages);
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

  /** Where another logical unit of the device was written, this one was, too: that it fails now is more than a refusal. */
  #refuseOrShared(failure: Refusal): void {
    const written = this.options.outcomeOfWritten?.() ?? 'skipped';
    const isWritten = written !== 'refused' && written !== 'skipped';
    if (isWritten && failure.code === 'internal-failure')
      this.#conclude({ outcome: 'frozen', error: failure }, failure.message);
    else if (isWritten && (failure.code === 'device-gone' || failure.code === 'identity-changed'))
      this.#conclude({ outcome: 'lost', error: failure }, failure.message);
    else this.#refuse(failure);
  }

  #conclude(
    end: ResultEnd,
    reason: string | null,
    rest: Pick<ResultRest, 'after' | 'pending' | 'sent'> = {},
  ): void {
    this.#endWriting();
    const download = 'image' in this.#state ? this.#state.image : NOTHING_SENT;
    const seconds = secondsSince(this.#startedMs, this.options.clock);
    const { without } = this.#messages;
    const result = unitResult(this.unit, end, { ...rest, reason, seconds, without, download });
    this.#state = { kind: 'ended', result };
    this.options.emit({ type: 'device-finished', result });
  }
}
