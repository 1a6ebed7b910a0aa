import { valueOf } from '../../base/facts.ts';
import type { Clock } from '../../base/clock.ts';
import { Device, DeviceError } from '../../device/device.ts';
import type { DeviceOptions } from '../../device/device.ts';
import { findUnit, whoIsAt, whoIsInstead } from '../../device/find.ts';
import { contradicts, identityChange } from '../../device/identity.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { Verification } from '../../microcode/verification.ts';
import { standardInquiry } from '../../scsi/inquiry.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { shownNow } from '../facts/subenclosure.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** Opens a unit for writing; after it went away it is looked for by its identity. Throws TransportError. */
export async function openUnit(
  host: Host,
  clock: Clock,
  { identity }: DeviceFacts,
  path: AttachedDevice,
  {
    onMoved,
    onUnitAttention,
    mayShare,
  }: {
    readonly onMoved: (path: AttachedDevice) => void;
    readonly onUnitAttention: NonNullable<DeviceOptions['onUnitAttention']>;
    /** Nothing is sent any more that changes it: a node that others have open, too, is good enough. */
    readonly mayShare: () => boolean;
  },
): Promise<Device> {
  let was = path;
  const used = new Set([path.hctl]);
  const device = new Device(await host.open(path, 'change'), {
    clock,
    onUnitAttention,
    find: async (how) => {
      if (identity === null) return null;
      const unidentified: DeviceError[] = [];
      const onUnidentified = (why: DeviceError): void => void unidentified.push(why);
      const options = { clock, elsewhere: how === 'elsewhere', onUnidentified };
      const found =
        (await findUnit(host, { identity, was }, { ...options, access: 'change' })) ??
        (mayShare()
          ? await findUnit(host, { identity, was }, { ...options, access: 'read-while-locked' })
          : null);
      if (found === null) {
        const instead = await whoIsInstead(host, { identity, was }, clock);
        if (instead !== null) return { instead };
        const [why] = unidentified;
        if (why !== undefined) throw why;
        return null;
      }
      was = found.path;
      if (!used.has(was.hctl)) device.overNewPath();
      used.add(was.hctl);
      onMoved(was);
      return found.transport;
    },
  });
  return device;
}

/** A unit that did not come back: another one of its kind in its place is worth knowing. */
export async function whoIsThere(
  host: Host,
  clock: Clock,
  facts: DeviceFacts,
  path: AttachedDevice,
  lost: Verification,
): Promise<Verification> {
  const other = await whoIsAt(host, path, clock);
  if (other === null || facts.identity === null || !contradicts(facts.identity, other.identity)) return lost;
  const { revision, product, vendor, deviceType } = other.inquiry;
  if (deviceType !== facts.deviceType) return lost;
  if (vendor !== facts.vendor || product !== facts.product) return lost;
  const change = identityChange(facts.identity, other.identity);
  return { ...lost, revision, product, vendor, identity: other.identity, change };
}

/** A fresh look: does it still run what it was checked with? No answer is no. */
export async function isUnchanged(device: Device, { facts, play }: PlannedUnit): Promise<boolean> {
  try {
    const inquiry = await device.ask(standardInquiry());
    return valueOf(await shownNow(device, play, inquiry))?.revision === facts.revision;
  } catch (error) {
    if (error instanceof DeviceError) return false;
    throw error;
  }
}
