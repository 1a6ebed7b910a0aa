import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { EarlierWork } from '../records/earlier-work.ts';
import { alreadySent } from './procedure.ts';
import type { EarlierDownload, Procedure, SentImage } from './procedure.ts';

/** What is to be done with a unit on which an earlier run died. */
export type TakenUp =
  /** Send the image, from offset 0. */
  | { readonly kind: 'send' }
  /** The device has the image: nothing is sent, the work goes on behind the download. */
  | { readonly kind: 'complete'; readonly image: SentImage }
  | { readonly kind: 'refused'; readonly failure: Refusal };

export interface TakeUpHooks {
  readonly waitMs: number;
  readonly onNotice: (message: string) => void;
  readonly onWaiting: (what: string, withinMs: number) => void;
  /** Waits for the target revision; false: it did not come. */
  readonly reachesTarget: () => Promise<boolean>;
}

/**
 * Looks at what an earlier run left, before anything is sent: verify first, never restart first, and never go on in the
 * middle of an image (decisions.md#after-a-crash). Changes nothing but what reading page 0Eh uses up.
 */
export async function takeUp(
  device: Device,
  procedure: Procedure,
  earlier: EarlierWork,
  hooks: TakeUpHooks,
): Promise<TakenUp> {
  const found = await procedure.earlierDownload(device, hooks);
  if (found.kind === 'refused') return found;
  if (earlier.kind === 'take-over') return takeOver(found, hooks);
  if (earlier.kind === 'waiting') return takeUpWaiting(found, earlier, hooks);
  const whose = `run ${earlier.run} was interrupted on this unit`;
  if (found.kind === 'complete' && found.parts === true && !earlier.allAccepted) {
    hooks.onNotice(`${whose} between its sections: all of them are sent again, from section 1`);
    return { kind: 'send' };
  }
  if (found.kind === 'complete' && !earlier.mayBeComplete) {
    return found.replaceable ? { kind: 'send' } : { kind: 'refused', failure: notItsImage(earlier.run) };
  }
  if (found.kind === 'complete') {
    hooks.onNotice(`${whose}, but the device has the whole image: it is not sent again`);
    return { kind: 'complete', image: alreadySent(found.waitsFor) };
  }
  if (found.kind === 'partial') {
    hooks.onNotice(
      `${whose} in the middle of its image: the partial image is discarded, and the image is sent from offset 0`,
    );
    return { kind: 'send' };
  }
  if (!earlier.mayBeComplete) return { kind: 'send' };
  if (earlier.accepted !== null) {
    hooks.onNotice(`${whose} after the device had accepted its whole image: it is not sent again`);
    const { waitsFor, helps, activated } = earlier.accepted;
    // What was activated is not activated once more.
    const image = alreadySent(waitsFor);
    return {
      kind: 'complete',
      image: { ...image, helps, activated, deferred: image.deferred && !activated },
    };
  }
  if (await hooks.reachesTarget()) {
    hooks.onNotice(`${whose}, and its image runs`);
    return { kind: 'complete', image: alreadySent([]) };
  }
  hooks.onNotice(
    `${whose}; its image does not run, and the unit does not say that one waits: it is sent from offset 0`,
  );
  return { kind: 'send' };
}

/** Everything was accepted by then: what the unit itself says of its events is newer. It may say nothing at all. */
function takeUpWaiting(
  found: Exclude<EarlierDownload, { kind: 'refused' }>,
  { image, isUsed }: Extract<EarlierWork, { kind: 'waiting' }>,
  { onNotice }: TakeUpHooks,
): TakenUp {
  const { run, waitsFor, helps } = image;
  if (found.kind === 'partial') {
    const what = `an unfinished download of unknown origin is on this unit, on which run ${run} left an image waiting`;
    return { kind: 'refused', failure: refusal('foreign-image', { what }) };
  }
  if (!isUsed) {
    if (found.kind === 'complete')
      onNotice(`run ${run} left an image waiting, and what waits now is replaced`);
    return { kind: 'send' };
  }
  const waits =
    found.kind === 'complete'
      ? 'and the unit says that one waits'
      : 'and the unit does not say whether it still waits';
  onNotice(`run ${run} has sent this image, ${waits}: nothing is sent again`);
  const said =
    found.kind === 'complete' ? waitsFor.filter((event) => found.waitsFor.includes(event)) : waitsFor;
  const events = found.kind === 'complete' && said.length === 0 ? found.waitsFor : said;
  return { kind: 'complete', image: { ...alreadySent(events), helps } };
}

function notItsImage(run: string): Refusal {
  const what = `a whole image waits on this unit, and run ${run}, which was interrupted on it, had not sent one`;
  return refusal('foreign-image', { what });
}

/** `--take-over`: recorded as a notice, and never an activation of what somebody else has sent. */
function takeOver(found: EarlierDownload, { onNotice }: TakeUpHooks): TakenUp {
  if (found.kind === 'partial') {
    onNotice('--take-over: an unfinished download of unknown origin is discarded');
  }
  if (found.kind === 'complete' && found.waitsFor.length === 0) {
    return { kind: 'refused', failure: refusal('starts-now') };
  }
  if (found.kind === 'complete') {
    onNotice('--take-over: a waiting image of unknown origin is replaced');
  }
  return { kind: 'send' };
}
