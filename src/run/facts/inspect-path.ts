import { mapConcurrently } from '../../base/concurrency.ts';
import type { Clock } from '../../base/clock.ts';
import type { Refusal } from '../../base/refusal.ts';
import { TransportError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import { unreadIn, valueOf } from '../../base/facts.ts';
import type { Fact, Unreadable } from '../../base/facts.ts';
import { Device, DeviceError } from '../../device/device.ts';
import { senseRule } from '../../device/sense-table.ts';
import { PROBE_TIMEOUT_MS } from '../../scsi/command.ts';
import { affectedByDownload } from '../../device/capabilities.ts';
import { readFact } from '../../device/fact.ts';
import { identify, mayHavePage } from '../../device/identity.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { MatchPage } from '../../playbook/resolved.ts';
import type { Sense } from '../../scsi/sense.ts';
import type { AffectedUnits } from '../../scsi/report-supported-operation-codes.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';
import { configuration } from '../../ses/configuration.ts';
import type { Configuration, EnclosureDescriptor } from '../../ses/configuration.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import { readHealth, readListedPages, readNickname } from './health.ts';
import type { HealthFact } from './health.ts';
import { readMatchPages } from './match-bytes.ts';
import { scsiTargetOf } from './unit-topology.ts';
import type { MatchPages } from './match-bytes.ts';
import { DeviceType } from '../../scsi/device-type.ts';

/** Pages that are read beside the identity; `all`: the standard data, and every VPD page that a device lists. */
export type WantedPages = ReadonlySet<MatchPage> | 'all';

/** What a unit said over one path. */
export interface UnitOverPath {
  readonly identity: UnitIdentity;
  readonly deviceType: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** Page 01h of an enclosure, the primary subenclosure first; null: not an enclosure, or not to be read. */
  readonly enclosures: readonly EnclosureDescriptor[] | null;
  readonly pages: MatchPages;
  /** Page 02h of an enclosure; absent: it was not asked for. */
  readonly health?: HealthFact;
  /** Diagnostic pages that an enclosure lists; null: it has none. Absent: not asked, or not readable. */
  readonly listedPages?: readonly number[] | null;
  /** Page 0Fh of an enclosure: what people have called it; absent: nothing, or not to be read. */
  readonly nickname?: string;
  /** Which logical units of its target a download works on; absent: not asked, because it is the only one there. */
  readonly affects?: AffectedUnits;
  /** What could not be read; absent: everything that was asked was answered, if only by "there is no such page". */
  readonly unreadable?: readonly Unreadable[];
  /** Unit attentions that were met on the way: whoever hears them first uses them up. */
  readonly attentions?: readonly Sense[];
}

/** One path to a unit, and what was seen over it. Everything that a plan knows of units is made of these. */
export interface InspectedPath {
  readonly path: AttachedDevice;
  /** null: not asked, or not answered (then `problem` says why). */
  readonly seen: UnitOverPath | null;
  readonly problem: Refusal | null;
}

export interface InspectionOptions {
  /** Units of other types are not asked. */
  readonly deviceTypes: ReadonlySet<number>;
  readonly clock: Clock;
  readonly pages: WantedPages;
}

interface PathOptions extends InspectionOptions {
  /** No other logical unit is at its target. */
  readonly isAlone: boolean;
}

/**
 * How many devices are asked at once. Each has one open descriptor, of 1024 that a service has by default; where there are
 * fewer threads, the others wait for one.
 */
const CONCURRENT_PATHS = 512;
const POLL_MS = 1000;

/** INQUIRY and VPD pages, and page 01h of enclosures: nothing that a device would answer just once. */
export function inspectPaths(
  host: Host,
  attached: readonly AttachedDevice[],
  options: InspectionOptions,
): Promise<readonly InspectedPath[]> {
  const unitsAt = new Map<string, number>();
  for (const path of attached) unitsAt.set(scsiTargetOf(path), (unitsAt.get(scsiTargetOf(path)) ?? 0) + 1);
  return mapConcurrently(attached, CONCURRENT_PATHS, (path) =>
    options.deviceTypes.has(path.deviceType)
      ? inspectPath(host, path, { ...options, isAlone: unitsAt.get(scsiTargetOf(path)) === 1 })
      : Promise.resolve({ path, seen: null, problem: null }),
  );
}

async function inspectPath(host: Host, path: AttachedDevice, options: PathOptions): Promise<InspectedPath> {
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
  { clock, pages, isAlone }: PathOptions,
): Promise<UnitOverPath> {
  const device = new Device(await host.open(path, 'read'), { clock, find: () => Promise.resolve(null) });
  try {
    const { inquiry, identity, vpdPages, unreadable } = await identify(device);
    const { deviceType, vendor, product, revision } = inquiry;
    const module: Fact<Configuration> =
      deviceType === DeviceType.enclosure ? await readModule(device) : { kind: 'absent' };
    const wanted: readonly MatchPage[] =
      pages === 'all'
        ? ['standard', ...new Set([...(valueOf(vpdPages) ?? []), extendedInquiry.pageCode])]
        : [...pages];
    const has = wanted.filter(
      (page) => page !== extendedInquiry.pageCode || mayHavePage(vpdPages, extendedInquiry.pageCode),
    );
    const read = await readMatchPages(device, has);
    // What a unit says of its download modes is asked where something is sent by WRITE BUFFER.
    const writes = wanted.includes(extendedInquiry.pageCode);
    const listed = deviceType === DeviceType.enclosure ? await readListedPages(device) : null;
    const seen = module.kind === 'present' ? [configuration.pageCode] : [];
    const health = listed && (await readHealth(device, { listed, seen }));
    const nickname = listed && (await readNickname(device, listed));
    const unread = [
      ...unreadable,
      ...(listed === null ? [] : unreadIn('ses-00h', listed)),
      ...unreadIn('ses-01h', module),
      ...(health === null ? [] : unreadIn('ses-02h', health)),
      ...unreadAmong(read.unreadable),
    ];
    return {
      ...{ identity, deviceType, vendor, product, revision },
      enclosures: valueOf(module)?.enclosures ?? null,
      pages: read.pages,
      ...(health !== null && { health }),
      ...(listed !== null && listed.kind !== 'unreadable' && { listedPages: valueOf(listed) }),
      ...(nickname !== null && { nickname }),
      ...(!isAlone && writes && { affects: await affectedByDownload(device) }),
      ...(unread.length > 0 && { unreadable: unread }),
      ...heard(device),
    };
  } finally {
    await device.close();
  }
}

/** An enclosure that has just restarted answers INQUIRY before it knows its elements: it gets the time of a probe. */
async function readModule(device: Device): Promise<Fact<Configuration>> {
  const endMs = device.clock.nowMs() + PROBE_TIMEOUT_MS;
  for (;;) {
    const read = await readFact(device, receiveDiagnosticResults(configuration));
    if (read.kind !== 'unreadable' || !isStarting(read.why) || device.clock.nowMs() >= endMs) return read;
    await device.clock.sleep(POLL_MS);
  }
}

const isStarting = ({ sense }: Refusal): boolean =>
  sense !== null && senseRule(sense, 'probe').action === 'wait';

function heard({ news: { attentions } }: Device): Pick<UnitOverPath, 'attentions'> {
  return attentions.length === 0 ? {} : { attentions };
}

/** Of the pages that `match.proof` may look at, the one that a guard of its own looks at, too. */
const unreadAmong = (pages: ReadonlyMap<MatchPage, Refusal>): readonly Unreadable[] => {
  const why = pages.get(extendedInquiry.pageCode);
  return why === undefined ? [] : [{ fact: 'vpd-86h', why }];
};
