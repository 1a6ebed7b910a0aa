import type { Refusal } from '../base/refusal.ts';

/**
 * How something that was sent to a device ended. One list of words for a command, a reading of page 0Eh, a pass over an image, a
 * download and an activation:
 *
 * - `complete`: accepted, all of it.
 * - `unclear`: an answer that matters was lost, or the device runs other code than before: the revision tells.
 * - `forgotten`: what the device had of the image is gone, or not known: it may be sent again from offset 0.
 * - `refused`: nothing of it was executed: it did not reach the device, or the device is not as it was checked.
 * - `failed`: the device does not take it, or not all of it. Nothing is activated.
 * - `frozen`: the device reports an internal failure: no reset, keep the power on.
 */
export type EndKind = 'complete' | 'unclear' | 'forgotten' | 'refused' | 'failed' | 'frozen';

/** An end of one of these kinds. Beside `complete` a failure is a warning: the device was asked after an answer was lost. */
export interface End<Kind extends EndKind> {
  readonly kind: Kind;
  readonly failure: Refusal | null;
}

/** An end that is not good. */
export interface BadEnd<Kind extends Exclude<EndKind, 'complete'>> extends End<Kind> {
  readonly failure: Refusal;
}

/** How much of an image the device may have, over all passes so far. `all`: new code may start, whatever was answered. */
export type ImageInDevice = 'nothing' | 'part' | 'all';
