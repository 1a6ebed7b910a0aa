import { mapConcurrently } from '../base/concurrency.ts';
import type { Clock } from '../base/clock.ts';
import type { FailureReport } from '../base/errors.ts';
import { failureAt, TransportError } from '../base/errors.ts';
import { DeviceError } from '../device/device.ts';
import { identifyPath } from '../device/find.ts';
import { identityId } from '../device/identity.ts';
import type { UnitIdentity } from '../device/identity.ts';
import type { AttachedDevice, Host } from '../host/host.ts';
import { failureReportOf } from './failure.ts';

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
  /** Why this unit may not be written to, whatever the playbook says. */
  readonly problem: FailureReport | null;
}

/** How many devices are asked at once: INQUIRY is short, and every open descriptor has a thread. */
const CONCURRENT_LOOKS = 64;

/**
 * Looks at every logical unit of the host, and asks those of the wanted types who they are (INQUIRY and VPD pages
 * only). Paths with equal logical unit designators become one unit (rules.md section 1).
 */
export async function inspect(
  host: Host,
  deviceTypes: ReadonlySet<number>,
  clock: Clock,
): Promise<readonly DeviceFacts[]> {
  const attached = await host.discover();
  const looks = await mapConcurrently(attached, CONCURRENT_LOOKS, (path) =>
    deviceTypes.has(path.deviceType) ? lookAt(host, path, clock) : Promise.resolve(asScanned(path, null)),
  );
  return mergePaths(looks);
}

async function lookAt(host: Host, path: AttachedDevice, clock: Clock): Promise<DeviceFacts> {
  if (path.sgNode === null) {
    return asScanned(
      path,
      failureAt('open', 'no sg node: the sg driver is not loaded', 'Load it: modprobe sg'),
    );
  }
  try {
    const { inquiry, identity } = await identifyPath(host, path, clock);
    return {
      id: identityId(identity) ?? path.sgNode,
      identity,
      paths: [path],
      deviceType: inquiry.deviceType,
      vendor: inquiry.vendor,
      product: inquiry.product,
      revision: inquiry.revision,
      problem: null,
    };
  } catch (error) {
    if (error instanceof DeviceError) return asScanned(path, error.failure);
    if (error instanceof TransportError) return asScanned(path, failureReportOf(error));
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
    problem,
  };
}

/** Equal designators are one unit; the same designator with another serial number or product is a contradiction. */
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
  const differs = (['vendor', 'product', 'revision'] as const).find((field) => unit[field] !== look[field]);
  const serials = [unit.identity?.serialNumber ?? 'none', look.identity?.serialNumber ?? 'none'];
  const what =
    serials[0] !== serials[1]
      ? `serial number ${serials.join(' and ')}`
      : differs && `${differs} ${unit[differs]} and ${look[differs]}`;
  const paths = [...unit.paths, ...look.paths];
  if (what === undefined) return { ...unit, paths };
  return {
    ...unit,
    paths,
    problem:
      unit.problem ??
      failureAt(
        'procedure',
        `${paths.map(({ sgNode }) => sgNode).join(' and ')} share the designator ${unit.id}, but show ${what}`,
        'Two units with one designator cannot be told apart: disconnect one of them, or ask the vendor.',
      ),
  };
}
