import type { Device } from '../../device/device.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { Verification } from '../../microcode/verification.ts';
import { meaningOf } from '../facts/revision.ts';
import { verifyEnclosure } from '../../microcode/ses/verification.ts';
import type { ToldStatuses } from '../../microcode/ses/verification.ts';
import { refusal } from '../../base/refusal.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { healthOfCodes } from '../facts/found-before.ts';
import { readHealth } from '../facts/health.ts';
import { healthWorse } from '../guards/health.ts';
import { partnersStillOutOfStep } from '../guards/partner-probe.ts';
import { pathsMissingNow } from '../guards/surroundings.ts';
import type { HostSurveys } from '../guards/surroundings.ts';
import type { OpenUnit } from '../records/open-units.ts';
import { witnessOf } from '../facts/goal.ts';
import type { Goal } from '../facts/goal.ts';
import { unseenSection } from '../facts/section-witness.ts';
import { witnessAgrees } from '../facts/witness.ts';

/** Completes a look as the run itself would have done: the right descriptor, the words of the playbook, the witness. */
export async function completeVerification(
  { subenclosure, aliases, unchanged, witness, sections = [] }: Goal,
  target: string,
  {
    device,
    host,
    path,
    told,
  }: {
    readonly device: Device;
    readonly host: Host;
    readonly path: AttachedDevice;
    readonly told: ToldStatuses;
  },
  first: Verification,
): Promise<Verification> {
  const isNew = (revision: string): boolean => meaningOf({ aliases }, revision) === target;
  const seen =
    subenclosure === null
      ? first
      : await verifyEnclosure(device, first, { subenclosureId: subenclosure, isNew, told });
  if (seen.revision === null) return seen;
  const meant = { ...seen, revision: meaningOf({ aliases }, seen.revision), shown: seen.revision };
  if (!unchanged && meant.revision !== target) return meant;
  const unit = { device, host, path };
  const unseen = await unseenSection(sections, unit);
  return {
    ...meant,
    ...(unseen !== null && { unseen }),
    ...(witness !== null && { witness: await witnessAgrees(witnessOf(witness), unit) }),
  };
}

/** At its target a unit is well where its paths are there, too, and the parts of its enclosure are not worse than before. */
export async function asBefore(
  { outcome, error, found: { paths, answering, inStep, health }, device: written }: OpenUnit,
  facts: DeviceFacts,
  seen: Verification,
  {
    device,
    looks,
    path,
    all,
  }: {
    readonly device: Device;
    readonly looks: HostSurveys;
    readonly path: AttachedDevice;
    /** All units of the host. */
    readonly all: readonly DeviceFacts[];
  },
): Promise<Verification> {
  const { target, proof: goal } = written;
  const isThere = goal.unchanged || seen.revision === target;
  if (outcome !== 'degraded' && !isThere) return seen;
  // An older version did not keep which module that was: a person settles it.
  const isForgotten = outcome === 'degraded' && inStep === undefined;
  if (isForgotten && error?.code === 'partner-out-of-step') return { ...seen, around: error };
  const unknown = outcome === 'degraded' ? refusal('paths-unknown') : null;
  const unit = seen.identity && { identity: seen.identity, over: path };
  const found = paths && { paths, ...(answering !== undefined && { answering }) };
  const missing = found === undefined ? unknown : await pathsMissingNow(found, looks, facts, unit);
  const worse =
    health === undefined || !seen.ready
      ? null
      : healthWorse({ kind: 'present', value: healthOfCodes(health) }, await readHealth(device));
  const behind =
    inStep && missing === null ? await partnersStillOutOfStep(written, inStep, all, looks) : null;
  const around = missing ?? behind ?? worse;
  return around === null ? seen : { ...seen, around };
}
