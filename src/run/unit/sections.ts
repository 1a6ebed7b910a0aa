import type { SentEnd } from '../../microcode/passes.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { DeviceError } from '../../device/device.ts';
import { contradicts, identify, identityChanged, serialChange } from '../../device/identity.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import { isInternalFailure } from '../../device/sense-table.ts';
import { saysItWaits } from '../../microcode/deferred-image.ts';
import type { Verification } from '../../microcode/verification.ts';
import { waitReady } from '../../microcode/wait-ready.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import { NOTHING_SENT } from './procedure.ts';
import type { DownloadHooks, EarlierDownload, Procedure, SectionProcedure, SentImage } from './procedure.ts';
import { commonEvents, progressOver, sumOf } from './section-sums.ts';
import type { LastWord } from '../../microcode/last-word.ts';
import type { ActivationEnd } from '../../microcode/activation-end.ts';

/** How a download stops between two sections. */
interface Stop {
  readonly kind: 'failed' | 'frozen';
  readonly failure: Refusal;
}

/** The process of an enclosure runs in its primary subenclosure: it is restarted last. */
const PRIMARY = 'subenclosure 0';

/**
 * Several sections in order, with one activation and one verification for all (decisions.md#several-sections). The first
 * section that does not end well ends the download: the later ones are not sent, and nothing is activated (promise 3). A
 * revision does not tell which sections a unit has: what is missing is said beside it.
 */
export class Sections implements Procedure {
  readonly #sections: readonly SectionProcedure[];
  readonly #identity: UnitIdentity;
  readonly #serialMayChange: boolean;
  readonly #ends: SentImage[] = [];
  /** The device itself said that an image waits, after an earlier section. */
  #saysThatItWaits = false;
  readonly #isTarget: (revision: string) => boolean;
  /** The target was shown before the last section: it proves nothing of it. */
  #targetWasShown = false;

  /** @param isTarget does the last section's part of the unit show what is wanted? */
  constructor(
    sections: readonly SectionProcedure[],
    identity: UnitIdentity,
    isTarget: (revision: string) => boolean,
    serialMayChange = false,
  ) {
    this.#serialMayChange = serialMayChange;
    this.#sections = sections;
    this.#identity = identity;
    this.#isTarget = isTarget;
  }

