import { ANY_OFFSET } from '../ses/download-microcode-status.ts';
import type { SubenclosureMicrocodeStatus } from '../ses/download-microcode-status.ts';
import { modeFacts } from '../scsi/write-buffer.ts';
import type { LabImage } from './incoming-image.ts';
import type { ActivationEvent, Microcode } from './microcode.ts';
import type { TakesEffect } from './download-rules.ts';
import { SesIncomingImage } from './ses-incoming-image.ts';
import type { SesRules, SubenclosureRules } from './ses-rules.ts';

/** DOWNLOAD MICROCODE STATUS values that an enclosure gives by itself. */
export const SesStatus = {
  idle: 0x00,
  wantsMore: 0x01,
  writing: 0x02,
  writingDeferred: 0x03,
  startsNow: 0x10,
  startsAtHardReset: 0x11,
  startsAtPowerOn: 0x12,
  startsAtActivation: 0x13,
  wrongField: 0x80,
  wrongImage: 0x81,
  pageTimeout: 0x82,
  needsMicrocode: 0x83,
  noDeferred: 0x85,
} as const;

/** Statuses from here on are shown once. */
const FIRST_FINAL_STATUS = 0x10;

/** A download that began and is not complete. */
export interface SesDownloadState {
  /** The path it comes over: pages from elsewhere do not belong to it. */
  readonly nexus: string;
  readonly mode: number;
  readonly bufferId: number;
  readonly image: SesIncomingImage;
  nextOffsetBytes: number;
  lastPageMs: number;
}

/** All bytes came and were right; `doneMs` is when the flash is written. */
export interface SesWriting {
  readonly image: LabImage;
  readonly mode: number;
  readonly bufferId: number;
  readonly doneMs: number;
}

/** New code that starts when its status 10h was read, or at a reset. */
export type SesStarting = Pick<SesWriting, 'image' | 'bufferId'> & { readonly saved: boolean };

/** One subenclosure: its memory for microcode, and what page 0Eh says of it. */
export class SesSubenclosure {
  readonly rules: SubenclosureRules;
  readonly microcode: Microcode;
  status: number = SesStatus.idle;
  additionalStatus = 0;
  bufferId: number;
  download: SesDownloadState | null = null;
  writing: SesWriting | null = null;
  /** Of all downloads: a page that was refused by its status took nothing. */
  takenBytes = 0;
  starting: SesStarting | null = null;
  /** It said 83h and got no good image since: a reset finds nothing to boot. */
  damaged = false;
  readonly #enclosure: SesRules;
  readonly #takesEffect: TakesEffect;

  constructor(rules: SubenclosureRules, enclosure: SesRules, takesEffect: TakesEffect, microcode: Microcode) {
    this.rules = rules;
    this.#enclosure = enclosure;
    this.#takesEffect = takesEffect;
    this.microcode = microcode;
    this.bufferId = rules.bufferIds[0]!;
  }

  get id(): number {
    return this.rules.id;
  }

  /** Where the next page has to begin; 0 where no download is in progress. */
  get nextOffsetBytes(): number {
    return this.download?.nextOffsetBytes ?? 0;
  }

  /** What page 0Eh says now. */
  report(): SubenclosureMicrocodeStatus {
    const { expectedOffset, maximumImageBytes } = this.#enclosure;
    const offsets = { tracked: this.nextOffsetBytes, zero: 0, any: ANY_OFFSET };
    return {
      subenclosureId: this.id,
      status: this.status,
      additionalStatus: this.additionalStatus,
      maximumImageBytes,
      expectedBufferId: this.bufferId,
      expectedOffsetBytes: offsets[expectedOffset],
    };
  }

  /** A final status was returned: the next reading says that nothing is in progress. */
  wasRead(): void {
    if (this.status >= FIRST_FINAL_STATUS) this.#say(SesStatus.idle);
  }

