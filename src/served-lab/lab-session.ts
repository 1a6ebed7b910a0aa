import { realpath } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { loadServingCalls } from '../native/libc.ts';
import type { SimulatedHost } from '../simulator/simulated-host.ts';
import type { ControlServer, LabReply, LabRequest, ServedUnitStatus } from './control.ts';
import { listenForRequests } from './control.ts';
import { requireKernelTarget } from './kernel-requirements.ts';
import type { LabLock } from './lab-lock.ts';
import { readNotes, removeNotes, writeNotes } from './lab-notes.ts';
import { cleanUpDead, lockLab } from './dead-labs.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError, reasonOf } from './served-error.ts';
import type { AttachedUnit } from './served-lab.ts';
import { ServedLab } from './served-lab.ts';
import { labId } from './unit-name.ts';

export interface SessionOptions {
  /** The lab file. */
  readonly file: string;
  readonly host: SimulatedHost;
  readonly roots: LabRoots;
  readonly clock: Clock;
  /** Called in the order of the lab, as soon as the unit can be opened. */
  readonly onUnit: (unit: ServedUnitStatus) => void;
  /** Ends the bringing up early; {@link LabSession.takeDown} is due nevertheless. */
  readonly signal: AbortSignal;
}

/** One lab attached to the running kernel, from its lock to the last directory that it leaves. */
export class LabSession {
  readonly id: string;
  readonly #roots: LabRoots;
  readonly #host: SimulatedHost;
  readonly #lock: LabLock;
  readonly #served: ServedLab;
  readonly #askDown: () => void;
  #server: ControlServer | null = null;
  #tellDown: (reply: LabReply) => void = () => undefined;
  readonly #downReply: Promise<LabReply>;
  /** Resolves when another process wants the lab to go. */
  readonly downAsked: Promise<void>;

  private constructor(id: string, lock: LabLock, served: ServedLab, { roots, host }: SessionOptions) {
    this.id = id;
    this.#roots = roots;
    this.#host = host;
    this.#lock = lock;
    this.#served = served;
    let askDown: () => void = () => undefined;
    this.downAsked = new Promise((resolve) => (askDown = resolve));
    this.#askDown = askDown;
    this.#downReply = new Promise((resolve) => (this.#tellDown = resolve));
  }

  /**
   * Readies the kernel, cleans up after labs that died, and takes the lock. Throws ServedError: `already-up` and what
   * {@link requireKernelTarget} throws.
   */
  static async open(options: SessionOptions): Promise<LabSession> {
    const { file, roots, clock, onUnit, signal } = options;
    await requireKernelTarget(roots);
    const calls = await loadServingCalls();
    const path = await realpath(file);
    const id = labId(path);
    await cleanUpDead(roots, clock);
    const lock = await lockLab(id, roots, clock);
    if (lock === null) throw alreadyUp(file, readNotes(id, roots)?.pid);
    const remember = (nodes: readonly string[]): void =>
      writeNotes(id, { file: path, pid: process.pid, nodes }, roots);
    remember([]);
    const served = new ServedLab({
      lab: id,
      roots,
      calls,
      clock,
      signal,
      onUnit: (unit) => onUnit(statusOf(unit)),
      onNodes: remember,
    });
    const session = new LabSession(id, lock, served, options);
    try {
      session.#server = await listenForRequests(id, roots, (request) => session.#handle(request));
    } catch (cause) {
      await session.takeDown(); // or the process would wait for the kernel forever
      throw new ServedError(
        'kernel-refused',
        `${roots.run}: ${reasonOf(cause)}`,
        'See whether its disk is full.',
        { cause },
      );
    }
    return session;
  }

  get units(): ServedUnitStatus[] {
    return this.#served.units.map(statusOf);
  }

  /** Rejects when commands are no longer answered, which is a bug. */
  get serving(): Promise<void> {
    return this.#served.serving;
  }

  /** Throws ServedError; what came up until then is there, and {@link takeDown} is due. */
  bringUp(): Promise<void> {
    return this.#served.bringUp(this.#host);
  }

  /** Takes everything away, and tells whoever asked for it. Returns what could not be taken away. */
  async takeDown(): Promise<readonly Error[]> {
    const failures = await this.#served.takeDown();
    const [first] = failures;
    if (first === undefined) removeNotes(this.id, this.#roots);
    this.#tellDown(
      first === undefined
        ? { ok: true, units: [] }
        : { ok: false, message: first.message, next: 'Try again: runbook lab down --all' },
    );
    this.#server?.close();
    this.#lock.release();
    return failures;
  }

  #handle(request: LabRequest): Promise<LabReply> {
    switch (request.ask) {
      case 'status':
        return Promise.resolve({ ok: true, units: this.units });
      case 'down':
        this.#askDown();
        return this.#downReply;
      case 'power-cycle':
        return Promise.resolve(this.#powerCycle(request.nodes));
    }
  }

  #powerCycle(nodes: readonly string[] | null): LabReply {
    const chosen = this.#served.units.filter(({ sgNode }) => nodes === null || nodes.includes(sgNode));
    if (chosen.length === 0)
      return { ok: false, message: 'the lab has no such unit', next: 'See: runbook lab status' };
    this.#served.powerCycle(new Set(chosen.map(({ device }) => device)));
    return { ok: true, units: chosen.map(statusOf) };
  }
}

export function statusOf({ sgNode, hctl, device }: AttachedUnit): ServedUnitStatus {
  const { naa, vendor, product, serial } = device.identity;
  return { sgNode, hctl, id: `naa.${naa}`, vendor, product, revision: device.shownRevision, serial };
}

function alreadyUp(file: string, pid: number | undefined): ServedError {
  return new ServedError(
    'already-up',
    `${file} is up already${pid === undefined ? '' : `, served by process ${pid}`}`,
    'See: runbook lab status; take it away with: runbook lab down',
  );
}
