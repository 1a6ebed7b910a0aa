import type { Clock } from '../base/clock.ts';
import type { LabDeviceWords, LabFile } from '../generated/lab.ts';
import { faultBehavior } from './faults.ts';
import { labFault } from './lab-faults.ts';
import { LabError, knownImages, requireInquiryText } from './lab-images.ts';
import type { LabState } from './lab-state.ts';
import { fingerprint, labState, restoreDevices } from './lab-state.ts';
import type { Persona } from './persona.ts';
import { personaNamed } from './personas.ts';
import { SimulatedDevice } from './simulated-device.ts';
import { SimulatedHost } from './simulated-host.ts';
import type { AfterCommand, Attachment } from './simulated-host.ts';

export interface LabHostOptions {
  /** Bytes of `lab.images` by name ({@link labImages}). */
  readonly images: ReadonlyMap<string, Uint8Array>;
  readonly clock: Clock;
  /** State of an earlier command (`--lab-state`); default: the lab as its file says. */
  readonly savedState?: LabState;
  /** Called with the new state after each command that changed it, before the command's answer comes. */
  readonly save?: (state: LabState) => void | Promise<void>;
  /** True: every device remembers what it was sent (`device.log`). Default false. */
  readonly keepLog?: boolean;
}

/** A real SCSI host has other numbers below: the lab's is the number that the field's example shows. */
const LAB_HOST_NUMBER = 6;

/**
 * The simulated host of `--lab`. Throws LabError for what the schema of lab files cannot see: an unknown persona, a
 * node or address that is there twice, images that cannot be told apart, a state of another lab.
 */
export function createLabHost(lab: LabFile, options: LabHostOptions): SimulatedHost {
  const { clock, images, savedState, save, keepLog = false } = options;
  const known = knownImages(lab, images);
  const nodes = nodesOf(lab.devices);
  const attachments = lab.devices.map((words, index): Attachment => {
    const persona = personaNamed(words.persona);
    requireInquiryText(`revision of ${nodes[index]!}`, words.revision, 4);
    requireInquiryText(`serial of ${nodes[index]!}`, words.serial ?? '', 36);
    const sasAddress = words['sas-address']?.slice(2).toLowerCase() ?? addressOf(persona, index);
    const device = new SimulatedDevice({
      persona,
      identity: {
        vendor: persona.vendor,
        product: persona.product,
        serial: words.serial ?? `LAB${String(index + 1).padStart(7, '0')}`,
        naa: sasAddress,
      },
      revision: words.revision,
      images: known,
      clock,
      latencyMs: words.latency === undefined ? 0 : parseDuration(words.latency),
      keepLog,
    });
    for (const fault of [...(words.faults ?? [])].reverse())
      device.putInFront(faultBehavior(labFault(fault)));
    const hctl = `${LAB_HOST_NUMBER}:0:${index}:0`;
    device.unitAttentions.attach(hctl); // powered on when the lab began, not when somebody looks
    return { device, hctl, node: nodes[index]! };
  });
  refuseTwins(attachments);
  const devices = attachments.map(({ device }) => device);
  if (savedState !== undefined) restoreDevices(devices, savedState);
  return new SimulatedHost(attachments, save && saveChanges(devices, save));
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

/** The node of each device: the given one, or the next that nobody was given. */
function nodesOf(devices: readonly LabDeviceWords[]): string[] {
  const taken = new Set<string>();
  for (const { node } of devices) {
    if (node === undefined) continue;
    if (taken.has(node)) throw new LabError('bad-device', `node ${node} is in the lab twice; leave one out`);
    taken.add(node);
  }
  let next = 0;
  return devices.map(({ node }) => {
    if (node !== undefined) return `/dev/${node}`;
    while (taken.has(`sg${next}`)) next++;
    return `/dev/sg${next++}`;
  });
}

function addressOf({ addressPrefix }: Persona, index: number): string {
  return addressPrefix + (index * 0x40).toString(16).padStart(16 - addressPrefix.length, '0');
}

/** One logical unit designator is one unit: two devices with the same would be taken for two paths. */
function refuseTwins(attachments: readonly Attachment[]): void {
  const seen = new Map<string, string>();
  for (const { device, node } of attachments) {
    const { naa } = device.identity;
    const other = seen.get(naa);
    if (other !== undefined) {
      throw new LabError(
        'bad-device',
        `${other} and ${node} of the lab have one sas-address, 0x${naa}; change one`,
      );
    }
    seen.set(naa, node);
  }
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function parseDuration(text: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  if (match === null) throw new LabError('bad-device', `latency "${text}" is no time; write 5ms or 1s`);
  return Number(match[1]) * DURATION_UNITS[match[2]!]!;
}