  /** The download, if there is one, is dropped. Whatever waited before it still waits. */
  fail(status: number, additionalStatus = 0): void {
    this.#drop();
    this.#say(status, additionalStatus);
    if (status === SesStatus.needsMicrocode) this.damaged = true;
  }

  /** Forgets a download and its status, as a restart of the process does. */
  forget(): void {
    this.#drop();
    this.starting = null;
    this.bufferId = this.rules.bufferIds[0]!;
    this.#say(SesStatus.idle);
  }

  /** Takes the data of a page that was checked. */
  take(
    page: {
      readonly nexus: string;
      readonly mode: number;
      readonly bufferId: number;
      readonly offsetBytes: number;
      readonly imageBytes: number;
      readonly data: Uint8Array;
    },
    nowMs: number,
  ): void {
    const { nexus, mode, bufferId, offsetBytes, imageBytes, data } = page;
    this.download ??= this.#begin(nexus, mode, bufferId, imageBytes, nowMs);
    const { image } = this.download;
    image.add(offsetBytes, data);
    this.takenBytes += data.length;
    this.download.nextOffsetBytes = offsetBytes + data.length;
    this.download.lastPageMs = nowMs;
    if (!image.complete) return;
    this.download = null;
    if (image.image === null) {
      this.fail(SesStatus.wrongImage);
      return;
    }
    this.writing = { image: image.image, mode, bufferId, doneMs: nowMs + this.#enclosure.writeMs };
    this.#say(modeFacts(mode).deferred ? SesStatus.writingDeferred : SesStatus.writing);
  }

  /** What time brought: a download that stood still is dropped, a flash that was written is done. */
  settle(nowMs: number): void {
    if (this.download !== null && nowMs - this.download.lastPageMs > this.#enclosure.pageTimeoutMs) {
      this.fail(SesStatus.pageTimeout);
    }
    if (this.writing !== null && nowMs >= this.writing.doneMs) this.#written(this.writing);
  }

  /** The events that the enclosure waits for although it was told to activate, and the status; null: it does not wait. */
  laterThanActivation(): { events: ReadonlySet<ActivationEvent>; status: number } | null {
    switch (this.#takesEffect) {
      case 'hard-reset':
        return { events: new Set(['hard-reset', 'power-on']), status: SesStatus.startsAtHardReset };
      case 'power-cycle':
        return { events: new Set(['power-on']), status: SesStatus.startsAtPowerOn };
      default:
        return null;
    }
  }

  /** Page 0Eh mode 0Fh on an enclosure that waits nevertheless. */
  wait(status: number): void {
    this.#say(status);
  }

  #begin(nexus: string, mode: number, bufferId: number, imageBytes: number, nowMs: number): SesDownloadState {
    // There is one place for a new image: what waited there is overwritten from now on.
    this.starting = null;
    this.microcode.waiting.delete(bufferId);
    this.bufferId = bufferId;
    this.#say(SesStatus.wantsMore);
    const image = new SesIncomingImage(this.microcode.known, imageBytes);
    return { nexus, mode, bufferId, image, nextOffsetBytes: 0, lastPageMs: nowMs };
  }

  #written({ image, mode, bufferId }: SesWriting): void {
    this.writing = null;
    this.damaged = false;
    const { saved, deferred } = modeFacts(mode);
    const later = this.laterThanActivation();
    if (deferred || (saved && this.#takesEffect === 'after-activate')) {
      const events = new Set<ActivationEvent>(['activate', 'hard-reset', 'power-on']);
      this.microcode.waiting.set(bufferId, { image, events, deferred });
      this.#say(SesStatus.startsAtActivation);
    } else if (saved && later !== null) {
      this.microcode.waiting.set(bufferId, { image, events: later.events, deferred });
      this.#say(later.status);
    } else {
      this.starting = { image, bufferId, saved };
      this.#say(SesStatus.startsNow);
    }
  }

  #drop(): void {
    this.download = null;
    this.writing = null;
  }

  #say(status: number, additionalStatus = 0): void {
    this.status = status;
    this.additionalStatus = additionalStatus;
  }
}
