import type { Clock } from '../base/clock.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import type { SenseFields } from '../scsi/sense.ts';
import { HostStatus } from '../scsi/status.ts';
import type { CommandOutcome } from '../transport/transport.ts';
import { outcomeOf } from '../transport/transport.ts';
import { INVALID_OPERATION_CODE, checkCondition } from './answers.ts';
import type { LabImage } from './incoming-image.ts';
import { Microcode } from './microcode.ts';
import { SesEnclosure } from './ses-enclosure.ts';
import type { EnclosureModule } from './ses-enclosure.ts';
import {
  HARD_RESET,
  INTERNAL_RESET,
  MICROCODE_CHANGED,
  POWER_ON,
  UnitAttentions,
} from './unit-attentions.ts';
import type { SenseEncoder } from './answers.ts';
import type { DownloadRules, TakesEffect } from './download-rules.ts';
import type { SesRules } from './ses-rules.ts';

/**
 * Answers the commands that it knows; undefined passes the command to the next behavior. `nexus` names the path over
 * which the command came. `durationMs` of the answer is what the device takes beyond its latency.
 */
export type Behavior = (
  command: ScsiCommand,
  device: SimulatedDevice,
  nexus: string,
) => CommandOutcome | undefined;

/** A kind of device, as data and a list of small behaviors. */
export interface Persona {
  readonly summary: string;
  /** Peripheral device type (SPC). */
  readonly deviceType: number;
  /** VERSION field of INQUIRY: 05h SPC-3, 06h SPC-4, 07h SPC-5. */
  readonly version: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** First 10 hex digits of invented addresses: NAA 5h, company id, and a start of the vendor's own part. */
  readonly addressPrefix: string;
  readonly download: DownloadRules;
  /** Download by diagnostic page 0Eh; absent: the device has no SES pages. */
  readonly ses?: SesRules;
  readonly takesEffect: TakesEffect;
  /** New code starts with a reset (29/04) and is not ready for a while; null: it takes over without. */
  readonly restart: { readonly readyAfterMs: number } | null;
  /** ACTIVATE MICROCODE of VPD page 86h; null: the device does not have that page. */
  readonly activateMicrocode: 0 | 1 | 2 | null;
  /** What REPORT SUPPORTED OPERATION CODES says of WRITE BUFFER, in seconds; 0: not said. */
  readonly timeouts: {
    readonly nominalS: number;
    readonly recommendedS: number;
    readonly unreachableS: number;
  };
  /** Its logical units at one target have one microcode: MLU says so, and writing one of them writes all. */
  readonly sharesMicrocode?: true;
  readonly encodeSense: SenseEncoder;
  readonly behaviors: readonly Behavior[];
}

/** How many commands have fitted the trigger of a fault so far. */
export interface FaultCount {
  met: number;
}

const LONGEST_CDB_BYTES = 16;

/** What tells one unit from another, as INQUIRY and the VPD pages show it. */
export interface SimulatedIdentity {
  readonly vendor: string;
  readonly product: string;
  readonly serial: string;
  /** NAA designator of the logical unit, 16 hex digits. */
  readonly naa: string;
}

export interface SimulatedDeviceOptions {
  readonly persona: Persona;
  readonly identity: SimulatedIdentity;
  readonly revision: string;
  readonly images: readonly LabImage[];
  readonly clock: Clock;
  readonly latencyMs?: number;
  /** False: nothing is remembered (hundreds of devices, thousands of chunks). Default true. */
  readonly keepLog?: boolean;
  /** Serial number that it shows while it runs an image of the lab; absent: always the same. */
  readonly newSerial?: string;
  /** `negotiated_linkrate` of its phys at the start; absent: the host shows none. */
  readonly linkRate?: string;
  /** Attributes below its directory in sysfs. */
  readonly sysfs?: (name: string) => string | null;
  /** Which module of which enclosure it is; absent: the only one of its own. */
  readonly module?: EnclosureModule;
  /** Paths through its expander that do not come back after a restart. Default 0. */
  readonly lostPaths?: number;
  /** Called when new code starts, and at every reset. */
  readonly onRestart?: (device: SimulatedDevice) => void;
}

