import { mapConcurrently } from '../../base/concurrency.ts';
import type { Clock } from '../../base/clock.ts';
import type { FailureReport } from '../../base/errors.ts';
import { failureAt, TransportError } from '../../base/errors.ts';
import { Device, DeviceError } from '../../device/device.ts';
import { identify, identityId } from '../../device/identity.ts';
import type { Identification, UnitIdentity } from '../../device/identity.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { ProofPage } from '../../playbook/resolved.ts';
import { configuration } from '../../ses/configuration.ts';
import type { EnclosureDescriptor } from '../../ses/configuration.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import { failureReportOf } from '../unit/failure.ts';
import { Places, UNKNOWN_PLACE } from './place.ts';
import type { UnitPlace } from './place.ts';
import { readProofPages } from './proof.ts';
import type { ProofPages } from './proof.ts';

/** One physical unit as it was seen before planning, with every path that leads to it. */
export interface DeviceFacts {
  /** `naa.…`, `eui.…`, `t10.…`, `sn.…`; the sg node or the HCTL where the unit has no identity. */
  readonly id: string;
  /** null: not asked for, because no play can want a device of this type; or not answered, see `problem`. */
  readonly identity: UnitIdentity | null;
  /** All paths, in the order of the host; the first one is used. */
  readonly paths: readonly AttachedDevice[];
  readonly deviceType: number;
  /** From a fresh INQUIRY; as scanned by the kernel where `identity` is null. */
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** Page 01h of an enclosure, the primary subenclosure first; null: not an enclosure, or not to be read. */
  readonly enclosures: readonly EnclosureDescriptor[] | null;
  readonly place: UnitPlace;
  /** What the proofs of the playbook look at. */
  readonly pages: ProofPages;
  /** Why this unit may not be written to, whatever the playbook says. */
  readonly problem: FailureReport | null;
}

/** How many devices are asked at once: INQUIRY is short, and every open descriptor has a thread. */
const CONCURRENT_LOOKS = 64;
const ENCLOSURE = 0x0d;

/**
 * Looks at every logical unit of the host, and asks those of the wanted types who they are (INQUIRY and VPD pages,
 * and page 01h of enclosures). Paths with equal logical unit designators become one unit (rules.md section 1).
 */
export async function inspect(
  host: Host,
  deviceTypes: ReadonlySet<number>,
  clock: Clock,
  pages: ReadonlySet<ProofPage> = new Set(),
): Promise<readonly DeviceFacts[]> {
  const attached = await host.discover();
  const places = new Places(attached, await host.survey());
  const looks = await mapConcurrently(attached, CONCURRENT_LOOKS, (path) =>
    deviceTypes.has(path.deviceType)
      ? lookAt(host, path, clock, pages)
      : Promise.resolve(asScanned(path, null)),
  );
  return mergePaths(looks).map((unit) => ({ ...unit, place: places.of(unit.paths) }));
}

async function lookAt(
  host: Host,
  path: AttachedDevice,
  clock: Clock,
  proofPages: ReadonlySet<ProofPage>,
): Promise<DeviceFacts> {
  if (path.sgNode === null) {
    return asScanned(
      path,
      failureAt('open', 'no sg node: the sg driver is not loaded', 'Load it: modprobe sg'),
    );
  }
  try {
    const { inquiry, identity, enclosures, pages } = await askPath(host, path, clock, proofPages);
    return {
      id: identityId(identity) ?? path.sgNode,
      identity,
      paths: [path],
      deviceType: inquiry.deviceType,
      vendor: inquiry.vendor,
      product: inquiry.product,
      revision: inquiry.revision,
      enclosures,
      place: UNKNOWN_PLACE,
      pages,
      problem: null,
    };
  } catch (error) {
    if (error instanceof DeviceError) return asScanned(path, error.failure);
    if (error instanceof TransportError) return asScanned(path, failureReportOf(error));
    throw error;
  }
}

async function askPath(
  host: Host,
  path: AttachedDevice,
  clock: Clock,
  proofPages: ReadonlySet<ProofPage>,
): Promise<Identification & Pick<DeviceFacts, 'enclosures' | 'pages'>> {
  const device = new Device(await host.open(path, 'look'), { clock, find: () => Promise.resolve(null) });
  try {
    const identification = await identify(device);
    const isEnclosure = identification.inquiry.deviceType === ENCLOSURE;
    const enclosures = isEnclosure ? await askEnclosures(device) : null;
    return { ...identification, enclosures, pages: await readProofPages(device, proofPages) };
  } finally {
    await device.close();
  }
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

function asScanned(path: AttachedDevice, problem: FailureReport | null): DeviceFacts {
  return {
    id: path.wwid ?? path.sgNode ?? path.hctl,
    identity: null,
    paths: [path],
    deviceType: path.deviceType,
    vendor: path.vendor,
    product: path.product,
    revision: path.revision,
    enclosures: null,
    place: UNKNOWN_PLACE,
    pages: new Map(),
    problem,
  };
}

/** Equal designators are one unit, unless what else the paths show says otherwise. */
function mergePaths(looks: readonly DeviceFacts[]): DeviceFacts[] {
  const units = new Map<string, DeviceFacts>();
  for (const look of looks) {
    const key = look.identity?.logicalUnit ?? `path ${look.paths[0]!.hctl}`;
    const unit = units.get(key);
    units.set(key, unit === undefined ? look : merge(unit, look));
  }
  return [...units.values()];
}

function merge(unit: DeviceFacts, look: DeviceFacts): DeviceFacts {
  const what = contradiction(unit, look);
  const paths = [...unit.paths, ...look.paths];
  // A path over which page 01h cannot be read says nothing against the others.
  const enclosures = unit.enclosures ?? look.enclosures;
  if (what === null) return { ...unit, paths, enclosures };
  return {
    ...unit,
    paths,
    enclosures,
    problem:
      unit.problem ??
      failureAt(
        'procedure',
        `${paths.map(({ sgNode }) => sgNode).join(' and ')} share the designator ${unit.id}, but show ${what}`,
        'Two units with one designator cannot be told apart: disconnect one of them, or ask the vendor.',
      ),
  };
}

/** What two paths with one designator show differently, so that they may be two units (rules.md section 1). */
function contradiction(unit: DeviceFacts, look: DeviceFacts): string | null {
  const shown = (facts: DeviceFacts): readonly (readonly [what: string, value: string | number | null])[] => {
    const module = facts.enclosures?.[0];
    return [
      ['serial number', facts.identity?.serialNumber ?? 'none'],
      ['enclosure', module?.logicalIdentifier ?? null],
      ['enclosure services process', module?.relativeProcessId ?? null],
      ['vendor', facts.vendor],
      ['product', facts.product],
      ['revision', facts.revision],
    ];
  };
  const others = shown(look);
  for (const [index, [what, value]] of shown(unit).entries()) {
    const other = others[index]![1];
    if (value !== null && other !== null && value !== other) return `${what} ${value} and ${other}`;
  }
  return null;
}
