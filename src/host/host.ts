import type { Unreadable } from '../base/facts.ts';
import type { Transport } from '../transport/transport.ts';

/** What the host says about one logical unit without a command being sent. Strings are as scanned and may be stale. */
export interface AttachedDevice {
  /** host:channel:target:lun */
  readonly hctl: string;
  /** Peripheral device type of SPC: 0 disk, 1 tape, 3 processor, 0Ch array controller, 0Dh enclosure, 14h host managed zoned. */
  readonly deviceType: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** `0x5001438…` of the port, where the transport is SAS and the host knows it. */
  readonly sasAddress: string | null;
  /** Driver of the host adapter: `mpt3sas`, `hpsa`, … */
  readonly hbaDriver: string | null;
  /** `/dev/sgN`; null when no sg driver is bound. */
  readonly sgNode: string | null;
  /** `/dev/sdX`, … where there is one. */
  readonly blockNode: string | null;
  /** `naa.5001…` as the kernel read it when the device was scanned. */
  readonly wwid: string | null;
  /** `running`, `offline`, … */
  readonly state: string;
  readonly limits: TransferLimits;
}

/** Where a logical unit hangs and who uses it, from sysfs and /proc. No command is sent for it. */
export interface Surroundings {
  /**
   * Expanders between host adapter and unit, the adapter's side first: SAS addresses (`0x5001438…`), or the kernel's names
   * (`expander-6:0`) where it has no address. null: the host does not show the links.
   */
  readonly expanders: readonly string[] | null;
  /** H:C:T:L of the units in its slots, for an enclosure that the kernel's ses driver knows. */
  readonly inSlots: readonly string[];
  /** The link above each of `expanders`; null: the host does not tell. Absent: none is told. */
  readonly links?: readonly (SasLink | null)[];
  /** ENCLOSURE LOGICAL IDENTIFIER, for an enclosure that the kernel's ses driver knows; 16 lower-case hex digits. */
  readonly enclosureId?: string | null;
  /** Names of the slots in which the units of `inSlots` are, in their order. */
  readonly slotNames?: readonly string[];
  /** What uses its block device: mounts, swap, volumes and arrays on top. Empty: nothing that can be seen. */
  readonly users: readonly string[];
  /** VPD page 89h (ATA information) was there when it was scanned: a SATA device behind a translation. */
  readonly isSata: boolean;
  /** What the driver of a RAID adapter says of it (`raid_level`); null: it is not an array; absent: not known. */
  readonly raidLevel?: string | null;
  /** What could not be read (`users`, `links`), so that the lists above may lack something; absent: nothing. */
  readonly unreadable?: readonly Unreadable[];
}

/** A SAS port: so many phys, each at this rate. */
export interface SasLink {
  readonly lanes: number;
  /** As the kernel says it, `12.0 Gbit`; null: it does not. */
  readonly rate: string | null;
}

/** Hints for `bpw: auto`, never the limit itself (decisions.md#looking). null: not known. */
export interface TransferLimits {
  readonly maximumTransferBytes: number | null;
  readonly scatterGatherEntries: number | null;
}

/**
 * `look`: the transport refuses every command that changes a device. `read-while-locked` lets page 0Eh and TEST UNIT READY pass
 * as well, which are not harmless: only for who holds the lock of the unit, or of its enclosure. `change`: everything.
 */
export type Access = 'read' | 'read-while-locked' | 'change';

/** The right to write to one physical unit; nobody else on this machine has it until it is released. */
export interface UnitLock {
  /** Open files that carry the lock: a child that inherits them keeps it for as long as it lives. Empty: a simulated one. */
  readonly descriptors: readonly number[];
  release(): Promise<void>;
}

/** What a program is told of the unit that it is run for. */
export interface ProgramUnit {
  readonly device: AttachedDevice;
  /** Goes to it as a read-only copy in a file of this name, whose path is RUNBOOK_IMAGE. */
  readonly image: { readonly name: string; readonly bytes: Uint8Array };
  /** Of the lock: the program may outlive runbook, and nobody else works on the unit meanwhile. */
  readonly lockDescriptors: readonly number[];
  /** Added to the fixed environment. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ProgramResult {
  /** As a shell counts: 128 + n after signal n, 124 when the time was over. */
  readonly exitCode: number;
  /** stdout and stderr as they came, the last 64 KiB. */
  readonly output: string;
  /** It was ended because its time was over. */
  readonly timedOut: boolean;
}

/** A machine with SCSI devices: the running Linux host, or a simulated one (`--lab`). */
export interface Host {
  readonly kind: 'linux' | 'lab';
  /**
   * All logical units, in the order of host, channel, target and lun. Opens nothing. Throws HostError (`no-sg-driver`,
   * `sysfs-not-mounted`): none can be seen.
   */
  discover(): Promise<readonly AttachedDevice[]>;
  /** What surrounds each logical unit, by H:C:T:L. A unit of which nothing is known is missing. */
  survey(): Promise<ReadonlyMap<string, Surroundings>>;
  /** H:C:T:L of the units that this host has under a name: a node, or a link to one. Empty: none. Opens nothing. */
  hctlsNamed(name: string): Promise<readonly string[]>;
  /** Opens the sg node. Throws TransportError (`open-failed`, `not-permitted`, `busy`, `not-an-sg-node`). */
  open(device: AttachedDevice, access: Access): Promise<Transport>;
  /**
   * One writer per physical unit over all its paths. Throws HostError (`locked`, naming the holder; `lock-failed`). `run`: its
   * name, for whoever meets the lock.
   */
  lock(unitId: string, run?: string): Promise<UnitLock>;
  /** Keeps the host from shutting down and sleeping until the returned function is called; null: it cannot be kept. */
  inhibitShutdown(why: string): Promise<(() => void) | null>;
  /**
   * Who has nodes of these logical units open, as `/dev/nst0 is open in tar (812)`: their tape and changer nodes, and `sgNode` where
   * it is given. Block nodes do not count: multipath and monitoring daemons have them open for good, and {@link survey} tells of
   * users.
   */
  openElsewhere(devices: readonly AttachedDevice[]): Promise<readonly string[]>;
  /** One attribute below the root of sysfs; null: not there, or not to be read. */
  readSysfs(path: string): Promise<string | null>;
  /**
   * `negotiated_linkrate` of the phys of this unit that have a link (`6.0 Gbit`): those of its expander, for an enclosure behind one, and
   * those of its port for any other unit. Empty: none is shown.
   */
  linkRates(device: AttachedDevice): Promise<readonly string[]>;
  /** Removes this one logical unit from the kernel and scans its place again. No descriptor of ours may be open on it. */
  rescan(device: AttachedDevice): Promise<void>;
  /** Unloads and loads the driver of a host adapter. */
  reloadDriver(driver: string): Promise<void>;
  /**
   * Runs a program without a shell, with a fixed directory and environment. Throws HostError `run-failed` when it cannot be
   * started.
   *
   * @param about the unit that it works on, which it is told of in its environment
   */
  run(argv: readonly string[], timeoutMs: number, about?: ProgramUnit): Promise<ProgramResult>;
  close(): Promise<void>;
}