/** One command as it met the device. */
export interface LogEntry {
  readonly atMs: number;
  readonly nexus: string;
  readonly name: string;
  readonly cdb: Uint8Array;
  readonly dataOutBytes: number;
  /** The device carried it out, whatever the initiator was told. */
  readonly executed: boolean;
  /** What the initiator was told. */
  readonly outcome: CommandOutcome;
}

/** How a device goes away. */
export interface Leave {
  readonly forMs: number;
  /** The kernel removes the unit and finds it again: open paths are dead for good, the strings are scanned again. */
  readonly removed?: boolean;
  /** The node under which it comes back; only with `removed`. */
  readonly node?: string;
  /** Another unit comes back in its place. */
  readonly becomes?: Partial<SimulatedIdentity>;
}

/** One logical unit: its memory, and the behaviors that answer for it. Judges by the standard, knows no downloader. */
export class SimulatedDevice {
  /** NAA designator at the start: the name of this device in a saved lab, whatever becomes of its identity. */
  readonly id: string;
  readonly persona: Persona;
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly microcode: Microcode;
  /** Its enclosure services process; null: it has none. */
  readonly enclosure: SesEnclosure | null;
  readonly unitAttentions = new UnitAttentions();
  readonly log: LogEntry[] = [];
  /** SAS address (16 hex digits) of the target port behind each nexus, where it is another than the NAA of the unit. */
  readonly ports = new Map<string, string>();
  /** NAA designator of the target device, 16 hex digits; null: it names none. */
  targetName: string | null = null;
  identity: SimulatedIdentity;
  /** An attribute below its directory in sysfs; null: there is none. */
  readonly sysfs: (name: string) => string | null;
  /** What INQUIRY shows; on some devices it is not what runs. */
  shownRevision: string;
  /** Counts how often the kernel found the unit again. */
  incarnation = 0;
  wantedNode: string | null = null;
  readyAtMs = -Infinity;
  /** When new code started, or a reset came, for the last time since the lab was read. */
  restartedAtMs = -Infinity;
  /** Which module of which enclosure it is; null: the only one of its own. */
  readonly module: EnclosureModule | null;
  readonly lostPaths: number;
  /** Counts restarts: new code, and resets. */
  restarts = 0;
  /** One for each fault of its lab file, in the order of the file. */
  readonly faultCounts: FaultCount[] = [];
  readonly #atStart: Pick<SimulatedDeviceOptions, 'identity' | 'newSerial' | 'linkRate'>;
  #backAtMs = -Infinity;
  #executed = false;
  readonly #front: Behavior[] = [];
  readonly #keepLog: boolean;
  readonly #onRestart: ((device: SimulatedDevice) => void) | undefined;

  constructor(options: SimulatedDeviceOptions) {
    this.id = options.identity.naa;
    this.persona = options.persona;
    this.identity = options.identity;
    this.sysfs = options.sysfs ?? ((): null => null);
    this.#atStart = options;
    this.clock = options.clock;
    this.latencyMs = options.latencyMs ?? 0;
    this.microcode = new Microcode(
      { revision: options.revision, product: options.identity.product },
      options.images,
    );
    const { ses, takesEffect } = options.persona;
    const { microcode } = this;
    this.enclosure =
      ses === undefined ? null : new SesEnclosure({ rules: ses, takesEffect, microcode, ...options });
    this.shownRevision = options.revision;
    this.#keepLog = options.keepLog ?? true;
    this.module = options.module ?? null;
    this.lostPaths = options.lostPaths ?? 0;
    this.#onRestart = options.onRestart;
  }

  get present(): boolean {
    return this.clock.nowMs() >= this.#backAtMs;
  }

  get ready(): boolean {
    return this.clock.nowMs() >= this.readyAtMs;
  }

  /** As the kernel writes it; null: the host shows no phys of it. */
  get linkRate(): string | null {
    return this.microcode.running.linkRate ?? this.#atStart.linkRate ?? null;
  }

  /** Faults and other peculiarities stand in front of what the persona does. */
  putInFront(behavior: Behavior): void {
    this.#front.unshift(behavior);
  }