  async download(device: Device, hooks: DownloadHooks): Promise<SentImage> {
    // A download in progress in one subenclosure keeps all the others from beginning.
    for (const section of this.#sections) {
      const failure = await section.clear(device, hooks.waitMs);
      if (failure !== null) return this.#stopped(0, { kind: 'failed', failure });
    }
    let earlierWaits = false;
    for (const [index, section] of this.#sections.entries()) {
      if (index > 0) {
        const badly = await this.#settled(device, index - 1);
        if (badly !== null) return this.#ended(index - 1, { ...this.#ends[index - 1]!, ...badly });
        const stop = await this.#between(device, hooks);
        if (stop !== null) return this.#stopped(index, stop);
      }
      const before = await section.shownRevision(device);
      if (before === null) return this.#stopped(index, noAnswer());
      hooks.onSection?.(index, before);
      this.#targetWasShown = index === this.#sections.length - 1 && this.#isTarget(before);
      const end = await section.download(device, {
        ...hooks,
        onProgress: progressOver(this.#sections, this.#ends, index, hooks.onProgress),
        onNotice: (message) => hooks.onNotice(`${this.#name(index)}: ${message}`),
        earlierWaits,
        unchanged: async () => (await section.shownRevision(device)) === before,
      });
      this.#ends[index] = end;
      if (end.kind !== 'complete') return this.#ended(index, end, before);
      if (end.waitsFor.length > 0) {
        earlierWaits = true;
        this.#saysThatItWaits ||= await saysItWaits(device);
      }
    }
    const last = this.#sections.length - 1;
    if (!this.#targetWasShown) return this.#ended(last, this.#ends[last]!);
    // The revision cannot tell how it ended, so that the device is asked where it was not told.
    const stop = await this.#settled(device, last);
    const end = this.#ends[last]!;
    return this.#ended(last, stop === null ? end : { ...end, ...stop });
  }

  /** It is ready, and it is the same unit as before. */
  async #between(device: Device, { waitMs }: DownloadHooks): Promise<Stop | null> {
    const { ready, problem, sense } = await waitReady(device, { withinMs: waitMs });
    if (!ready) {
      return { kind: isInternalFailure(sense) ? 'frozen' : 'failed', failure: problem ?? noAnswer().failure };
    }
    try {
      const { identity } = await identify(device);
      const isOther = contradicts(this.#identity, identity);
      if (!isOther || (this.#serialMayChange && serialChange(this.#identity, identity) !== null)) return null;
      return { kind: 'failed', failure: identityChanged(this.#identity, identity) };
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      return { kind: 'failed', failure: error.failure };
    }
  }

  /** Hears how the download of a section ended, where it was not told; null: well. */
  async #settled(device: Device, index: number): Promise<Stop | null> {
    const { failure, frozen, pending } = await this.#sections[index]!.settle(device);
    if (failure !== null) return { kind: frozen ? 'frozen' : 'failed', failure };
    if (pending.length > 0) {
      const deferred = pending.includes('activation');
      this.#ends[index] = { ...this.#ends[index]!, waitsFor: pending, deferred };
    }
    return null;
  }

  readonly #name = (index: number): string => `section ${index + 1} of ${this.#sections.length}`;

  /** Nothing of this section was sent. */
  #stopped(index: number, { kind, failure }: Stop): SentImage {
    const { chunks } = this.#sections[index]!.size;
    return this.#ended(index, { ...NOTHING_SENT, chunks, kind: index === 0 ? 'refused' : kind, failure });
  }

  /** @param before revision right before this section was sent; absent: it tells nothing of it */
  #ended(index: number, end: SentImage, before?: string): SentImage {
    const isLast = index === this.#sections.length - 1;
    const sent = [...this.#ends.slice(0, index), end];
    // The section was not touched, or its last answer is missing; the sections before it, and behind it, make that a failure.
    const failed = (end.kind === 'refused' && index > 0) || (end.kind === 'unclear' && !isLast);
    // Everything was accepted, and the device said behind it that it is not good.
    const failedAfter = end.kind === 'failed' || end.kind === 'frozen';
    const named = (failure: Refusal): Refusal => ({
      ...failure,
      message: `${this.#name(index)}: ${failure.message}`,
    });
    const ended: SentEnd =
      end.kind === 'complete'
        ? { kind: end.kind, failure: end.failure && named(end.failure) }
        : { kind: failed ? 'failed' : end.kind, failure: named(end.failure) };
    const missing = isLast
      ? `${this.#name(index)} is not proven to be in the device`
      : `${this.#name(index)} did not end well, and what follows was not sent`;
    return {
      ...end,
      ...ended,
      doneBytes: sumOf(sent, ({ doneBytes }) => doneBytes),
      doneChunks: sumOf(sent, ({ doneChunks }) => doneChunks),
      chunks:
        sumOf(sent, ({ chunks }) => chunks) +
        sumOf(this.#sections.slice(index + 1), ({ size }) => size.chunks),
      acceptance: isLast && !(failedAfter && end.acceptance === 'accepted') ? end.acceptance : 'not-accepted',
      helps: commonEvents(sent.map(({ helps }) => helps)),
      // What waits for an event does not start by itself, however long one looks.
      mayRun: end.mayRun || this.#ends.slice(0, index).some(({ waitsFor }) => waitsFor.length === 0),
      // Where the last section starts by itself its revision is waited for, whatever else waits.
      waitsFor: end.waitsFor.length === 0 ? [] : commonEvents(sent.map(({ waitsFor }) => waitsFor)),
      isVolatile: sent.some(({ isVolatile }) => isVolatile),
      parts:
        end.kind === 'complete'
          ? { kind: 'one' }
          : isLast && before !== undefined
            ? { kind: 'by-change', missing, before }
            : { kind: 'unproven', missing },
    };
  }

  shownRevision(device: Device): Promise<string | null> {
    return this.#sections.at(-1)!.shownRevision(device);
  }

  /** Page 0Eh activates one subenclosure, WRITE BUFFER all that waits in the unit. */
  async activate(device: Device, waitMs: number): Promise<ActivationEnd> {
    for (const [count, index] of this.#toActivate().entries()) {
      // The one before may have restarted the unit.
      if (count > 0) await waitReady(device, { withinMs: waitMs });
      const section = this.#sections[index]!;
      const end = await section.activate(device, waitMs);
      if (end.kind !== 'complete') {
        const failure = end.failure && {
          ...end.failure,
          message: `${this.#name(index)}: ${end.failure.message}`,
        };
        return { ...end, failure };
      }
      await this.#activated(index, device);
    }
    return { kind: 'complete', failure: null };
  }

  #toActivate(): number[] {
    const byActivation = new Map<string, number>();
    for (const [index, { endsDeferred, activatedWith }] of this.#sections.entries()) {
      const deferred = this.#ends[index]?.deferred ?? endsDeferred;
      if (deferred && activatedWith !== null) byActivation.set(activatedWith, index);
    }
    const isPrimary = (index: number): number => (this.#sections[index]!.activatedWith === PRIMARY ? 1 : 0);
    return [...byActivation.values()].sort((a, b) => isPrimary(a) - isPrimary(b) || a - b);
  }

  /** What waited for this activation waits no more, or for what the device says now. */
  async #activated(activated: number, device: Device): Promise<void> {
    const { activatedWith } = this.#sections[activated]!;
    const { pending } = await this.#sections[activated]!.lastWord(device);
    for (const [index, end] of this.#ends.entries()) {
      const together = this.#sections[index]!.activatedWith === activatedWith;
      if (together && end.waitsFor.includes('activation')) this.#ends[index] = { ...end, waitsFor: pending };
    }
  }

  /** @returns the events that sections wait for of which the target is not proof */
  partsWaitFor({ pending, unheard }: Verification): readonly PendingEvent[] {
    // A device that said that an image waits, and says so no more, has made it run.
    if (this.#saysThatItWaits && pending.length === 0 && unheard === undefined) return [];
    const unproven = this.#targetWasShown ? this.#ends : this.#ends.slice(0, -1);
    return commonEvents(unproven.map(({ waitsFor }) => waitsFor));
  }

  unreachableMs(sent: SentImage, activated: boolean): number {
    return Math.max(
      ...this.#sections.map((section, index) => section.unreachableMs(this.#ends[index] ?? sent, activated)),
    );
  }

  completeVerification(device: Device, seen: Verification): Promise<Verification> {
    return this.#sections.at(-1)!.completeVerification(device, seen);
  }

  async lastWord(device: Device): Promise<LastWord> {
    const words: LastWord[] = [];
    for (const section of this.#sections) words.push(await section.lastWord(device));
    return {
      failure: words.find(({ failure }) => failure !== null)?.failure ?? null,
      frozen: words.some(({ frozen }) => frozen),
      pending: commonEvents(words.map(({ pending }) => pending)),
      lostAnswer: words.find(({ lostAnswer }) => lostAnswer != null)?.lostAnswer ?? null,
      startsNow: words.some(({ startsNow }) => startsNow),
      mayHaveStarted: words.some(({ mayHaveStarted }) => mayHaveStarted === true),
    };
  }

  async earlierDownload(
    device: Device,
    hooks: Pick<DownloadHooks, 'waitMs' | 'onWaiting'>,
  ): Promise<EarlierDownload> {
    const found: EarlierDownload[] = [];
    for (const section of this.#sections) {
      const left = await section.earlierDownload(device, hooks);
      if (left.kind === 'refused') return left;
      found.push(left);
    }
    if (found.some(({ kind }) => kind === 'partial')) return { kind: 'partial' };
    const complete = found.filter((left) => left.kind === 'complete');
    if (complete.length === 0) return { kind: 'nothing' };
    const waitsFor = commonEvents(complete.map((left) => left.waitsFor));
    return { kind: 'complete', waitsFor, replaceable: true, parts: true };
  }
}

const noAnswer = (): Stop => ({
  kind: 'failed',
  failure: refusal('no-revision'),
});
