// Made by scripts/generate.mjs from schemas/lab.schema.json. Do not edit.

/**
 * Version of the lab language.
 */
export type LanguageVersion = 'v1';
/**
 * Size of a made image.
 */
export type Size = number | string;
/**
 * standard: byte i is (i*7 + 13 + (i>>8)*29 + (i>>16)*53) & 0xff. zeros: nothing but zero bytes.
 */
export type Rule = 'standard' | 'zeros';
/**
 * Kind of device. hp-sas-expander: the HP card; hp-sas-expander-old: its sister that knows mode dmc_offs_save only; hp-sas-expander-mute: its revision never changes; celestica-es-shelf; disk, tape, ses-shelf, and others.
 */
export type Persona = string;
/**
 * 16 hex digits after 0x, in quotes; also the unit's NAA designator. Default: made from the node.
 */
export type SASAddress = string;
/**
 * sgN. Default: the next free one.
 */
export type Node = string;
/**
 * A time: 5ms, 1s, 2m. As latency: what the device takes for each command. As follows: so long after a partner started new code, the module brings itself to the same.
 */
export type Duration = string;
/**
 * Driver of the host adapter.
 */
export type KernelModule = string;
/**
 * 16 hex digits after 0x, in quotes: SAS address of the port at the end of this path. Default: that of the device.
 */
export type SASAddress1 = string;
/**
 * Enclosure logical identifier, 16 hex digits after 0x, in quotes: the same for all modules.
 */
export type SASAddress2 = string;
/**
 * Another unit comes back: its SAS address and designator.
 */
export type SASAddress3 = string;
/**
 * Which command answers otherwise.
 */
export type Command =
  | 'test-unit-ready'
  | 'request-sense'
  | 'inquiry'
  | 'receive-diagnostic-results'
  | 'send-diagnostic'
  | 'write-buffer'
  | 'report-luns'
  | 'read-buffer'
  | 'report-supported-operation-codes';
/**
 * Only the command with the last byte of an image (last-chunk), or the one that activates it (activation).
 */
export type Moment = 'last-chunk' | 'activation';
/**
 * Only over the path with this node.
 */
export type NodeOfAPath = string;
/**
 * CHECK CONDITION with this sense: key/asc/ascq in hex, in quotes.
 */
export type Sense = string;
/**
 * The device is reset then: hard-reset, or power-cycle.
 */
export type Reset = 'hard-reset' | 'power-cycle';

/**
 * A simulated host for --lab: the images that its devices know, and the devices.
 */
export interface LabFile {
  lab: LanguageVersion;
  /**
   * What this lab stands for.
   */
  name?: string;
  /**
   * Images that the devices accept. A device whose bytes equal one of them shows its revision afterwards.
   */
  images?: LabImageWords[];
  /**
   * In the order of their nodes.
   *
   * @minItems 1
   */
  devices: LabDeviceWords[];
  /**
   * Attributes that the simulated host shows below /sys: path → text. For a witness of a playbook.
   */
  sysfs?: {
    [k: string]: string;
  };
}
/**
 * Made by a rule (bytes and rule), or read from a file beside the lab.
 */
export interface LabImageWords {
  /**
   * What `firmware.file` of a playbook says.
   */
  name: string;
  bytes?: Size;
  rule?: Rule;
  /**
   * Path beside the lab file, instead of `bytes` and `rule`.
   */
  file?: string;
  /**
   * What a device shows when it runs this image, in quotes.
   */
  revision: string;
  /**
   * INQUIRY product afterwards, if the image changes it.
   */
  product?: string;
}
export interface LabDeviceWords {
  persona: Persona;
  /**
   * This many devices of the kind. Their serial numbers, addresses and nodes are made up.
   */
  count?: number;
  /**
   * INQUIRY vendor, where it is another than the persona has; at most 8 characters.
   */
  vendor?: string;
  /**
   * INQUIRY product, where it is another than the persona has; at most 16 characters.
   */
  product?: string;
  /**
   * INQUIRY revision at the start, in quotes.
   */
  revision: string;
  /**
   * Unit serial number (VPD 80h), in quotes. Default: made from the node.
   */
  serial?: string;
  'sas-address'?: SASAddress;
  node?: Node;
  latency?: Duration;
  /**
   * The ways from the host to this device, where there are several, or where expanders are between. One device, several nodes.
   *
   * @minItems 1
   */
  paths?: LabPathWords[];
  enclosure?: LabModuleWords;
  /**
   * What uses this disk, as runbook shows it. Such a disk must not lose its last path.
   */
  users?: string[];
  /**
   * true: a SATA disk behind a translation.
   */
  sata?: boolean;
  restart?: LabRestartWords;
  /**
   * What goes wrong, and when.
   */
  faults?: LabFaultWords[];
}
export interface LabPathWords {
  node?: Node;
  /**
   * SCSI host number of the host adapter.
   */
  adapter?: number;
  driver?: KernelModule;
  /**
   * Names of the expanders between adapter and device, the side of the adapter first. The last one of an enclosure is its own: it restarts with it, and what is behind is away meanwhile. []: none. Left out: the host does not show the links.
   */
  behind?: string[];
  'port-address'?: SASAddress1;
}
/**
 * This device is one module (enclosure services process) of an enclosure that has several.
 */
export interface LabModuleWords {
  id: SASAddress2;
  /**
   * Which of the modules: its relative enclosure services process identifier.
   */
  process: number;
  /**
   * How many modules the enclosure has.
   */
  of?: number;
  follows?: Duration;
}
/**
 * What is special when this device starts new code, or is reset.
 */
export interface LabRestartWords {
  'ready-after'?: Duration;
  /**
   * How many of the paths through its expander do not come back.
   */
  'lost-paths'?: number;
  leaves?: LabLeaveWords;
}
/**
 * The kernel removes the device, and finds it again later: under the old node if that is free, or as said here.
 */
export interface LabLeaveWords {
  for: Duration;
  node?: Node;
  /**
   * Another unit comes back: its serial number.
   */
  serial?: string;
  'sas-address'?: SASAddress3;
}
/**
 * Another answer than the device's own to one command, counted from 1 per command.
 */
export interface LabFaultWords {
  command: Command;
  /**
   * Only WRITE BUFFER or READ BUFFER of this mode.
   */
  mode?: number;
  moment?: Moment;
  path?: NodeOfAPath;
  /**
   * The first such command that answers otherwise, counted from 1.
   */
  nth?: number;
  /**
   * How many in a row; 0: all from then on.
   */
  times?: number;
  /**
   * true: the device does the command all the same.
   */
  executed?: boolean;
  sense?: Sense;
  /**
   * SCSI status.
   */
  status?: number;
  /**
   * Host status.
   */
  'host-status'?: number;
  /**
   * Driver status.
   */
  'driver-status'?: number;
  /**
   * Error number of the ioctl.
   */
  errno?: number;
  /**
   * Bytes not transferred.
   */
  residual?: number;
  delay?: Duration;
  reset?: Reset;
  leaves?: LabLeaveWords;
}