  /** What the initiator is told for one command. The answer's `durationMs` is the time it takes. */
  execute(command: ScsiCommand, nexus: string): CommandOutcome {
    this.unitAttentions.attach(nexus);
    const atMs = this.clock.nowMs();
    this.#executed = false;
    const sent = zeroFilled(command);
    const outcome = this.present
      ? (firstAnswer(this.#front, sent, this, nexus) ?? this.perform(sent, nexus))
      : outcomeOf({ hostStatus: HostStatus.noConnect });
    const told = { ...outcome, durationMs: this.latencyMs + outcome.durationMs };
    if (this.#keepLog) {
      const { name, cdb, dataOut } = command;
      const dataOutBytes = dataOut?.length ?? 0;
      this.log.push({ atMs, nexus, name, cdb, dataOutBytes, executed: this.#executed, outcome: told });
    }
    return told;
  }

  /** What the device itself does with a command, behind all faults. */
  perform(command: ScsiCommand, nexus: string): CommandOutcome {
    const outcome =
      firstAnswer(this.persona.behaviors, command, this, nexus) ?? this.refuse(INVALID_OPERATION_CODE);
    if (outcome.status === 0) this.#executed = true;
    return outcome;
  }

  /** CHECK CONDITION in the sense format of this device. */
  refuse(sense: SenseFields): CommandOutcome {
    return checkCondition(sense, this.persona.encodeSense);
  }

  /** New code begins to run because of WRITE BUFFER over `nexus`: every other nexus gets 3F/01. */
  startNewCode(nexus: string): void {
    this.#showRevision();
    const { restart } = this.persona;
    if (restart !== null) {
      this.microcode.incoming = null;
      this.unitAttentions.reset(INTERNAL_RESET);
      this.#restarted(restart.readyAfterMs);
    }
    this.unitAttentions.establish(MICROCODE_CHANGED, nexus);
  }

  /** Hard reset: a partial download is dropped, a waiting image may become active, every nexus hears of it. */
  hardReset(): void {
    const changed = this.enclosure?.reset('hard-reset') ?? false;
    this.#reset(HARD_RESET, this.microcode.hardReset() || changed);
  }

  /** Off and on again: also unsaved code (modes 04h, 06h) is gone. */
  powerCycle(): void {
    const changed = this.enclosure?.reset('power-on') ?? false;
    this.#reset(POWER_ON, this.microcode.powerOn() || changed);
  }

  /** Goes away for a time. Nothing is reset: a cable was pulled, or the kernel lost the unit. */
  leave({ forMs, removed = false, node, becomes }: Leave): void {
    this.#backAtMs = this.clock.nowMs() + forMs;
    if (removed) this.incarnation++;
    if (removed && node !== undefined) this.wantedNode = node;
    if (becomes === undefined) return;
    const before = this.identity.naa;
    this.identity = { ...this.identity, ...becomes };
    for (const [nexus, port] of this.ports) if (port === before) this.ports.set(nexus, this.identity.naa);
  }

  #reset(attention: typeof POWER_ON, changed: boolean): void {
    this.#showRevision();
    this.unitAttentions.reset(attention);
    if (changed) this.unitAttentions.establish(MICROCODE_CHANGED);
    this.#restarted(this.persona.restart?.readyAfterMs ?? 0);
  }

  #restarted(readyAfterMs: number): void {
    this.readyAtMs = this.clock.nowMs() + readyAfterMs;
    this.restarts++;
    this.restartedAtMs = this.clock.nowMs();
    this.#onRestart?.(this);
  }

  #showRevision(): void {
    if (this.persona.takesEffect === 'never-shows') return;
    const { revision, product, vendor, fromImage } = this.microcode.running;
    const { identity, newSerial } = this.#atStart;
    this.shownRevision = revision;
    const serial = newSerial === undefined ? this.identity.serial : fromImage ? newSerial : identity.serial;
    this.identity = { ...this.identity, product, vendor: vendor ?? identity.vendor, serial };
  }
}

function firstAnswer(
  behaviors: readonly Behavior[],
  command: ScsiCommand,
  device: SimulatedDevice,
  nexus: string,
): CommandOutcome | undefined {
  for (const behavior of behaviors) {
    const outcome = behavior(command, device, nexus);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

/** What stands behind the bytes of a short command block on its way to the device: zeros. */
function zeroFilled(command: ScsiCommand): ScsiCommand {
  const cdb = new Uint8Array(LONGEST_CDB_BYTES);
  cdb.set(command.cdb.subarray(0, LONGEST_CDB_BYTES));
  return { ...command, cdb };
}
