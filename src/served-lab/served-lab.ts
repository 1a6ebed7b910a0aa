import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { ServingCalls } from '../native/libc.ts';
import type { SimulatedDevice } from '../simulator/simulated-device.ts';
import type { SimulatedHost } from '../simulator/simulated-host.ts';
import { CommandRing } from './command-ring.ts';
import { DeviceNodes } from './device-nodes.ts';
import { KernelTarget } from './kernel-target.ts';
import type { UnitPlace } from './kernel-target.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError } from './served-error.ts';
import { ServedUnit, onTimer } from './served-unit.ts';
import type { UnitName } from './unit-name.ts';
import { openUioDevice } from './uio-device.ts';
import { WakeUps } from './wake-ups.ts';

/** A unit of the lab as the kernel has it. */
export interface AttachedUnit {
  /** `/dev/sg3`: the number is the kernel's choice, not that of the lab file. */
  readonly sgNode: string;
  /** host:channel:target:lun */
  readonly hctl: string;
  readonly device: SimulatedDevice;
}

export interface ServeOptions {
  /** {@link labId} */
  readonly lab: string;
  readonly roots: LabRoots;
  readonly calls: ServingCalls;
  readonly clock: Clock;
  /** Called in the order of the lab, as soon as the unit can be opened. */
  readonly onUnit?: (unit: AttachedUnit) => void;
  /** Called with all device nodes that would not be there without us, so that somebody knows after a crash. */
  readonly onNodes: (made: readonly string[]) => void;
  /** No further unit is brought up. What is there must be taken down nevertheless. */
  readonly signal?: AbortSignal;
}

/** The kernel's own time for a command to a handler, plus what the slowest device of the lab takes. */
const COMMAND_TIMEOUT_S = 30;
const SG_DEADLINE_MS = 5000;
const SG_POLL_MS = 20;

/** The devices of a lab, served to the running kernel. */
export class ServedLab {
  readonly #options: ServeOptions;
  readonly #nodes: DeviceNodes;
  readonly #wakeUps: WakeUps;
  readonly #units: { readonly attached: AttachedUnit; readonly served: ServedUnit }[] = [];
  /** A bug has ended the serving: whoever waits for an answer waits in vain. */
  #dead = false;
  /** All whose ring is open, linked or not. */
  readonly #serving = new Set<ServedUnit>();
  /** By host:channel:target of the lab: the first unit of the target, after which the kernel's own is named. */
  readonly #targets = new Map<string, UnitName>();
  /** What has to be done to take everything away again, in reverse order. */
  readonly #undo: (() => Promise<void> | void)[] = [];
  /** Rejects when commands are no longer answered; resolves after {@link takeDown}. */
  readonly serving: Promise<void>;

  constructor(options: ServeOptions) {
    this.#options = options;
    this.#nodes = new DeviceNodes(options.roots, options.calls, options.onNodes);
    this.#wakeUps = new WakeUps(options.calls);
    options.signal?.addEventListener('abort', () => this.#leave(), { once: true });
    this.serving = this.#wakeUps.run();
    this.serving.catch(() => (this.#dead = true));
  }

  get units(): readonly AttachedUnit[] {
    return this.#units.map(({ attached }) => attached);
  }

  /** Brings the units up, one after another so that their nodes are in the order of the lab. Throws ServedError. */
  async bringUp(host: SimulatedHost): Promise<void> {
    for (const [index, { device, nexus }] of pathsOf(host).entries()) {
      if (this.#stopped()) return;
      const unit = await this.#bringUp(index, device, nexus);
      if (unit !== null) this.#options.onUnit?.(unit);
    }
  }

  /** The devices lose their power for a moment: all, or these. */
  powerCycle(devices: ReadonlySet<SimulatedDevice>): void {
    for (const { served } of this.#units) if (devices.has(served.device)) served.losePower();
    for (const device of devices) device.powerCycle();
  }

  /** Takes everything away in reverse order, as far as it can. Returns what could not be taken away. */
  async takeDown(): Promise<readonly Error[]> {
    const failures: Error[] = [];
    this.#leave();
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        await undo();
      } catch (error) {
        if (!(error instanceof ServedError)) throw error;
        failures.push(error);
      }
    }
    this.#units.length = 0;
    this.#wakeUps.stop();
    return failures;
  }

  #stopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  /** Also a unit that the kernel is just scanning: it would wait for a device that does not answer. */
  #leave(): void {
    for (const served of this.#serving) served.leave();
  }

  /** Logical units of one target of the lab are so for the kernel, too. */
  #placeOf(unit: UnitName, nexus: string): UnitPlace {
    const end = nexus.lastIndexOf(':');
    const [at, lun] = [nexus.slice(0, end), Number(nexus.slice(end + 1))];
    const target = this.#targets.get(at) ?? unit;
    this.#targets.set(at, target);
    return { target, lun };
  }

  async #bringUp(index: number, device: SimulatedDevice, nexus: string): Promise<AttachedUnit | null> {
    const { lab, roots, calls } = this.#options;
    const target = new KernelTarget({ lab, index }, roots, this.#placeOf({ lab, index }, nexus));
    this.#undo.push(() => target.removeShared());
    this.#undo.push(() => target.removeBackstore());
    await target.makeBackstore(COMMAND_TIMEOUT_S + Math.ceil(device.latencyMs / 1000));

    const uio = await openUioDevice(target.uioName, roots, this.#nodes, calls);
    this.#undo.push(async () => {
      uio.close();
      await this.#nodes.remove(uio.node);
    });
    const served = new ServedUnit({
      device,
      nexus,
      ring: new CommandRing(uio.memory),
      schedule: onTimer,
      notifyKernel: () => uio.notifyKernel(),
    });
    this.#serving.add(served);
    this.#undo.push(() => {
      this.#serving.delete(served);
      this.#wakeUps.remove(uio.fd);
      served.close();
    });
    this.#wakeUps.add(uio.fd, () => {
      uio.acknowledge();
      served.serve();
    });

    if (this.#stopped()) return null;
    this.#undo.push(async () => {
      if (this.#dead) await target.abandon();
      await target.unlink();
    });
    const hctl = await target.link();
    if (this.#stopped()) return null;
    const sgNode = await this.#provideSg(hctl);
    this.#undo.push(() => this.#nodes.remove(sgNode));
    const attached = { sgNode, hctl, device };
    this.#units.push({ attached, served });
    return attached;
  }

  /** The kernel makes the sg device when it has scanned the unit, sometimes a moment after that. */
  async #provideSg(hctl: string): Promise<string> {
    const { roots, clock } = this.#options;
    const directory = path.join(roots.sysfs, 'bus/scsi/devices', hctl, 'scsi_generic');
    const startMs = clock.nowMs();
    for (;;) {
      const [name] = await readdir(directory).catch(() => []);
      if (name !== undefined) return this.#nodes.provide(name, path.join(directory, name));
      if (clock.nowMs() - startMs > SG_DEADLINE_MS) {
        throw new ServedError(
          'kernel-refused',
          `the kernel found no unit at ${hctl}`,
          'See the end of dmesg; a fault of the lab that meets INQUIRY keeps the kernel from finding a device.',
        );
      }
      await clock.sleep(SG_POLL_MS);
    }
  }
}

/** Every path of every device is a unit for the kernel. */
function pathsOf(host: SimulatedHost): { device: SimulatedDevice; nexus: string }[] {
  return host.devices.flatMap((device) => [...device.ports.keys()].map((nexus) => ({ device, nexus })));
}
