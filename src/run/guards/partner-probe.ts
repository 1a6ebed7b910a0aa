import type { Clock } from '../../base/clock.ts';
import type { Refusal, RefusalFacts } from '../../base/refusal.ts';
import { RunbookError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import { Device } from '../../device/device.ts';
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
import { named, unknownState } from './partners.ts';
import { meaningOf } from '../facts/revision.ts';
import type { PlannedUnit } from './world.ts';

interface Around {
  readonly host: Host;
  readonly clock: Clock;
}

/** Another module of the enclosure, as it is now. */
interface PartnerNow {
  /** null: it did not answer, or not as a module of this enclosure. */
  readonly facts: DeviceFacts | null;
  /** What is wrong with it, behind its name; with facts: it waits for an event, a power cycle say. null: it is ready. */
  readonly unwell: { readonly what: string; readonly by: RefusalFacts } | null;
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
): Promise<Refusal | null> {
  for (const partner of partners) {
    const now = await askPartner(partner, READY_WITHIN_MS, around);
    // Written before this one, and waiting for its event: that is what `partner-after: pending` asks for.
    const unwell = now.facts === null || playbook.strategy.partnerAfter !== 'pending' ? now.unwell : null;
    if (unwell !== null) {
      return refusal('partner-unwell', { ...named(partner), what: unwell.what }, unwell.by);
    }
    const unknown = unknownState(now.facts ?? partner, play, playbook.plays);
    if (unknown !== null) return unknown;
  }
  return null;
}

/** Modules that bring each other to one revision: it is over when all of them show the target, and are ready. null: it is. */
export async function partnersOutOfStep(
  { play: { verify } }: PlannedUnit,
  partners: readonly DeviceFacts[],
  { partnerSync, ...around }: Around & Pick<ResolvedPlaybook['strategy'], 'partnerSync'>,
): Promise<Refusal | null> {
  const { revision } = verify;
  for (const partner of partners) {
    const { facts, unwell } = await askPartner(partner, 0, around);
    const behind = facts !== null && meaningOf(verify, facts.revision) !== revision;
    const what = behind ? `runs ${facts.revision}` : unwell?.what;
    if (what !== undefined) {
      const values = { ...named(partner), what, sync: partnerSync, revision };
      return refusal('partner-out-of-step', values, behind ? {} : unwell?.by);
    }
  }
  return null;
}

/** What was seen of the partner; what to do about it is another matter. */
const answered = ({ layer, cdb, sense }: Refusal): RefusalFacts => ({ layer, cdb, sense });

/** Wherever the partner is now: it may have restarted, too. */
async function askPartner(
  partner: DeviceFacts,
  readyWithinMs: number,
  { host, clock }: Around,
): Promise<PartnerNow> {
  const { identity, paths } = partner;
  const says = (what: string, by: RefusalFacts = {}): PartnerNow => ({ facts: null, unwell: { what, by } });
  if (identity === null) return says('has shown no identity');
  let device: Device | null = null;
  try {
    const access = 'read-while-locked';
    const found = await findUnit(host, { identity, was: paths[0]! }, { access, clock });
    if (found === null) return says('does not answer');
    device = new Device(found.transport, { clock, find: () => Promise.resolve(null) });
    const { problem, ready, sense } = await waitReady(device, { withinMs: readyWithinMs, patient: false });
    const unwell =
      ready || problem === null ? null : { what: `is not ready: ${problem.message}`, by: answered(problem) };
    if (unwell !== null && pendingEvents(sense).length === 0) return { facts: null, unwell };
    const { vendor, product, revision } = await device.ask(standardInquiry());
    const { enclosures } = await device.ask(receiveDiagnosticResults(configuration));
    const facts = { ...partner, vendor, product, revision, enclosures };
    if (enclosureOf(facts) !== enclosureOf(partner)) return says('is in another enclosure now');
    return { facts, unwell };
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    const why = (error as RunbookError).refusal;
    return says(`cannot be asked: ${why.message}`, answered(why));
  } finally {
    await device?.close();
  }
}
