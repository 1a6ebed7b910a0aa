import type { FindImage, MicrocodeState } from './microcode-state.ts';
import { hashOf, microcodeState, restoreMicrocode } from './microcode-state.ts';
import type { SesEnclosure } from './ses-enclosure.ts';
import { SesIncomingImage } from './ses-incoming-image.ts';
import type { ByteRange } from './ses-incoming-image.ts';
import type { SesSubenclosure } from './ses-subenclosure.ts';

/** What a saved lab keeps of an enclosure. Images are named by their SHA-256, times are relative. */
export interface EnclosureState {
  readonly generationCode: number;
  readonly described: string | null;
  readonly silent: SesEnclosure['silent'];
  readonly subenclosures: readonly SubenclosureState[];
}

export interface SubenclosureState {
  readonly id: number;
  readonly status: number;
  readonly additionalStatus: number;
  readonly bufferId: number;
  readonly damaged: boolean;
  readonly download: {
    readonly nexus: string;
    readonly mode: number;
    readonly bufferId: number;
    readonly lengthBytes: number;
    readonly ranges: readonly ByteRange[];
    readonly suspects: readonly string[];
    readonly nextOffsetBytes: number;
    readonly lastPageAgoMs: number;
  } | null;
  readonly writing: {
    readonly image: string;
    readonly mode: number;
    readonly bufferId: number;
    readonly doneInMs: number;
  } | null;
  readonly starting: { readonly image: string; readonly bufferId: number; readonly saved: boolean } | null;
  /** null for the primary one, whose memory is the unit's. */
  readonly microcode: MicrocodeState | null;
}

/** `nowMs` 0 gives times that do not change while nothing happens. */
export function enclosureState(enclosure: SesEnclosure, nowMs: number): EnclosureState {
  const { generationCode, described, silent, subenclosures } = enclosure;
  return {
    generationCode,
    described,
    silent,
    subenclosures: subenclosures.map((subenclosure) => subenclosureState(subenclosure, nowMs)),
  };
}

function subenclosureState(subenclosure: SesSubenclosure, nowMs: number): SubenclosureState {
  const { id, status, additionalStatus, bufferId, damaged, download, writing, starting } = subenclosure;
  return {
    id,
    status,
    additionalStatus,
    bufferId,
    damaged,
    download: download && {
      nexus: download.nexus,
      mode: download.mode,
      bufferId: download.bufferId,
      lengthBytes: download.image.lengthBytes,
      ranges: download.image.ranges,
      suspects: download.image.suspects.map((image) => hashOf(image)),
      nextOffsetBytes: download.nextOffsetBytes,
      lastPageAgoMs: Math.floor(nowMs - download.lastPageMs),
    },
    writing: writing && {
      image: hashOf(writing.image),
      mode: writing.mode,
      bufferId: writing.bufferId,
      doneInMs: Math.max(0, Math.ceil(writing.doneMs - nowMs)),
    },
    starting: starting && { ...starting, image: hashOf(starting.image) },
    microcode: subenclosure.rules.code === null ? null : microcodeState(subenclosure.microcode),
  };
}

/** The same enclosure `agoMs` later: flash is written and time-outs run while no command does. */
export function laterEnclosure(state: EnclosureState, agoMs: number): EnclosureState {
  const subenclosures = state.subenclosures.map(({ download, writing, ...rest }) => ({
    ...rest,
    download: download && { ...download, lastPageAgoMs: download.lastPageAgoMs + agoMs },
    writing: writing && { ...writing, doneInMs: Math.max(0, writing.doneInMs - agoMs) },
  }));
  return { ...state, subenclosures };
}

/** Puts an enclosure into a saved state; subenclosures that it does not name stay as they are. */
export function restoreEnclosure(
  enclosure: SesEnclosure,
  state: EnclosureState,
  nowMs: number,
  image: FindImage,
): void {
  enclosure.generationCode = state.generationCode;
  enclosure.described = state.described;
  enclosure.silent = state.silent;
  for (const saved of state.subenclosures) {
    const subenclosure = enclosure.withId(saved.id);
    if (subenclosure !== null) restoreSubenclosure(subenclosure, saved, nowMs, image);
  }
}

function restoreSubenclosure(
  subenclosure: SesSubenclosure,
  state: SubenclosureState,
  nowMs: number,
  image: FindImage,
): void {
  const { download, writing, starting, microcode } = state;
  subenclosure.status = state.status;
  subenclosure.additionalStatus = state.additionalStatus;
  subenclosure.bufferId = state.bufferId;
  subenclosure.damaged = state.damaged;
  if (download !== null) {
    const { nexus, mode, bufferId, lengthBytes, ranges, suspects, nextOffsetBytes, lastPageAgoMs } = download;
    subenclosure.download = {
      nexus,
      mode,
      bufferId,
      image: new SesIncomingImage(suspects.map(image), lengthBytes, ranges),
      nextOffsetBytes,
      lastPageMs: nowMs - lastPageAgoMs,
    };
  }
  if (writing !== null) {
    const { doneInMs, ...rest } = writing;
    subenclosure.writing = { ...rest, image: image(writing.image), doneMs: nowMs + doneInMs };
  }
  if (starting !== null) subenclosure.starting = { ...starting, image: image(starting.image) };
  if (microcode !== null && subenclosure.rules.code !== null)
    restoreMicrocode(subenclosure.microcode, microcode, image);
}
