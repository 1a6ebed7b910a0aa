import type { Clock } from '../../base/clock.ts';
import { TransportError } from '../../base/errors.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { HostError } from '../../host/host-error.ts';
import type { AttachedDevice, Host, UnitLock } from '../../host/host.ts';
import { senseText } from '../../scsi/sense.ts';
import type { Emit } from '../facts/events.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { openUnit } from './access.ts';
import { lockWithEnclosure } from './locks.ts';

export interface HeldUnitOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Name of the run: whoever meets the lock is told. */
  readonly run?: string;
}

/**
 * What is held of a unit:
 *
 *     nothing ──lock──▶ locked ──open──▶ open ──release──▶ nothing
 *        ╰─ another run has it: taken       (the node may become another one on the way)
 */
type Hold =
  | { readonly kind: 'nothing' | 'taken' }
  | { readonly kind: 'locked'; readonly lock: UnitLock }
  | { readonly kind: 'open'; readonly lock: UnitLock; readonly device: Device };

/** The lock of a unit, and its open node. */
export class HeldUnit {
  #hold: Hold = { kind: 'nothing' };
  #onlyReads = false;
  #path: AttachedDevice;

  constructor(
    private readonly facts: DeviceFacts,
    private readonly options: HeldUnitOptions,
  ) {
    this.#path = facts.paths[0]!;
  }

  /** Another run has the lock. */
  get locked(): boolean {
    return this.#hold.kind === 'taken';
  }

  /** What a program that works on the unit has to inherit. */
  readonly lockDescriptors = (): readonly number[] =>
    'lock' in this.#hold ? this.#hold.lock.descriptors : [];

  /** Where the unit is now. */
  readonly path = (): AttachedDevice => this.#path;

  /** One writer per physical unit: over every path and through every restart, until `release`. null: it is ours. */
  async lock(): Promise<Refusal | null> {
    try {
      const lock = await lockWithEnclosure(this.options.host, this.facts, this.options.run);
      this.#hold = { kind: 'locked', lock };
      return null;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.code === 'locked') this.#hold = { kind: 'taken' };
      return error.refusal;
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

  /** Goes on over another path of the unit; nothing was sent that changes it. */
  async openOver(path: AttachedDevice): Promise<Device | Refusal> {
    if (this.#hold.kind === 'open') await this.#hold.device.close();
    this.#path = path;
    return this.open();
  }

  /** Only with the lock. */
  async open(): Promise<Device | Refusal> {
    if (!('lock' in this.#hold)) throw new TypeError('a unit is opened under its lock');
    const { lock } = this.#hold;
    const { host, clock, emit } = this.options;
    const id = this.facts.id;
    try {
      const device = await openUnit(host, clock, this.facts, this.#path, {
        mayShare: () => this.#onlyReads,
        onMoved: this.moveTo,
        onUnitAttention: ({ key, asc, ascq }) =>
          emit({ type: 'unit-attention', device: id, asc, ascq, text: senseText({ key, asc, ascq }) }),
      });
      this.#hold = { kind: 'open', lock, device };
      return device;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return error.refusal;
    }
  }

  /** From here on: a program that opened the node while the unit restarted must not make it look lost. */
  onlyRead(): void {
    this.#onlyReads = true;
  }

  /** Closes the node; then, whatever came of that and of `before`, the lock is free. */
  async release(before: () => Promise<void>): Promise<void> {
    const hold = this.#hold;
    try {
      if (hold.kind === 'open') await hold.device.close();
      await before();
    } finally {
      if ('lock' in hold) {
        this.#hold = { kind: 'nothing' };
        await hold.lock.release();
      }
    }
  }
}
