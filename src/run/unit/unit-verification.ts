import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { AttachedDevice } from '../../host/host.ts';
import { atTarget, verifyRevision } from '../../microcode/verification.ts';
import type { Verification } from '../../microcode/verification.ts';
import { changesOf } from '../facts/changes.ts';
import type { Change } from '../facts/changes.ts';
import { readHealth } from '../facts/health.ts';
import { acceptedUnproven, sectionProofs } from '../facts/goal.ts';
import type { ResultEnd } from '../facts/outcome.ts';
import { meaningOf } from '../facts/revision.ts';
import { whoIsThere } from './access.ts';
import type { StepsEnd } from './activation-steps.ts';
import type { Checked } from './check.ts';
import type { DeviceRunOptions } from './run-options.ts';
import type { SentImage } from './procedure.ts';
import type { UnitMessages } from './unit-messages.ts';
import { endOf, verdict } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { unseenSection } from '../facts/section-witness.ts';
import { witnessAgrees } from '../facts/witness.ts';
import { movedUnits } from './moved-units.ts';
import { workEnd } from './work-end.ts';
import { healthWorse } from '../guards/health.ts';
import type { PlannedUnit } from '../guards/world.ts';
import { NOTHING_SAID } from '../../microcode/last-word.ts';
import { SenseKey } from '../../scsi/sense.ts';
import { tellsOfStart } from '../../device/sense-table.ts';
import { confirmedBy } from '../facts/evidence.ts';
import type { SentEvidence } from '../facts/evidence.ts';

/** A verdict, with what the device showed last. */
export interface Judged extends Pick<Verdict, 'reason' | 'pending'> {
  readonly end: ResultEnd;
  readonly after: string | null;
  /** What a later look has to know. */
  readonly sent: SentEvidence;
  /** What it shows otherwise than before, beside its revision; absent: nothing. */
  readonly changed?: readonly Change[];
}

/** After a last question, for a device that restarts only now. */
const GRACE_MS = 10_000;

/** Fresh looks at one unit, in the words of its play, and the verdict from them. */
export class UnitVerification {
  #isTold = false;

  constructor(
    private readonly unit: PlannedUnit,
    private readonly options: Pick<DeviceRunOptions, 'host' | 'clock' | 'surroundings' | 'sharers'>,
    private readonly device: Device,
    private readonly checked: Checked,
    /** Where the unit is now. */
    private readonly path: () => AttachedDevice,
    private readonly messages: Pick<UnitMessages, 'notice' | 'waiting'>,
  ) {}

  /** Waits for the target; false: it did not come in time, or the device waits for an event. */
  async reachesTarget(): Promise<boolean> {
    const { withinMs } = this.unit.play.verify;
    return this.#atTarget(await this.#verify(withinMs, ({ pending }) => pending.length > 0));
  }

  /** @param path where the device was last */
  async judge(end: SentImage, steps: StepsEnd, path: () => AttachedDevice): Promise<Judged> {
    const { play, facts } = this.unit;
    const { procedure } = this.checked;
    const work = workEnd(end, steps, play.activate);
    const unreachableMs = procedure.unreachableMs(end, steps.activation === 'accepted');
    const withinMs = Math.max(play.verify.withinMs, unreachableMs);
    const look = (settled: (seen: Verification) => boolean): Promise<Verification> =>
      this.#verify(withinMs, settled, () => this.#tellOfTime(withinMs));
    let found = await look((seen) => work.waitingIsVain(seen));
    const known = found.revision === null || this.#atTarget(found);
    const lastWord = known ? NOTHING_SAID : await procedure.lastWord(this.device);
    if (lastWord.startsNow) found = await look(() => false);
    else if (lastWord.mayHaveStarted === true) found = await this.#verify(GRACE_MS, () => false);
    const { host, clock } = this.options;
    const seen = found.revision === null ? await whoIsThere(host, clock, facts, path(), found) : found;
    const failure = work.failure ?? lastWord.failure;
    const { news } = this.device;
    const restarts = news.attentions.filter(tellsOfStart).map(({ asc, ascq }) => ({ asc, ascq }));
    const kept = {
      ...work.sent,
      ...(this.device.mayBeStopped && { wasStopped: true }),
      ...(restarts.length > 0 && { restarts }),
    };
    const sent: SentEvidence = lastWord.failure === null ? kept : { ...kept, image: 'not-accepted' };
    const { serialNumber } = this.checked.identification.identity;
    const changes = changesOf({ vendor: facts.vendor, product: facts.product, serialNumber }, seen);
    const judged = verdict({
      wanted: {
        before: meaningOf(play.verify, facts.revision),
        target: play.verify.revision,
        byWitness: play.verify.unchanged,
        product: play.firmware.product ?? facts.product,
        vendor: play.firmware.vendor ?? facts.vendor,
        serialMayChange: play.firmware.serialMayChange,
      },
      changes,
      sent,
      // The status page knows more of events than REQUEST SENSE does.
      seen: lastWord.pending.length > 0 ? { ...seen, pending: lastWord.pending } : seen,
      frozen: work.frozen || lastWord.frozen,
      started: news.wentAway || news.attentions.some(tellsOfStart) || this.#hasChanged(end, steps),
      inDoubt: end.inDoubt,
      attentions: news.attentions,
      missing: this.#missing(end),
      unproven: acceptedUnproven(sectionProofs(play.download)),
      partsWaitFor: procedure.partsWaitFor?.(found) ?? [],
      failure,
    });
    const { outcome, reason, pending } = judged;
    const lost = outcome === 'unverified' ? (lastWord.lostAnswer ?? null) : null;
    const moved = await movedUnits(host, clock, this.options.sharers ?? []);
    const told = [...(reason === null ? [] : [reason]), ...moved];
    return {
      end: lost === null || outcome === 'updated' ? endOf(judged, seen, failure) : { outcome, error: lost },
      reason: told.length === 0 ? null : told.join('; '),
      pending,
      after: seen.shown ?? seen.revision,
      sent: confirmedBy(sent, lastWord.pending.length > 0 ? lastWord.pending : seen.pending),
      ...(changes.length > 0 && { changed: changes }),
    };
  }

