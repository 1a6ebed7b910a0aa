import type { Clock } from '../../base/clock.ts';
import type { FailureReport } from '../../base/errors.ts';
import { failureAt, RunbookError } from '../../base/errors.ts';
import { Device, DeviceError } from '../../device/device.ts';
import { findUnit } from '../../device/find.ts';
import type { Host } from '../../host/host.ts';
import { waitReady } from '../../microcode/wait-ready.ts';
import { pendingEvents } from '../../microcode/verification.ts';
import { standardInquiry } from '../../scsi/inquiry.ts';
import { configuration } from '../../ses/configuration.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import type { ResolvedPlaybook } from '../../playbook/resolved.ts';
import { enclosureOf } from '../facts/domains.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { unknownState } from './partners.ts';
import { meaningOf } from '../facts/revision.ts';
import { failureReportOf } from '../facts/failure.ts';
import type { PlannedUnit } from './world.ts';

interface Around {
  readonly host: Host;
  readonly clock: Clock;
}

/** Another module of the enclosure, as it is now. */
interface PartnerNow {
  readonly facts: DeviceFacts;
  /** It is not ready, and will be after an event: a power cycle, say. null: it is ready. */
  readonly waiting: FailureReport | null;
}

/** One that restarted a moment ago gets this long. */
const READY_WITHIN_MS = 20_000;

/**
 * Asked right before the first byte, with the lock of the enclosure: while a module restarts, the others carry everything. Each
 * has to be there, ready, of the same enclosure as before, and of a revision that the playbook knows: the plan may be hours
 * old. Sends nothing that changes a device. null: they are well.
 */
export async function partnersUnwell(
  { play }: PlannedUnit,
  partners: readonly DeviceFacts[],
  { playbook, ...around }: Around & { readonly playbook: Pick<ResolvedPlaybook, 'plays' | 'strategy'> },
): Promise<FailureReport | null> {
  const next = 'Bring the other module to a good state first; look at both with: runbook status';
  for (const partner of partners) {
    const failure = whyUnwell(await askPartner(partner, READY_WITHIN_MS, around));
    if (failure !== null) return { ...failure, message: `${textOf(partner)} ${failure.message}`, next };
  }
  return null;

  function whyUnwell(now: PartnerNow | FailureReport): FailureReport | null {
    if (!('facts' in now)) return now;
    // Written before this one, and waiting for its event: that is what `partner-after: pending` asks for.
    if (now.waiting !== null && playbook.strategy.partnerAfter !== 'pending') return now.waiting;
    const unknown = unknownState(now.facts, play, playbook.plays);
    return unknown === null ? null : failureAt('procedure', unknown, next);
  }
}

/** Modules that bring each other to one revision: it is over when all of them show the target, and are ready. null: it is. */
export async function partnersOutOfStep(
  { play: { verify } }: PlannedUnit,
  partners: readonly DeviceFacts[],
  { partnerSync, ...around }: Around & Pick<ResolvedPlaybook['strategy'], 'partnerSync'>,
): Promise<FailureReport | null> {
  const next = 'Leave both modules powered; look at them with: runbook status';
  for (const partner of partners) {
    const now = await askPartner(partner, 0, around);
    const failure = 'facts' in now ? (notThere(now.facts) ?? now.waiting) : now;
    if (failure === null) continue;
    const wanted = `and \`partner-sync: ${partnerSync}\` expects ${verify.revision}`;
    return { ...failure, message: `${textOf(partner)} ${failure.message}, ${wanted}`, next };
  }
  return null;

  function notThere({ revision }: DeviceFacts): FailureReport | null {
    return meaningOf(verify, revision) === verify.revision
      ? null
      : failureAt('procedure', `runs ${revision}`, next);
  }
}

const textOf = (partner: DeviceFacts): string =>
  `its partner ${partner.id} in enclosure ${enclosureOf(partner)}`;

/** Wherever the partner is now: it may have restarted, too. A failure says what it does, for behind its name. */
async function askPartner(
  partner: DeviceFacts,
  readyWithinMs: number,
  { host, clock }: Around,
): Promise<PartnerNow | FailureReport> {
  const { identity, paths } = partner;
  const says = (message: string): FailureReport => failureAt('procedure', message, '');
  if (identity === null) return says('has shown no identity');
  let device: Device | null = null;
  try {
    const access = 'look-while-locked';
    const found = await findUnit(host, { identity, was: paths[0]! }, { access, clock });
    if (found === null) return says('does not answer');
    device = new Device(found.transport, { clock, find: () => Promise.resolve(null) });
    const { problem, ready, sense } = await waitReady(device, { withinMs: readyWithinMs, patient: false });
    const waiting =
      ready || problem === null ? null : { ...problem, message: `is not ready: ${problem.message}` };
    if (waiting !== null && pendingEvents(sense).length === 0) return waiting;
    const { vendor, product, revision } = await device.ask(standardInquiry());
    const { enclosures } = await device.ask(receiveDiagnosticResults(configuration));
    const facts = { ...partner, vendor, product, revision, enclosures };
    if (enclosureOf(facts) !== enclosureOf(partner)) return says('is in another enclosure now');
    return { facts, waiting };
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    const failure = error instanceof DeviceError ? error.failure : failureReportOf(error as RunbookError);
    return { ...failure, message: `cannot be asked: ${failure.message}` };
  } finally {
    await device?.close();
  }
}
