import { compareHctl } from '../host/hctl.ts';
import { HostError } from '../host/host-error.ts';
import type {
  Access,
  AttachedDevice,
  Host,
  ProgramResult,
  ProgramUnit,
  Surroundings,
  UnitLock,
} from '../host/host.ts';
import { readOnly } from '../transport/read-only.ts';
import type { Transport } from '../transport/transport.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { rehearsedProgram } from './rehearsed-program.ts';
import { attached, driverOf, lowestFree, notThere, scan } from './simulated-node.ts';
import type { Attachment, SimulatedNode } from './simulated-node.ts';
import { openSimulated } from './simulated-transport.ts';
import { Topology } from './topology.ts';

/** Something that a real host would have done outside the SCSI bus. */
export type RecordedAction =
  | { readonly action: 'rescan'; readonly node: string }
  | { readonly action: 'reload-driver'; readonly driver: string }
  | {
      readonly action: 'run';
      readonly argv: readonly string[];
      readonly timeoutMs: number;
      readonly environment?: Readonly<Record<string, string>>;
    };

/** Called when a device has done with a command, before its answer comes. */
export type AfterCommand = (device: SimulatedDevice) => void | Promise<void>;

/** A machine of simulated devices. Nothing that it is asked to do reaches the real one. */
export class SimulatedHost implements Host {
  readonly kind = 'lab';
  /** Rescans, driver reloads and programs, in order: what they would have done elsewhere. */
  readonly recorded: RecordedAction[] = [];
  /** Every device once, in the order of the lab. */
  readonly devices: readonly SimulatedDevice[];
  readonly #nodes: readonly SimulatedNode[];
  readonly #afterCommand: AfterCommand | undefined;
  readonly #topology: Topology;
  readonly #sysfs: (path: string) => string | null;
  readonly #locked = new Set<string>();
  readonly #lockShared: Host['lock'] | undefined;

