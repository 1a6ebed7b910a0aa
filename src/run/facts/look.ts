import { mapConcurrently } from '../../base/concurrency.ts';
import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/refusal.ts';
import { TransportError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import { Device, DeviceError } from '../../device/device.ts';
import { identify } from '../../device/identity.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { ProofPage } from '../../playbook/resolved.ts';
import type { Sense } from '../../scsi/sense.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';
import { configuration } from '../../ses/configuration.ts';
import type { EnclosureDescriptor } from '../../ses/configuration.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import { readHealth } from './health.ts';
import type { HealthFact } from './health.ts';
import { readProofPages } from './match-bytes.ts';
import type { ProofPages } from './match-bytes.ts';
import { DeviceType } from '../../scsi/device-type.ts';

/** Pages that are read beside the identity; `all`: the standard data, and every VPD page that a device lists. */
export type WantedPages = ReadonlySet<ProofPage> | 'all';

/** What a unit said over one path. */
export interface UnitOverPath {
  readonly identity: UnitIdentity;
  readonly deviceType: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** Page 01h of an enclosure, the primary subenclosure first; null: not an enclosure, or not to be read. */
  readonly enclosures: readonly EnclosureDescriptor[] | null;
  readonly pages: ProofPages;
  /** Page 02h of an enclosure; absent: it was not asked for. */
  readonly health?: HealthFact;
  /** Unit attentions that were met on the way: whoever hears them first uses them up. */
  readonly attentions?: readonly Sense[];
}

/** One path to a unit, and what was seen over it. Everything that a plan knows of units is made of these. */
export interface PathLook {
  readonly path: AttachedDevice;
  /** null: not asked, or not answered (then `problem` says why). */
  readonly seen: UnitOverPath | null;
  readonly problem: Refusal | null;
}

export interface LookOptions {
  /** Units of other types are not asked. */
  readonly deviceTypes: ReadonlySet<number>;
  readonly clock: Clock;
  readonly pages: WantedPages;
}

/**
 * How many devices are asked at once. Each has one open descriptor, of 1024 that a service has by default; where there are
 * fewer threads, the others wait for one.
 */
const CONCURRENT_LOOKS = 512;

/** INQUIRY and VPD pages, and page 01h of enclosures: nothing that a device would answer just once. */
export function lookAtPaths(
  host: Host,
  attached: readonly AttachedDevice[],
  options: LookOptions,
): Promise<readonly PathLook[]> {
  return mapConcurrently(attached, CONCURRENT_LOOKS, (path) =>
    options.deviceTypes.has(path.deviceType)
      ? lookAt(host, path, options)
      : Promise.resolve({ path, seen: null, problem: null }),
  );
}

async function lookAt(host: Host, path: AttachedDevice, options: LookOptions): Promise<PathLook> {
  if (path.sgNode === null) {
    return { path, seen: null, problem: refusal('no-sg-node') };
  }
  try {
    return { path, seen: await askPath(host, path, options), problem: null };
  } catch (error) {
    if (error instanceof DeviceError) return { path, seen: null, problem: error.failure };
    if (error instanceof TransportError) return { path, seen: null, problem: error.refusal };
    throw error;
  }
}

async function askPath(
  host: Host,
  path: AttachedDevice,
  { clock, pages }: LookOptions,
): Promise<UnitOverPath> {
  const device = new Device(await host.open(path, 'look'), { clock, find: () => Promise.resolve(null) });
  try {
    const { inquiry, identity, vpdPages } = await identify(device);
    const { deviceType, vendor, product, revision } = inquiry;
    const enclosures = deviceType === DeviceType.enclosure ? await askEnclosures(device) : null;
    const wanted: readonly ProofPage[] =
      pages === 'all'
        ? ['standard', ...vpdPages]
        : [...pages].filter((page) => page !== extendedInquiry.pageCode || vpdPages.includes(page));
    const read = await readProofPages(device, wanted);
    const health = deviceType === DeviceType.enclosure ? await readHealth(device) : null;
    return {
      ...{ identity, deviceType, vendor, product, revision, enclosures },
      pages: read,
      ...(health !== null && { health }),
      ...heard(device),
    };
  } finally {
    await device.close();
  }
}

function heard({ news: { attentions } }: Device): Pick<UnitOverPath, 'attentions'> {
  return attentions.length === 0 ? {} : { attentions };
}

/** Many enclosures have no page 01h, and one that is not ready has none now: then it is not known. */
async function askEnclosures(device: Device): Promise<readonly EnclosureDescriptor[] | null> {
  try {
    return (await device.ask(receiveDiagnosticResults(configuration))).enclosures;
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}
