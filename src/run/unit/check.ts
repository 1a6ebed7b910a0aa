import { FACTS, unreadIn, valueOf } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { DeviceError } from '../../device/device.ts';
import { whoIsInstead } from '../../device/find.ts';
import { identify } from '../../device/identity.ts';
import type { Identification } from '../../device/identity.ts';
import { pendingEvents, toldSense } from '../../microcode/deferred-image.ts';
import { isStopped } from '../../microcode/ready-enough.ts';
import { waitReady } from '../../microcode/wait-ready.ts';
import { readDescriptor } from '../../microcode/ses/begin.ts';
import type { ResolvedPlay, ResolvedStrategy } from '../../playbook/resolved.ts';
import { DeviceType } from '../../scsi/device-type.ts';
import { senseText } from '../../scsi/sense.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import type { ProgramHost } from './external-procedure.ts';
import { whyLocked } from '../guards/locking.ts';
import { prepare } from './prepare.ts';
import type { Procedure } from './procedure.ts';
import { healthPagesOf, readHealth, unreadHealth } from '../facts/health.ts';
import type { HealthFact } from '../facts/health.ts';
import { readMatchPages, whyNotMatched } from '../facts/match-bytes.ts';
import { meaningOf } from '../facts/revision.ts';
import { shownNow, subenclosureMissing } from '../facts/subenclosure.ts';
import { witnessAgrees } from '../facts/witness.ts';
import { healthRefusal, healthWarnings } from '../guards/health.ts';
import { whyUnsure } from '../guards/waiting-image.ts';
import { whoOf, whyAnother, whyChanged, whyNewModule } from '../guards/identity.ts';
import { whyUnread } from '../guards/unreadable.ts';
import type { Proceeding } from '../guards/unreadable.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** The device, as it is right before the first chunk, may be written to. */
export interface Checked {
  readonly identification: Identification;
  readonly procedure: Procedure;
  /** What it said of its parts right before the first chunk; absent: it was not asked. */
  readonly health?: HealthFact;
}

export type CheckEnd =
  | ({ readonly kind: 'go' } & Checked)
  | { readonly kind: 'current'; readonly revision: string }
  | { readonly kind: 'refused'; readonly failure: Refusal };

export interface CheckHooks extends ProgramHost, Proceeding {
  /** What the strategy of the playbook says of the health of enclosures. */
  readonly health: ResolvedStrategy['health'];
  readonly onNotice: (message: string) => void;
  readonly onWaiting: (what: string, withinMs: number) => void;
}

/**
 * The last look, on the descriptor that will write: unit attentions cleared, identity and revision as planned, and what
 * the device says about itself not against the playbook. Sends nothing that changes the device.
 */
export async function checkDevice(device: Device, unit: PlannedUnit, hooks: CheckHooks): Promise<CheckEnd> {
  const { host, path, onNotice, onWaiting } = hooks;
  const { facts, play, earlier = null } = unit;
  const refused = (failure: Refusal): CheckEnd => ({ kind: 'refused', failure });
  try {
    const { ready, problem, sense } = await waitReady(device, {
      withinMs: play.verify.withinMs,
      patient: false,
      onWaiting: (withinMs) => onWaiting('ready', withinMs),
    });
    // Whoever stopped it may want it so: it takes microcode or refuses the first chunk, and may be stopped afterwards.
    device.mayBeStopped = isStopped(sense);
    if (device.mayBeStopped) onNotice('the unit is stopped (2/04/02), and may be so afterwards');
    const waits = sense?.key === 2 && sense.asc === 0x04 && sense.ascq === WANTS_ACTIVATION;
    if (waits && earlier === null) return refused(foreignImage(problem?.message ?? ''));
    // 2/04/1F: the device has no good microcode, and the download is the cure. 2/04/1E: it wants what we came to do.
    const wants = earlier?.kind === 'waiting' ? WANTS_ACTIVATION : WANTS_MICROCODE;
    const wantsUs = sense?.key === 2 && sense.asc === 0x04 && sense.ascq === wants;
    if (!ready && !wantsUs && !device.mayBeStopped && problem !== null)
      return refused((await anotherUnit(device, facts)) ?? problem);

    const identification = await identify(device, facts.identity);
    const { inquiry, identity, unreadable } = identification;
    const unread = whyUnread(unreadable, hooks);
    if (unread !== null) return refused(unread);
    const another = whyAnother(whoOf(facts), { identity, module: null });
    if (another !== null) return refused(another);
    const { verify } = play;
    const seen = await shownNow(device, play, inquiry);
    // The start revision is on it: nothing goes on without.
    if (seen.kind === 'unreadable')
      return refused(refusal('page-unreadable', { page: FACTS['ses-01h'].page }, answered(seen.why)));
    if (seen.kind === 'absent') return refused(subenclosureMissing(play));
    const shown = seen.value;
    const meaning = meaningOf(verify, shown.revision);
    const isCurrent = verify.unchanged
      ? verify.witness !== null && (await witnessAgrees(verify.witness, { device, host, path: path() }))
      : meaning === verify.revision;
    const isSentAgain = unit.again === true && unit.writtenWith === undefined;
    if (isCurrent && !isSentAgain) return { kind: 'current', revision: shown.revision };
    const other =
      whyChanged(facts, shown) ??
      (await anotherModule(device, facts, hooks)) ??
      (await notMatched(device, play)) ??
      (await whyLocked(device, inquiry.deviceType, hooks));
    if (other !== null) return refused(other);
    const health = await healthOf(device, facts, hooks);
    const unwell =
      (health === undefined ? null : whyUnread(unreadHealth(health, hooks.proceedWithout), hooks)) ??
      healthRefusal(health, hooks);
    if (unwell !== null) return refused(unwell);
    for (const warning of healthWarnings(health, hooks)) onNotice(warning);
    const told = await toldSense(device);
    if (told.kind === 'unreadable' && told.why.code === 'internal-failure') return refused(told.why);
    const unasked = whyUnread(unreadIn('request-sense', told), hooks);
    if (unasked !== null) return refused(unasked);
    const waitsNow = valueOf(told);
    if (earlier === null && waitsNow !== null && pendingEvents(waitsNow).length > 0) {
      return refused(foreignImage(`an image waits on this unit already: ${senseText(waitsNow)}`));
    }
    if (earlier?.kind === 'waiting' && earlier.isUsed) {
      const unsure = whyUnsure(earlier.image, device.news.attentions);
      if (unsure !== null) return refused(unsure);
    }
    const procedure = await prepare(device, identification, unit, hooks);
    return 'code' in procedure
      ? refused(procedure)
      : { kind: 'go', identification, procedure, ...(health !== undefined && { health }) };
  } catch (error) {
    if (error instanceof DeviceError)
      return refused((await inItsPlace(facts, error, device, hooks)) ?? error.failure);
    throw error;
  }
}

