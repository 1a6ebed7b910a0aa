import type { Attachment } from './simulated-node.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { DeviceType } from '../scsi/device-type.ts';

/** Which places of a host can be reached now: what is behind an expander is away while that restarts. */
export class Topology {
  /** The enclosure processes that an expander restarts with, by its name. */
  readonly #owners = new Map<string, Set<SimulatedDevice>>();
  /** For each device whose paths do not come back: those that are lost after its restart. */
  readonly #lost = new Map<SimulatedDevice, ReadonlySet<Attachment>>();

  constructor(attachments: readonly Attachment[]) {
    for (const { device, around } of attachments) {
      const own = around?.expanders?.at(-1);
      if (device.persona.deviceType !== DeviceType.enclosure || own === undefined) continue;
      const owners = this.#owners.get(own) ?? new Set();
      this.#owners.set(own, owners.add(device));
    }
    for (const device of new Set(attachments.map((attachment) => attachment.device))) {
      if (device.lostPaths === 0) continue;
      const through = attachments.filter((attachment) => this.#above(attachment).includes(device));
      this.#lost.set(device, new Set(through.slice(0, device.lostPaths)));
    }
  }

  isReachable(attachment: Attachment): boolean {
    return this.#above(attachment).every((owner) => {
      if (!owner.present || !owner.ready) return false;
      return owner.restarts === 0 || this.#lost.get(owner)?.has(attachment) !== true;
    });
  }

  /** The enclosure processes of the expanders above a place, without its own. */
  #above({ device, around }: Attachment): SimulatedDevice[] {
    const owners = (around?.expanders ?? []).flatMap((expander) => [...(this.#owners.get(expander) ?? [])]);
    return owners.filter((owner) => owner !== device);
  }
}
