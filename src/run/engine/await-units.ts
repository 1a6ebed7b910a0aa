import type { Clock } from '../../base/clock.ts';
import { HostError } from '../../host/host-error.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { inspect, SHARING_PAGES, type DeviceFacts } from '../facts/inspect.ts';

/** How often the kernel's list of devices is read; no command is sent for it. */
const POLL_MS = 1000;

export interface Awaited {
  /** Ids of the units. */
  readonly ids: readonly string[];
  /** Peripheral device types to look at. */
  readonly deviceTypes: ReadonlySet<number>;
  /** 0: whoever is not there now is away. */
  readonly withinMs: number;
  /** Called once, before the wait, with the ids that are not there. */
  readonly onWaiting?: (away: readonly string[]) => void;
}

/**
 * The facts of the host as `inspect` has them, as soon as all of these units are there, or when the time is over. After a start of
 * the host its adapters find their units in their own time. Throws HostError where no unit can be seen even at the end.
 */
export async function inspectAwaiting(host: Host, clock: Clock, awaited: Awaited): Promise<DeviceFacts[]> {
  const { ids, deviceTypes, withinMs, onWaiting } = awaited;
  const endMs = clock.nowMs() + withinMs;
  let waits = false;
  for (;;) {
    const attached = await discoverSoFar(host);
    const facts = attached === null ? null : await inspect(host, deviceTypes, clock, SHARING_PAGES);
    const away = ids.filter((id) => facts?.some((unit) => unit.id === id && unit.problem === null) !== true);
    if (facts !== null && (away.length === 0 || clock.nowMs() >= endMs)) return [...facts];
    // The error says what is missing.
    if (clock.nowMs() >= endMs) return [...(await inspect(host, deviceTypes, clock, SHARING_PAGES))];
    if (!waits) onWaiting?.(away);
    waits = true;
    // Asked again when there is something new, or when one gave no answer: its node may not have been made yet.
    const before = facts?.every(({ problem }) => problem === null) === false ? undefined : namesOf(attached);
    do await clock.sleep(Math.min(POLL_MS, Math.max(1, endMs - clock.nowMs())));
    while (clock.nowMs() < endMs && namesOf(await discoverSoFar(host)) === before);
  }
}

/** null: the driver is not loaded yet. */
async function discoverSoFar(host: Host): Promise<readonly AttachedDevice[] | null> {
  try {
    return await host.discover();
  } catch (error) {
    if (error instanceof HostError && error.code === 'no-sg-driver') return null;
    throw error;
  }
}

const namesOf = (attached: readonly AttachedDevice[] | null): string | null =>
  attached?.map(({ hctl, sgNode, wwid }) => `${hctl} ${sgNode ?? ''} ${wwid ?? ''}`).join('\n') ?? null;
