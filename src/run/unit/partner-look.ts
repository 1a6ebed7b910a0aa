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
import { enclosureOf } from '../plan/domains.ts';
import type { DeviceFacts } from '../plan/inspect.ts';
import type { PlannedUnit } from '../plan/plan.ts';
import { unknownState } from '../plan/partners.ts';
import { failureReportOf } from './failure.ts';

export interface PartnerLookOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly playbook: Pick<ResolvedPlaybook, 'plays' | 'strategy'>;
}

/** One that restarted a moment ago gets this long. */
const READY_WITHIN_MS = 20_000;

/**
 * Asked right before the first byte, with the lock of the enclosure: while a module restarts, the others carry everything. Each
 * has to be there, ready, of the same enclosure as before, and of a revision that the playbook knows: the plan may be hours
 * old. Sends nothing that changes a device. null: they are well.
 */
export async function partnersUnwell(
  { facts, play }: PlannedUnit,
  partners: readonly DeviceFacts[],
  { host, clock, playbook }: PartnerLookOptions,
): Promise<FailureReport | null> {
  for (const partner of partners) {
    const what = await unwell(partner);
    if (what === null) continue;
    const where = `its partner ${partner.id} in enclosure ${enclosureOf(facts)}`;
    return { ...what, message: `${where} ${what.message}` };
  }
  return null;

  async function unwell(partner: DeviceFacts): Promise<FailureReport | null> {
    const { identity, paths } = partner;
    const says = (message: string): FailureReport => failureAt('procedure', message, NEXT);
    if (identity === null) return says('has shown no identity');
    let device: Device | null = null;
    try {
      const access = 'look-while-locked';
      const found = await findUnit(host, { identity, was: paths[0]! }, { access, clock });
      if (found === null) return says('does not answer');
      device = new Device(found.transport, { clock, find: () => Promise.resolve(null) });
      const { problem, ready, sense } = await waitReady(device, {
        withinMs: READY_WITHIN_MS,
        patient: false,
      });
      // Written before this one, and waiting for its event: that is what `partner-after: pending` asks for.
      const isPending = playbook.strategy.partnerAfter === 'pending' && pendingEvents(sense).length > 0;
      if (!ready && !isPending && problem !== null)
        return { ...problem, message: `is not ready: ${problem.message}`, next: NEXT };
      const { vendor, product, revision } = await device.ask(standardInquiry());
      const { enclosures } = await device.ask(receiveDiagnosticResults(configuration));
      const now = { ...partner, vendor, product, revision, enclosures };
      if (enclosureOf(now) !== enclosureOf(partner)) return says('is in another enclosure now');
      const unknown = unknownState(now, play, playbook.plays);
      return unknown === null ? null : says(unknown);
    } catch (error) {
      if (!(error instanceof RunbookError)) throw error;
      const failure = error instanceof DeviceError ? error.failure : failureReportOf(error as RunbookError);
      return { ...failure, message: `cannot be asked: ${failure.message}`, next: NEXT };
    } finally {
      await device?.close();
    }
  }
}

const NEXT = 'Bring the other module to a good state first; look at both with: runbook status';