  /**
   * Waits for the target within this time, by fresh looks.
   *
   * @param onOver called when the time of the playbook is over, and this one is not
   */
  #verify(
    withinMs: number,
    settled: (seen: Verification) => boolean,
    onOver?: () => void,
  ): Promise<Verification> {
    const { revision, unchanged: byWitness, withinMs: own } = this.unit.play.verify;
    const { procedure, identification } = this.checked;
    this.messages.waiting(`revision ${revision}`, withinMs);
    return verifyRevision(this.device, {
      revision,
      byWitness,
      before: identification.identity,
      deviceType: identification.inquiry.deviceType,
      serialMayChange: this.unit.play.firmware.serialMayChange,
      withinMs,
      complete: async (seen) => this.#complete(await procedure.completeVerification(this.device, seen)),
      settled,
      onNotYet: (_seen, leftMs) => {
        if (withinMs - leftMs >= own) onOver?.();
      },
    });
  }

  /** The playbook's time is over, and the unit has announced a longer one. Once. */
  #tellOfTime(withinMs: number): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const over = `verify.within (${this.unit.play.verify.withinMs / 1000} s) is over`;
    const announced = `the unit announces that it may be unreachable for ${withinMs / 1000} s (COMMAND SPECIFIC)`;
    this.messages.notice(`${over}; ${announced}, and so long it is waited for`);
  }

  /** A part of its enclosure that was well before; null: none. Asked of a ready unit alone: until then its parts settle. */
  async #worse({ ready }: Verification): Promise<Refusal | null> {
    const { health } = this.checked;
    return health?.kind === 'present' && ready ? healthWorse(health, await readHealth(this.device)) : null;
  }

  /**
   * It showed another revision when it was told to activate, so that the target now is the change that counts, whatever it has answered. A
   * unit that reports an error of its hardware or medium has to say more than that: a restart.
   */
  #hasChanged({ shownWaiting }: SentImage, { activation, failure }: StepsEnd): boolean {
    const { verify } = this.unit.play;
    if (activation === 'not-sent' || shownWaiting === undefined || verify.unchanged) return false;
    const key = failure?.sense?.key;
    const isBroken = key === SenseKey.mediumError || key === SenseKey.hardwareError;
    return !isBroken && meaningOf(verify, shownWaiting) !== verify.revision;
  }

  #atTarget(seen: Verification): boolean {
    const { revision, unchanged: byWitness } = this.unit.play.verify;
    return atTarget(seen, { revision, byWitness });
  }

  /** What the revision does not prove of a download in several sections; null: nothing. */
  #missing({ parts }: SentImage): string | null {
    const { verify } = this.unit.play;
    switch (parts.kind) {
      case 'one':
        return null;
      case 'unproven':
        return parts.missing;
      case 'by-change':
        return !verify.unchanged && meaningOf(verify, parts.before) !== verify.revision
          ? null
          : parts.missing;
    }
  }

  /** Paths and partners that are not as they should be; null: all are. */
  async #missingAround({ identity }: Verification): Promise<Refusal | null> {
    const { surroundings } = this.options;
    if (surroundings === undefined || identity === null) return null;
    return surroundings.missing({ identity, over: this.path() });
  }

  /** The revision in the playbook's words; where it is there, the second witness and the paths. */
  async #complete(seen: Verification): Promise<Verification> {
    const { verify } = this.unit.play;
    if (seen.revision === null) return seen;
    const meant = { ...seen, revision: meaningOf(verify, seen.revision), shown: seen.revision };
    const wanted = verify.unchanged || meant.revision === verify.revision;
    if (!wanted) return meant;
    const missing = (await this.#missingAround(seen)) ?? (await this.#worse(meant));
    const there = missing == null ? meant : { ...meant, around: missing };
    const unit = { device: this.device, host: this.options.host, path: this.path() };
    // A section that waits for its event cannot show anything yet.
    const waits = (this.checked.procedure.partsWaitFor?.(there) ?? []).length > 0;
    const unseen = waits ? null : await unseenSection(sectionProofs(this.unit.play.download), unit);
    return {
      ...there,
      ...(unseen !== null && { unseen }),
      ...(verify.witness !== null && { witness: await witnessAgrees(verify.witness, unit) }),
    };
  }
}
