import type { Clock } from '../base/clock.ts';
import type { Host } from '../host/host.ts';
import type { LabFile } from '../generated/lab.ts';
import { sharedMicrocode } from './behaviors/shared-microcode.ts';
import { followPartner } from './behaviors/follow-partner.ts';
import { labTimeMs } from './lab-time.ts';
import { labDevice } from './lab-device.ts';
import { LabError, knownImages } from './lab-images.ts';
import { labUnits } from './lab-paths.ts';
import type { LabState } from './lab-state.ts';
import { fingerprint, labState, restoreDevices } from './lab-state.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { SimulatedHost } from './simulated-host.ts';
import type { AfterCommand } from './simulated-host.ts';
import type { Attachment } from './simulated-node.ts';

export interface LabHostOptions {
  /** Bytes of `lab.images` by name ({@link labImages}). */
  readonly images: ReadonlyMap<string, Uint8Array>;
  readonly clock: Clock;
  /** State of an earlier command (`--lab-state`); default: the lab as its file says. */
  readonly savedState?: LabState;
  /** Called with the new state after each command that changed it, before the command's answer comes. */
  readonly save?: (state: LabState) => void | Promise<void>;
  /** Locks a unit for all commands that share the state; default: nobody shares it. */
  readonly lock?: Host['lock'];
  /** True: every device remembers what it was sent (`device.log`). Default false. */
  readonly keepLog?: boolean;
}

/**
 * The simulated host of `--lab`. Throws LabError for what the schema of lab files cannot see: an unknown persona, a
 * node or address that is there twice, images that cannot be told apart, a state of another lab.
 */
export function createLabHost(lab: LabFile, options: LabHostOptions): SimulatedHost {
  const { sysfs = {} } = lab;
  const { clock, images, savedState, save, keepLog = false } = options;
  const known = knownImages(lab, images);
  const attachments = labUnits(lab.devices).flatMap((unit, index): Attachment[] => {
    const device = labDevice(unit, { index, images: known, clock, keepLog });
    return unit.paths.map((path) => ({ device, ...path }));
  });
  refuseTwins(attachments);
  letModulesFollow(lab, attachments);
  shareMicrocode(attachments);
  const devices = [...new Set(attachments.map(({ device }) => device))];
  if (savedState !== undefined) restoreDevices(devices, savedState);
  const attribute = (path: string): string | null => (Object.hasOwn(sysfs, path) ? sysfs[path]! : null);
  return new SimulatedHost(attachments, save && saveChanges(devices, save), attribute, options.lock);
}

/** Saves after commands that changed something, not after those that only looked. */
function saveChanges(
  devices: readonly SimulatedDevice[],
  save: (state: LabState) => void | Promise<void>,
): AfterCommand {
  const saved = new Map(devices.map((device) => [device, fingerprint(device)]));
  return (device) => {
    const now = fingerprint(device);
    if (saved.get(device) === now) return undefined;
    saved.set(device, now);
    return save(labState(devices));
  };
}

/** `enclosure.follows`: a module does what its partners do. */
function letModulesFollow({ devices }: LabFile, attachments: readonly Attachment[]): void {
  const modules = [...new Set(attachments.map(({ device }) => device))].filter(
    ({ module }) => module !== null,
  );
  const followers = devices.filter(({ enclosure }) => enclosure !== undefined);
  for (const [index, { enclosure }] of followers.entries()) {
    if (enclosure?.follows === undefined) continue;
    const own = modules[index]!;
    const partners = modules.filter(
      (other) => other !== own && other.module!.logicalIdentifier === own.module!.logicalIdentifier,
    );
    own.putInFront(followPartner(partners, labTimeMs(enclosure.follows, 'follows')));
  }
}

/** One logical unit designator is one unit: two devices with the same would be taken for two paths. */
function refuseTwins(attachments: readonly Attachment[]): void {
  const seen = new Map<string, Attachment>();
  for (const attachment of attachments) {
    const { naa } = attachment.device.identity;
    const other = seen.get(naa);
    if (other !== undefined && other.device !== attachment.device) {
      throw new LabError(
        'bad-device',
        `${other.node} and ${attachment.node} of the lab have the same sas-address, 0x${naa}; change one, or make them paths of one device`,
      );
    }
    seen.set(naa, attachment);
  }
}

/** Logical units of one target whose persona has one microcode for all of them. */
function shareMicrocode(attachments: readonly Attachment[]): void {
  const targets = new Map<string, Set<SimulatedDevice>>();
  for (const { device, hctl } of attachments) {
    if (device.persona.sharesMicrocode !== true) continue;
    const target = hctl.slice(0, hctl.lastIndexOf(':'));
    targets.set(target, (targets.get(target) ?? new Set()).add(device));
  }
  for (const [first, ...rest] of targets.values()) {
    const units = [first!, ...rest];
    if (rest.length === 0) continue;
    for (const unit of units) {
      unit.targetName = first!.identity.naa;
      unit.putInFront(sharedMicrocode(units.filter((other) => other !== unit)));
    }
  }
}
