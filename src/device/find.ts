import type { Clock } from '../base/clock.ts';
import { RunbookError } from '../base/errors.ts';
import type { Unreadable } from '../base/facts.ts';
import type { Refusal } from '../base/refusal.ts';
import type { Access, AttachedDevice, Host } from '../host/host.ts';
import type { Transport } from '../transport/transport.ts';
import { Device, DeviceError } from './device.ts';
import { contradicts, identify, identityChanged, identityId, sameUnit } from './identity.ts';
import type { Identification, UnitIdentity } from './identity.ts';

/**
 * Opens a path for looking, identifies the unit and closes it again. Throws TransportError or DeviceError.
 *
 * @param known as for {@link identify}
 */
export async function identifyPath(
  host: Host,
  path: AttachedDevice,
  clock: Clock,
  known: UnitIdentity | null = null,
): Promise<Identification> {
  const device = new Device(await host.open(path, 'read'), { clock, find: () => Promise.resolve(null) });
  try {
    return await identify(device, known);
  } finally {
    await device.close();
  }
}

/**
 * Finds a unit by its identity wherever it is now: after a reset it may have another node, or another target number.
 * The place where it was is looked at first. A unit without any identity is only looked for in its old place.
 *
 * @returns the place and an open transport, or null: it is not there (yet)
 */
export async function findUnit(
  host: Host,
  unit: { readonly identity: UnitIdentity; readonly was: AttachedDevice },
  {
    access,
    clock,
    elsewhere = false,
    known = false,
    onUnidentified,
    onUnread,
  }: {
    readonly access: Access;
    readonly clock: Clock;
    /** The old place is looked at last: that path is in standby. */
    readonly elsewhere?: boolean;
    /** It has just said who it is, and nothing was sent since that changes it: as for {@link identify}. */
    readonly known?: boolean;
    /** What may be the unit, in the old place, does not say everything of who it is; it is taken for the unit, or not. */
    readonly onUnread?: (unreadable: readonly Unreadable[]) => void;
    /** Something answers in the old place, and not so that it could be told who it is. */
    readonly onUnidentified?: (why: DeviceError) => void;
  },
): Promise<{ readonly path: AttachedDevice; readonly transport: Transport } | null> {
  const attached = await host.discover();
  const candidates = attached
    .filter(({ deviceType, sgNode }) => sgNode !== null && deviceType === unit.was.deviceType)
    .filter(({ hctl }) => identityId(unit.identity) !== null || hctl === unit.was.hctl)
    // What the kernel knows as another unit is not opened: others may be in the middle of their own download.
    .filter(({ hctl, wwid }) => hctl === unit.was.hctl || isPerhaps(wwid, unit.was.wwid))
    .sort(
      (a, b) => (elsewhere ? -1 : 1) * (Number(b.hctl === unit.was.hctl) - Number(a.hctl === unit.was.hctl)),
    );
  for (const path of candidates) {
    try {
      const { identity, unreadable } = await identifyPath(host, path, clock, known ? unit.identity : null);
      const isHere = path.hctl === unit.was.hctl && !contradicts(unit.identity, identity);
      if (isHere && unreadable.length > 0) onUnread?.(unreadable);
      if (!isUnit(path, identity, unit)) continue;
      return { path, transport: await host.open(path, access) };
    } catch (error) {
      // A node that cannot be opened or does not answer now is not the unit now; the caller looks again.
      if (!(error instanceof RunbookError)) throw error;
      const answers = error instanceof DeviceError && error.failure.layer === 'device';
      if (answers && path.hctl === unit.was.hctl) onUnidentified?.(error);
    }
  }
  return null;
}

/**
 * Is this the unit that is looked for? Where its identity page cannot be read, that does not make it another one: in the old
 * place, under the designator with which the kernel has scanned it there, it is the same.
 */
function isUnit(
  { hctl, wwid }: AttachedDevice,
  found: UnitIdentity,
  { identity, was }: { readonly identity: UnitIdentity; readonly was: AttachedDevice },
): boolean {
  if (identityId(identity) === null) return true;
  if (found.unread?.includes('vpd-83h') !== true) return sameUnit(found, identity);
  return hctl === was.hctl && wwid !== null && wwid === was.wwid && !contradicts(identity, found);
}

const isPerhaps = (wwid: string | null, wanted: string | null): boolean =>
  wwid === null || wanted === null || wwid === wanted;

/** Another unit in the place of one that is not found, in words; null: nobody is there, or nobody who says that it is another. */
export async function whoIsInstead(
  host: Host,
  { identity, was }: { readonly identity: UnitIdentity; readonly was: AttachedDevice },
  clock: Clock,
): Promise<Refusal | null> {
  const other = await whoIsAt(host, was, clock);
  return other !== null && contradicts(identity, other.identity)
    ? identityChanged(identity, other.identity, `at ${was.sgNode ?? was.hctl}`)
    : null;
}

/** Who is in this place now, of whatever type; null: nobody, or nobody who answers. */
export async function whoIsAt(
  host: Host,
  { hctl }: Pick<AttachedDevice, 'hctl'>,
  clock: Clock,
): Promise<Identification | null> {
  try {
    const path = (await host.discover()).find((attached) => attached.hctl === hctl);
    if (path === undefined || path.sgNode === null) return null;
    return await identifyPath(host, path, clock);
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    return null;
  }
}
