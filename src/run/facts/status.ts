import type { Clock } from '../../base/clock.ts';
import { RunbookError } from '../../base/errors.ts';
import type { LockHolder, Refusal } from '../../base/refusal.ts';
import { Device, DeviceError } from '../../device/device.ts';
import { valueOf } from '../../base/facts.ts';
import type { Fact } from '../../base/facts.ts';
import { readFact } from '../../device/fact.ts';
import { HostError } from '../../host/host-error.ts';
import type { Host } from '../../host/host.ts';
import { deferredImageWaits } from '../../microcode/deferred-image.ts';
import { entryOf, readMicrocodeStatus, statusWithField } from '../../microcode/ses/status.ts';
import { configuration } from '../../ses/configuration.ts';
import type { Configuration, EnclosureDescriptor } from '../../ses/configuration.ts';
import { downloadMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import type { SubenclosureMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import type { MicrocodeEvent } from '../../scsi/microcode-event.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import { supportedDiagnosticPages } from '../../ses/supported-diagnostic-pages.ts';
import type { DeviceFacts } from './inspect.ts';

/** One subenclosure: what page 01h and page 0Eh say of it. Either may be missing. */
export interface SubenclosureStatus {
  readonly subenclosureId: number;
  readonly descriptor: EnclosureDescriptor | null;
  readonly microcode: SubenclosureMicrocodeStatus | null;
  /** The status in words, with the field that was wrong (80h). */
  readonly text: string | null;
  /** Any one of these makes an image that waits run; empty: none waits. */
  readonly startsAt: readonly MicrocodeEvent[];
}

/** What a unit says about downloads right now. */
export interface UnitStatus {
  readonly facts: DeviceFacts;
  readonly generationCode: number | null;
  /** Empty: the unit has no enclosure pages. */
  readonly subenclosures: readonly SubenclosureStatus[];
  /** REQUEST SENSE 0/00/22: an image waits for its activation. null: no answer. */
  readonly deferredImageWaits: boolean | null;
  /** Why page 0Eh was not asked, although the unit has it; null: it was, or there is none. */
  readonly notAsked: string | null;
  /** Another run holds the unit, see `failure`; page 0Eh was not read. */
  readonly lockedBy: LockHolder | null;
  readonly failure: Refusal | null;
}

const STATUS_WAIT_MS = 5000;

/**
 * Reads pages 01h and 0Eh of one unit. Page 0Eh eats a final status and disturbs a download, so it is read with the unit's
 * lock only. Nothing of what is read here is kept: on a unit that a run left open it would be lost to `verify`, which keeps it, and is
 * not read at all. Never throws for what the device does.
 *
 * @param leftOpenBy the run that left the unit open; null: none did
 */
export async function readStatus(
  facts: DeviceFacts,
  {
    host,
    clock,
    leftOpenBy,
  }: { readonly host: Host; readonly clock: Clock; readonly leftOpenBy: string | null },
): Promise<UnitStatus> {
  const nothing = nothingSaid(facts);
  // First: who works on the unit has its node for itself, so that looking at it failed.
  let lock;
  try {
    lock = await host.lock(facts.id);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.holder !== null) return { ...nothing, lockedBy: error.holder, failure: error.refusal };
    // Who may not open the node may not take the lock either, and the node is what was asked for.
    return { ...nothing, failure: facts.problem ?? error.refusal };
  }
  try {
    if (facts.problem !== null) return { ...nothing, failure: facts.problem };
    const transport = await host.open(facts.paths[0]!, 'read-while-locked');
    const device = new Device(transport, { clock, find: () => Promise.resolve(null) });
    try {
      return { ...nothing, ...(await ask(device, leftOpenBy)) };
    } finally {
      await device.close();
    }
  } catch (error) {
    if (error instanceof DeviceError) return { ...nothing, failure: error.failure };
    if (error instanceof RunbookError) return { ...nothing, failure: (error as RunbookError).refusal };
    throw error;
  } finally {
    await lock.release();
  }
}

/** A unit that was not asked. */
export const nothingSaid = (facts: DeviceFacts): Omit<UnitStatus, 'failure'> => ({
  facts,
  generationCode: null,
  subenclosures: [],
  deferredImageWaits: null,
  notAsked: null,
  lockedBy: null,
});

async function ask(
  device: Device,
  leftOpenBy: string | null,
): Promise<Omit<UnitStatus, 'facts' | 'lockedBy'>> {
  const waits = valueOf(await deferredImageWaits(device));
  const listed = await readFact(device, receiveDiagnosticResults(supportedDiagnosticPages));
  const pages = valueOf(listed) ?? [];
  const module: Fact<Configuration> = pages.includes(configuration.pageCode)
    ? await readFact(device, receiveDiagnosticResults(configuration))
    : { kind: 'absent' };
  const descriptors = valueOf(module)?.enclosures ?? [];
  const hasStatus = pages.includes(downloadMicrocodeStatus.pageCode);
  const read =
    hasStatus && leftOpenBy === null
      ? await readMicrocodeStatus(device, { moment: 'probe', waitMs: STATUS_WAIT_MS })
      : null;
  const status = read?.kind === 'page' ? read.page : null;
  const ids = new Set([
    ...descriptors.map(({ subenclosureId }) => subenclosureId),
    ...(status?.subenclosures ?? []).map(({ subenclosureId }) => subenclosureId),
  ]);
  return {
    deferredImageWaits: waits,
    notAsked:
      hasStatus && leftOpenBy !== null
        ? `run ${leftOpenBy} left this unit open, and runbook verify asks and keeps what it says`
        : null,
    generationCode: status?.generationCode ?? null,
    subenclosures: [...ids].map((id) => {
      const microcode = (status && entryOf(status, id)) ?? null;
      return {
        subenclosureId: id,
        descriptor: descriptors.find(({ subenclosureId }) => subenclosureId === id) ?? null,
        microcode,
        text: microcode && statusWithField(microcode),
        startsAt: microcode === null ? [] : microcodeStatusFacts(microcode.status).startsAt,
      };
    }),
    // What else was learned is worth showing.
    failure: read !== null && read.kind !== 'page' ? read.failure : unreadIn(listed, module),
  };
}

function unreadIn(...facts: readonly Fact<unknown>[]): Refusal | null {
  for (const fact of facts) if (fact.kind === 'unreadable') return fact.why;
  return null;
}