/** It is gone in the middle of the check: who is where it was? null: nobody who says so, or it is not gone. */
async function inItsPlace(
  { identity }: DeviceFacts,
  { failure }: DeviceError,
  { clock }: Device,
  { host, path }: Pick<CheckHooks, 'host' | 'path'>,
): Promise<Refusal | null> {
  if (identity === null || failure.code !== 'device-gone') return null;
  return whoIsInstead(host, { identity, was: path() }, clock);
}

/** 2/04/xx: an image waits for its activation; there is no good microcode, and a download is wanted. */
const WANTS_ACTIVATION = 0x1e;
const WANTS_MICROCODE = 0x1f;

const foreignImage = (what: string): Refusal => refusal('foreign-image', { what });

/** Whoever is not ready here may be another unit than the one that was planned for; null: nothing says so. */
async function anotherUnit(device: Device, facts: DeviceFacts): Promise<Refusal | null> {
  try {
    const { identity } = await identify(device, facts.identity);
    return whyAnother(whoOf(facts), { identity, module: null });
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}

/** Page 01h may know better than the designators which module of which enclosure this is (decisions.md#identity). */
async function anotherModule(
  device: Device,
  facts: DeviceFacts,
  proceeding: Proceeding,
): Promise<Refusal | null> {
  const before = whoOf(facts);
  const wasUnread = facts.unreadable?.some(({ fact }) => fact === 'ses-01h') === true;
  // The playbook goes on without it, and so did the plan.
  if (facts.deviceType !== DeviceType.enclosure || (before.module === null && wasUnread)) return null;
  const read = await readDescriptor(device, before.module?.subenclosureId ?? 0, before.module !== null);
  const unread = whyUnread(unreadIn('ses-01h', read), proceeding);
  if (unread !== null) return unread;
  return whyAnother(before, { identity: null, module: valueOf(read) }) ?? whyNewModule(before, valueOf(read));
}

/** undefined: nobody wants to know, or only enclosures can say. */
async function healthOf(
  device: Device,
  facts: DeviceFacts,
  { health }: Pick<CheckHooks, 'health'>,
): Promise<HealthFact | undefined> {
  return health === 'ignore' || facts.deviceType !== DeviceType.enclosure
    ? undefined
    : readHealth(device, { seen: healthPagesOf(facts) });
}

/** What the device said; what to do about it is another matter. */
const answered = ({ cdb, sense }: Refusal): Pick<Refusal, 'cdb' | 'sense'> => ({ cdb, sense });

async function notMatched(device: Device, { match: { proof } }: ResolvedPlay): Promise<Refusal | null> {
  if (proof.length === 0) return null;
  const pages = new Set(proof.map(({ page }) => page));
  return whyNotMatched(proof, (await readMatchPages(device, pages)).pages);
}

/** Bytes that runbook itself sends to one unit for a play; for progress. */
export function totalBytes({
  play: { download },
  writtenWith,
}: Pick<PlannedUnit, 'play' | 'writtenWith'>): number {
  if (writtenWith !== undefined) return 0;
  return download.reduce((sum, { via, image }) => sum + (via === 'external' ? 0 : image.length), 0);
}