  /**
   * @param sysfs attributes below /sys, by path; null: not there
   * @param lockShared takes a lock that other commands see, where they share the state of these devices
   */
  constructor(
    given: readonly Attachment[],
    afterCommand?: AfterCommand,
    sysfs: (path: string) => string | null = () => null,
    lockShared?: Host['lock'],
  ) {
    this.#lockShared = lockShared;
    const attachments = [...given].sort((a, b) => compareHctl(a.hctl, b.hctl));
    this.#afterCommand = afterCommand;
    this.#sysfs = sysfs;
    this.#topology = new Topology(attachments);
    this.devices = [...new Set(given.map(({ device }) => device))];
    this.#nodes = attachments.map((attachment) => {
      const { device, hctl, node, portAddress } = attachment;
      device.unitAttentions.attach(hctl);
      device.ports.set(hctl, portAddress ?? device.identity.naa);
      return {
        attachment,
        node,
        incarnation: device.incarnation,
        scan: 0,
        scanned: scan(device),
        openNodes: [],
      };
    });
  }

  /** Nodes that somebody has open. */
  get openNodes(): readonly string[] {
    return this.#nodes.flatMap(({ openNodes }) => openNodes);
  }

  discover(): Promise<readonly AttachedDevice[]> {
    this.#noticeReturns();
    return Promise.resolve(
      this.#nodes.filter((place) => this.#isListed(place)).map((place) => attached(place)),
    );
  }

  /** Links and users, where the lab says something of them. */
  survey(): Promise<ReadonlyMap<string, Surroundings>> {
    const listed = this.#nodes.filter((place) => this.#isListed(place));
    return Promise.resolve(
      new Map(
        listed.flatMap(({ attachment: { hctl, around } }) => (around === undefined ? [] : [[hctl, around]])),
      ),
    );
  }

  /** Its phys are alike. */
  linkRates({ hctl }: AttachedDevice): Promise<readonly string[]> {
    const rate = this.#nodeAt(hctl)?.attachment.device.linkRate ?? null;
    return Promise.resolve(rate === null ? [] : [rate]);
  }

  #nodeAt(hctl: string): SimulatedNode | undefined {
    return this.#nodes.find(({ attachment }) => attachment.hctl === hctl);
  }

  /** A lab has no names beside those that its devices show. */
  hctlsNamed(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  open(device: AttachedDevice, access: Access): Promise<Transport> {
    this.#noticeReturns();
    const place = this.#nodes.find(({ node }) => node === device.sgNode);
    if (place === undefined || !this.#isListed(place)) return Promise.reject(notThere(device));
    const { attachment, node, scan: openedScan, incarnation } = place;
    const afterCommand = this.#afterCommand;
    place.openNodes.push(node);
    const transport = openSimulated({
      device: attachment.device,
      nexus: attachment.hctl,
      node,
      alive: () => place.scan === openedScan && attachment.device.incarnation === incarnation,
      ...(afterCommand === undefined ? {} : { afterCommand: () => afterCommand(attachment.device) }),
      onClose: () => place.openNodes.splice(place.openNodes.indexOf(node), 1),
    });
    return Promise.resolve(
      access === 'change' ? transport : readOnly(transport, { whileLocked: access === 'read-while-locked' }),
    );
  }

  /** Nobody else is on a lab. */
  openElsewhere(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  /** Nothing real is written. */
  inhibitShutdown(): Promise<null> {
    return Promise.resolve(null);
  }

  readSysfs(path: string): Promise<string | null> {
    const own = /^bus\/scsi\/devices\/(\d+:\d+:\d+:\d+)\/(.+)$/.exec(path);
    const place = own === null ? undefined : this.#nodeAt(own[1]!);
    return Promise.resolve(place?.attachment.device.sysfs(own![2]!) ?? this.#sysfs(path));
  }

  /** A lab that starts from its file belongs to one command, so nobody else can hold its units. */
  lock(unitId: string, run?: string): Promise<UnitLock> {
    if (this.#lockShared !== undefined) return this.#lockShared(unitId, run);
    if (this.#locked.has(unitId)) {
      return Promise.reject(new HostError('locked', `${unitId}: another run is working on this unit`));
    }
    this.#locked.add(unitId);
    return Promise.resolve({
      descriptors: [],
      release: () => {
        this.#locked.delete(unitId);
        return Promise.resolve();
      },
    });
  }

  rescan(device: AttachedDevice): Promise<void> {
    this.#noticeReturns();
    const place = this.#nodes.find(({ node }) => node === device.sgNode);
    if (place === undefined || !this.#isListed(place)) return Promise.reject(notThere(device));
    this.recorded.push({ action: 'rescan', node: place.node });
    this.#find(place);
    return Promise.resolve();
  }

  reloadDriver(driver: string): Promise<void> {
    this.recorded.push({ action: 'reload-driver', driver });
    this.#noticeReturns();
    for (const place of this.#nodes) {
      if (driverOf(place.attachment) === driver && this.#isListed(place)) this.#find(place);
    }
    return Promise.resolve();
  }

  /** Nothing is executed. A program that brings an image in is rehearsed: as if it did what it is there for. */
  async run(argv: readonly string[], timeoutMs: number, about?: ProgramUnit): Promise<ProgramResult> {
    const environment = about === undefined ? {} : { environment: about.environment };
    this.recorded.push({ action: 'run', argv: [...argv], timeoutMs, ...environment });
    const place = this.#nodes.find(({ node }) => node === about?.device.sgNode);
    if (about === undefined || place === undefined) return { exitCode: 0, output: '', timedOut: false };
    const { device, hctl } = place.attachment;
    const output = `not executed; ${rehearsedProgram(device, hctl, about.image)}`;
    await this.#afterCommand?.(device);
    return { exitCode: 0, output, timedOut: false };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A unit that the kernel removed is not in the list until it was found again. */
  #isListed({ attachment, incarnation }: SimulatedNode): boolean {
    return attachment.device.incarnation === incarnation && this.#topology.isReachable(attachment);
  }

  /** Units that the kernel lost and that are there again are found again, as the kernel does by itself. */
  #noticeReturns(): void {
    for (const place of this.#nodes) {
      const { device } = place.attachment;
      if (device.incarnation === place.incarnation || !device.present) continue;
      place.incarnation = device.incarnation;
      this.#find(place, device.wantedNode);
    }
  }

  /** Deletes the unit and scans its place. sg gives out the lowest free number; one that is still held open is not free. */
  #find(place: SimulatedNode, wantedNode: string | null = null): void {
    const taken = new Set<string>();
    for (const other of this.#nodes) {
      for (const node of other.openNodes) taken.add(node);
      if (other !== place) taken.add(other.node);
    }
    const given = wantedNode !== null && !taken.has(wantedNode) ? wantedNode : null;
    place.node = given ?? (taken.has(place.node) ? lowestFree(taken) : place.node);
    place.scan++;
    place.scanned = scan(place.attachment.device);
  }
}
