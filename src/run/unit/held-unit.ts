import type { Clock } from '../../base/clock.ts';
import { TransportError } from '../../base/errors.ts';
import type { FailureReport } from '../../base/errors.ts';
import type { Device } from '../../device/device.ts';
import { HostError } from '../../host/host-error.ts';
import type { AttachedDevice, Host, UnitLock } from '../../host/host.ts';
import { senseText } from '../../scsi/sense.ts';
import type { Emit } from '../facts/events.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { openUnit } from './access.ts';
import { failureReportOf } from '../facts/failure.ts';
import { lockWithEnclosure } from './locks.ts';

export interface HeldUnitOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Name of the run: whoever meets the lock is told. */
  readonly run?: string;
}

/** The lock of a unit, and its open node, which may become another one on the way. */
export class HeldUnit {
  #device: Device | null = null;
  #lock: UnitLock | null = null;
  #locked = false;
  #onlyLooks = false;
  #path: AttachedDevice;

  constructor(
    private readonly facts: DeviceFacts,
    private readonly options: HeldUnitOptions,
  ) {
    this.#path = facts.paths[0]!;
  }

  /** null: it was never opened. */
  get device(): Device | null {
    return this.#device;
  }

  /** Another run has the lock. */
  get locked(): boolean {
    return this.#locked;
  }

  /** What a program that works on the unit has to inherit. */
  readonly lockDescriptors = (): readonly number[] => this.#lock?.descriptors ?? [];

  /** Where the unit is now. */
  readonly path = (): AttachedDevice => this.#path;

  /** One writer per physical unit: over every path and through every restart, until `release`. null: it is ours. */
  async lock(): Promise<FailureReport | null> {
    try {
      this.#lock = await lockWithEnclosure(this.options.host, this.facts, this.options.run);
      return null;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      this.#locked = error.code === 'locked';
      return failureReportOf(error);
    }
  }

  /** The unit is here now, and not where it was planned. */
  readonly moveTo = (path: AttachedDevice): void => {
    if (path.sgNode !== this.#path.sgNode) {
      const message = `came back as ${path.sgNode} (was ${this.#path.sgNode})`;
      this.options.emit({ type: 'notice', device: this.facts.id, message });
    }
    this.#path = path;
  };

  async open(): Promise<Device | FailureReport> {
    const { host, clock, emit } = this.options;
    const device = this.facts.id;
    try {
      this.#device = await openUnit(host, clock, this.facts, this.#path, {
        mayShare: () => this.#onlyLooks,
        onMoved: this.moveTo,
        onUnitAttention: ({ key, asc, ascq }) =>
          emit({ type: 'unit-attention', device, asc, ascq, text: senseText({ key, asc, ascq }) }),
      });
      return this.#device;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return failureReportOf(error);
    }
  }

  /** From here on: a program that opened the node while the unit restarted must not make it look lost. */
  onlyLook(): void {
    this.#onlyLooks = true;
  }

  /** Closes the node; then, whatever came of that and of `before`, the lock is free. */
  async release(before: () => Promise<void>): Promise<void> {
    try {
      await this.#device?.close();
      await before();
    } finally {
      await this.#lock?.release();
      this.#lock = null;
    }
  }
}
