import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { senseText } from '../../scsi/sense.ts';
import type { ResolvedPlay } from '../../playbook/resolved.ts';
import { tellsOfStart } from '../../device/sense-table.ts';
import { waitsForEvent } from './earlier-end.ts';
import { isActivatedBy } from '../records/earlier-work.ts';
import type { UnitMemory } from '../records/memory.ts';
import type { Restart } from '../facts/evidence.ts';
import { waitingImageOf } from '../records/waiting-image.ts';
import type { RememberedImage } from '../records/waiting-image.ts';

/**
 * Why a play must not activate what waits on the unit: no unit tells which image that is, so only the one that a run of this host
 * sent is known (decisions.md#fallback-and-activation). null: it may, or it sends its own.
 */
export function whyNotActivated(memory: UnitMemory, play: ResolvedPlay, retry: boolean): Refusal | null {
  const image = waitingImageOf(memory);
  if (image !== null && isActivatedBy(image, play, retry))
    return whyUnsure(image, image.restarts) ?? whyNotFromHere(image, play);
  const isActivation = play.download.length === 0 && play.activate.some(({ step }) => step === 'activate_mc');
  if (!isActivation) return null;
  if (image === null) return refusal('nothing-waits');
  const { run, target, imageSha256, waitsFor } = image;
  if (imageSha256 !== play.imageSha256) {
    return refusal('other-image-waits', { run, revision: target, sha256: imageSha256.slice(0, 12) });
  }
  return waitsForEvent(memory.record, {
    run,
    through: '',
    revision: memory.record?.before ?? '',
    events: waitsFor.join(', '),
  });
}

/**
 * A restart was heard of since the image was accepted: it may have started, or be gone, and what waits may be another one.
 *
 * @param heard unit attentions
 */
export function whyUnsure({ run }: Pick<RememberedImage, 'run'>, heard: readonly Restart[]): Refusal | null {
  const told = heard.filter(tellsOfStart).map(({ asc, ascq }) => senseText({ key: 6, asc, ascq }));
  return told.length === 0 ? null : refusal('waiting-unsure', { run, seen: [...new Set(told)].join(', ') });
}

/** A play without a download starts the image of one place: that of the unit itself. The playbook that sent it knows all of them. */
function whyNotFromHere({ sentTo }: RememberedImage, play: ResolvedPlay): Refusal | null {
  const places = new Set(sentTo.map((place) => (place.via === 'ses' ? place.subenclosureId : null)));
  const isOne = places.size === 1 && (places.has(0) || places.has(null));
  if (play.download.length > 0 || isOne) return null;
  const names = [...places].map((id) => (id === null ? 'the unit' : `subenclosure ${id}`));
  return refusal('waits-elsewhere', { places: names.join(', ') });
}
