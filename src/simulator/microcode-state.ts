import { createHash } from 'node:crypto';
import type { LabImage } from './incoming-image.ts';
import type { ActivationEvent, Code, Microcode } from './microcode.ts';

/** What is in a memory for microcode, but for a download in progress. Images are named by their SHA-256. */
export interface MicrocodeState {
  readonly running: Code;
  readonly saved: Code;
  readonly flash: readonly { readonly bufferId: number; readonly image: string }[];
  readonly waiting: readonly {
    readonly bufferId: number;
    readonly image: string;
    readonly events: readonly ActivationEvent[];
    readonly deferred: boolean;
  }[];
}

/** The image with this SHA-256. Throws LabError `bad-lab-state` where the lab has none. */
export type FindImage = (sha256: string) => LabImage;

/** What a device holds of microcode, images as their hashes. */
export function microcodeState({ running, saved, flash, waiting }: Microcode): MicrocodeState {
  return {
    running,
    saved,
    flash: [...flash].map(([bufferId, image]) => ({ bufferId, image: hashOf(image) })),
    waiting: [...waiting].map(([bufferId, { image, events, deferred }]) => ({
      bufferId,
      image: hashOf(image),
      events: [...events],
      deferred,
    })),
  };
}

/** The reverse of {@link microcodeState}. Throws what `image` throws. */
export function restoreMicrocode(microcode: Microcode, state: MicrocodeState, image: FindImage): void {
  microcode.running = state.running;
  microcode.saved = state.saved;
  for (const { bufferId, image: sha256 } of state.flash) microcode.flash.set(bufferId, image(sha256));
  for (const { bufferId, image: sha256, events, deferred } of state.waiting) {
    microcode.waiting.set(bufferId, { image: image(sha256), events: new Set(events), deferred });
  }
}

const hashes = new WeakMap<Uint8Array, string>();

/** SHA-256 of an image in lower-case hex; computed once. */
export function hashOf({ bytes }: LabImage): string {
  const known = hashes.get(bytes);
  if (known !== undefined) return known;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  hashes.set(bytes, sha256);
  return sha256;
}
