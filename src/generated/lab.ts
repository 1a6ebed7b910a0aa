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
 * standard: byte i is (i*7 + 13 + (i>>8)*29 + (i>>16)*53) & 0xff.
 */
export type Rule = 'standard';
/**
 * Kind of device. hp-sas-expander: the HP card; hp-sas-expander-old: its sister that knows mode dmc_offs_save only; hp-sas-expander-mute: its revision never changes; and others.
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
 * Time that the device takes for each command: 5ms, 1s.
 */
export type Duration = string;
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
  | 'read-buffer'
  | 'report-supported-operation-codes';
/**
 * CHECK CONDITION with this sense: key/asc/ascq in hex, in quotes.
 */
export type Sense = string;

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
   * What goes wrong, and when.
   */
  faults?: LabFaultWords[];
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
}
