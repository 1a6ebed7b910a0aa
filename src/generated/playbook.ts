// Made by scripts/generate.mjs from schemas/playbook.schema.json. Do not edit.

/**
 * Version of the playbook language.
 */
export type LanguageVersion = 'v1';
/**
 * Name of the play: letters, digits, dot, dash, underscore.
 */
export type Word = string;
/**
 * Name of an earlier play: plan the units that it updated again, from a fresh read.
 */
export type EarlierPlay = string;
/**
 * Peripheral device type.
 */
export type DeviceType =
  'enclosure' | 'disk' | 'tape' | 'processor' | 'array-controller' | 'host-managed-zoned';
/**
 * The standard INQUIRY data.
 */
export type INQUIRYData = 'standard';
/**
 * Bytes: 4096, 0x1000, 4k, 4KiB, 1MiB (all of 1024).
 */
export type Size = number | string;
/**
 * Text, or bytes as hex digits after 0x, in quotes.
 */
export type Equals = string;
/**
 * How many units of this host the play selects: N, A..B or A..
 */
export type ExpectedUnits = number | string;
/**
 * Path of the image, or of the package that contains it, relative to the directory of the playbook.
 */
export type File = string;
/**
 * Path inside the package; levels are separated by `!`.
 */
export type Member = string;
/**
 * Bytes to remove at the beginning, or the name of a known header.
 */
export type HeaderToStrip = number | string;
/**
 * Says that the file is meant although it looks like something else than firmware.
 */
export type WhatTheFileIs = 'verbatim';
/**
 * SHA-256 of the image (of the member after `strip`, before `skip`, `length` and `fill`), 64 hex digits.
 */
export type SHA256 = string;
/**
 * Bytes of the image, counted where `sha256` is; another size is an error. With it `plan --inventory` needs no image.
 */
export type ImageSize = number | string;
/**
 * may-change: the new code may show another unit serial number (VPD page 80h) under the same designator, shorter or longer for instance. Absent: another one is degraded. Either way the report names both.
 */
export type SerialNumber = 'may-change';
/**
 * How the image is sent: one section, or a list of sections in order, with one activation and one verification for all. A section that fails ends the download, and nothing is activated; the next run starts at the first section. If the sections go to several subenclosures, the revision of the last one counts. Absent: activation only, of the image that the play pins and that an earlier run of this host has sent.
 */
export type DownloadWords = SectionWords | SectionWords[];
/**
 * One image and how it is sent; `via` names the command.
 */
export type SectionWords = WriteBufferSectionWords | SesSectionWords | ExternalSectionWords;
/**
 * Download mode of WRITE BUFFER, by its name in sg_write_buffer.
 */
export type WriteBufferMode =
  'dmc' | 'dmc_save' | 'dmc_offs' | 'dmc_offs_save' | 'dmc_offs_ev_defer' | 'dmc_offs_defer';
/**
 * Bytes per chunk: a size, auto (what device and host allow) or whole (one command). Required with offset modes.
 */
export type BytesPerWrite = number | string;
/**
 * BUFFER ID.
 */
export type BufferId = number;
/**
 * Added to the buffer id with each chunk.
 */
export type BufferIdStep = number;
/**
 * Buffer offset of the first chunk.
 */
export type BufferOffset = number | string;
/**
 * Bytes of the image to skip at its beginning.
 */
export type BytesToSkip = number | string;
/**
 * Bytes to send; default: to the end of the image. A length beyond the image needs `fill`.
 */
export type BytesToSend = number | string;
/**
 * Byte that fills up to `length`.
 */
export type Fill = number;
/**
 * Per command: one time for all, or first, chunk, last and activate.
 */
export type TimeOuts = Duration | TimeoutWords;
/**
 * A time with its unit: 500ms, 300s, 2m, 1h.
 */
export type Duration = string;
/**
 * What must have happened before the fallback is tried.
 */
export type ReasonForTheFallback = 'mode-not-supported';
/**
 * accepted: the image is not kept over a power cycle. Required where the command that ends the download does not save (dmc, dmc_offs).
 */
export type NotSaved = 'accepted';
/**
 * The standard INQUIRY data: some expanders have their whole version from byte 36 on.
 */
export type INQUIRYData1 = 'standard';
/**
 * The negotiated link rate that each phy with a link has at least, as the kernel writes it: of the expander of an enclosure, or of the port of another unit.
 */
export type LinkRate = string;
/**
 * accepted: nothing shows afterwards whether the image of this section runs. Required in a list of sections for each one before the last that has neither its own revision nor its own witness: a buffer of WRITE BUFFER shows no revision.
 */
export type Unproven = 'accepted';
/**
 * What the image replaces. manufacturing needs `acknowledge: manufacturing-data`.
 */
export type Region = 'firmware' | 'manufacturing';
/**
 * Acknowledges that the serial number, addresses and the like may be overwritten.
 */
export type Acknowledgement = 'manufacturing-data';
/**
 * Download mode of SES page 0Eh, by its name in sg_ses_microcode.
 */
export type SesMode = 'dmc_offs' | 'dmc_offs_save' | 'dmc_offs_defer';
/**
 * MICROCODE IMAGE LENGTH, where the image comes in several sections: each begins (offset) where the one before it ends, and the unit gets one download.
 */
export type TotalLength = number | string;
/**
 * When the status page is read. none: never (sg_ses_microcode --non).
 */
export type StatusReads = 'auto' | 'between' | 'none';
/**
 * skip: not read after the last chunk (sg_ses_microcode --ealsd).
 */
export type FinalStatus = 'read' | 'skip';
/**
 * An installed program by its absolute path, and its arguments, one text each; no shell. It runs in / with a fixed environment, which tells it about the unit: RUNBOOK_NODE (/dev/sgN), RUNBOOK_HCTL, RUNBOOK_SAS_ADDRESS, RUNBOOK_ID, RUNBOOK_SERIAL, RUNBOOK_PRODUCT, RUNBOOK_BEFORE and RUNBOOK_TARGET (revisions), and RUNBOOK_IMAGE (a read-only copy of the image that was checked). A program that wants them as arguments needs a script around it.
 *
 * @minItems 1
 */
export type VendorProgram = string[];
/**
 * How long the program may take. Then it and its children are killed, whatever they were doing to the device: give it more time than the vendor names.
 */
export type TimeForTheProgram = string;
/**
 * One step after the download.
 */
export type ActivationStepWords = PlainStep | StepWithAValue;
/**
 * activate_mc: mode 0Fh, by the command that sent the image. rescan: delete and scan this unit again. power-cycle, reboot: a person does it, and the run ends as pending.
 */
export type PlainStep = 'activate_mc' | 'rescan' | 'power-cycle' | 'reboot';
/**
 * Disks only: START STOP UNIT, and ready within this time, for a disk that does not start by itself (2/04/02).
 */
export type TimeToStart = string;
/**
 * Unload and load the driver of the host adapter.
 */
export type KernelModule = string;
/**
 * Program and arguments, one text each; no shell.
 *
 * @minItems 1
 */
export type Argv = string[];
/**
 * Everything must be seen within this time after the activation. Where the unit itself announces that it may be unreachable for longer (COMMAND SPECIFIC of REPORT SUPPORTED OPERATION CODES), it has that time in the run, and a notice says so; a later verify waits for the time that is given here.
 */
export type TimeForVerification = string;
/**
 * same: what was reachable behind the unit is reachable again, and the unit answers over each path over which it answered before.
 */
export type Paths = 'same' | 'ignore';
/**
 * Outcome of the canary that releases the others.
 */
export type CanaryOutcome = 'updated' | 'pending';
/**
 * halt: one refused unit stops the play before its first byte. skip: the others go on.
 */
export type OnRefusal = 'halt' | 'skip';
/**
 * required: what is behind the unit must be reachable another way. outage-accepted: it may be gone while the unit restarts.
 */
export type Redundancy = 'required' | 'outage-accepted';
/**
 * accepted: units whose disks are mounted or in use are upgraded too.
 */
export type InUse = 'refuse' | 'accepted';
/**
 * accepted: units behind a RAID adapter are upgraded as well; its firmware may drop or change WRITE BUFFER.
 */
export type RAIDAdapter = 'refuse' | 'accepted';
/**
 * required: an enclosure that reports a failed part (diagnostic page 02h) is not restarted, and is looked at again afterwards. ignore: it is not asked.
 */
export type Health = 'required' | 'ignore';
export type UnreadableFact =
  | 'vpd-80h'
  | 'vpd-83h'
  | 'vpd-86h'
  | 'ses-00h'
  | 'ses-01h'
  | 'ses-02h'
  | 'operation-codes'
  | 'buffer-descriptor'
  | 'level-0-discovery'
  | 'request-sense'
  | 'users'
  | 'links'
  | 'driver';
/**
 * What may be unreadable on a unit. A guard whose page cannot be read refuses the unit; a page that the unit does not have is another matter, and needs no word. Each one that is named here switches its guard off where the page cannot be read; the plan and the report say so.
 */
export type FactsToGoOnWithout = UnreadableFact[];
/**
 * Whether the modules of an enclosure bring each other to their revision.
 */
export type PartnerSync = 'none' | 'up' | 'both';
/**
 * Outcome of the first module that releases the second.
 */
export type PartnerAfter = 'updated' | 'pending';
/**
 * hba: units on one host adapter never run at the same time. Absent: they can.
 */
export type Together = 'hba';

/**
 * A runbook playbook, version 1: which devices get which firmware, how it is sent, activated and verified.
 */
export interface PlaybookWords {
  runbook: LanguageVersion;
  /**
   * What this playbook does, for the plan and the report.
   */
  name: string;
  /**
   * Why it is done: a change number, or the fault that it fixes.
   */
  why?: string;
  /**
   * The plays, in order. Each one selects devices and brings them to one revision.
   *
   * @minItems 1
   */
  plays: PlayWords[];
  strategy?: StrategyWords;
}
/**
 * One kind of device and its way to one revision.
 */
export interface PlayWords {
  name: Word;
  after?: EarlierPlay;
  match: MatchWords;
  expect?: ExpectedUnits;
  firmware: FirmwareWords;
  download?: DownloadWords;
  /**
   * The steps after the download, in order.
   */
  activate?: ActivationStepWords[];
  verify?: VerifyWords;
}
/**
 * Which devices. `type`, `vendor`, `product` select; `revision` guards.
 */
export interface MatchWords {
  type: DeviceType;
  /**
   * INQUIRY vendor, at most 8 characters; `*` is a wildcard, trailing spaces are ignored. "": a blank vendor.
   */
  vendor: string;
  /**
   * INQUIRY product, at most 16 characters; `*` is a wildcard, trailing spaces are ignored. "": a blank product.
   */
  product: string;
  /**
   * Revisions that a unit may start from, in quotes. A unit with any other revision is refused. ["*"]: any.
   *
   * @minItems 1
   */
  revision: string[];
  /**
   * Narrows to these units: designators (naa.…, eui.…), serial numbers or enclosure logical ids, in quotes.
   *
   * @minItems 1
   */
  identity?: string[];
  /**
   * Bytes that the device must show as well; all must hold.
   *
   * @minItems 1
   */
  proof?: ProofWords[];
}
/**
 * Bytes of one VPD page, or of the standard INQUIRY data.
 */
export interface ProofWords {
  /**
   * Code of the VPD page.
   */
  vpd?: number;
  inquiry?: INQUIRYData;
  offset: Size;
  equals: Equals;
}
/**
 * The image and the revision that it brings.
 */
export interface FirmwareWords {
  file: File;
  member?: Member;
  strip?: HeaderToStrip;
  is?: WhatTheFileIs;
  sha256: SHA256;
  size?: ImageSize;
  /**
   * What the device shows afterwards, in quotes.
   */
  revision: string;
  /**
   * INQUIRY product afterwards, if the new code changes it; "": blank.
   */
  product?: string;
  /**
   * INQUIRY vendor afterwards, if the new code changes it; "": blank.
   */
  vendor?: string;
  serial?: SerialNumber;
}
/**
 * By WRITE BUFFER, as sg_write_buffer does.
 */
export interface WriteBufferSectionWords {
  /**
   * The command that sends the image.
   */
  via: 'write-buffer';
  mode: WriteBufferMode;
  'last-mode'?: WriteBufferMode;
  /**
   * An empty command of this mode after the last chunk.
   */
  'end-with'?: {
    mode: WriteBufferMode;
  };
  bpw?: BytesPerWrite;
  file?: File;
  member?: Member;
  strip?: HeaderToStrip;
  is?: WhatTheFileIs;
  sha256?: SHA256;
  size?: ImageSize;
  'buffer-id'?: BufferId;
  'buffer-id-step'?: BufferIdStep;
  offset?: BufferOffset;
  skip?: BytesToSkip;
  length?: BytesToSend;
  fill?: Fill;
  /**
   * MODE SPECIFIC field: the sum of the events that start the image: 4 power on, 2 hard reset, 1 a vendor event; 0: activate_mc alone. Required with dmc_offs_ev_defer, and only there.
   */
  'mode-specific'?: number;
  timeout?: TimeOuts;
  /**
   * What to send instead if the device does not support the mode; tried only after the very first chunk.
   */
  otherwise?: {
    when: ReasonForTheFallback;
    mode: WriteBufferMode;
    bpw?: BytesPerWrite;
  };
  'not-saved'?: NotSaved;
  witness?: WitnessWords;
  unproven?: Unproven;
  region?: Region;
  acknowledge?: Acknowledgement;
}
/**
 * Time-outs by what a command carries.
 */
export interface TimeoutWords {
  first?: Duration;
  chunk?: Duration;
  last?: Duration;
  activate?: Duration;
}
/**
 * A second proof, asked of each unit by itself: bytes of a VPD page or of the INQUIRY data, the revision of a subenclosure, an attribute of sysfs, or the link rate of its phys.
 */
export interface WitnessWords {
  /**
   * Code of the VPD page.
   */
  vpd?: number;
  inquiry?: INQUIRYData1;
  offset?: Size;
  /**
   * Subenclosure whose revision in the configuration page (01h) is compared.
   */
  'ses-revision'?: number;
  /**
   * Path below /sys. {device} stands for the directory of this unit there (bus/scsi/devices/H:C:T:L).
   */
  sysfs?: string;
  'link-rate'?: LinkRate;
  equals?: Equals;
}
/**
 * By the Download Microcode diagnostic page (0Eh), as sg_ses_microcode does.
 */
export interface SesSectionWords {
  /**
   * The command that sends the image.
   */
  via: 'ses';
  mode: SesMode;
  'last-mode'?: SesMode;
  /**
   * An empty page of this mode after the last chunk.
   */
  'end-with'?: {
    mode: SesMode;
  };
  bpw?: BytesPerWrite;
  file?: File;
  member?: Member;
  strip?: HeaderToStrip;
  is?: WhatTheFileIs;
  sha256?: SHA256;
  size?: ImageSize;
  'buffer-id'?: BufferId;
  'buffer-id-step'?: BufferIdStep;
  offset?: BufferOffset;
  skip?: BytesToSkip;
  length?: BytesToSend;
  fill?: Fill;
  /**
   * SUBENCLOSURE IDENTIFIER; 0 is the primary.
   */
  subenclosure?: number;
  'total-length'?: TotalLength;
  'status-reads'?: StatusReads;
  'final-status'?: FinalStatus;
  timeout?: TimeOuts;
  /**
   * What to send instead if the device does not support the mode; tried only after the very first page.
   */
  otherwise?: {
    when: ReasonForTheFallback;
    mode: SesMode;
    bpw?: BytesPerWrite;
  };
  'not-saved'?: NotSaved;
  /**
   * What the descriptor of this subenclosure (page 01h) shows afterwards, in quotes: the proof of a section that is not the last one.
   */
  revision?: string;
  witness?: WitnessWords;
  unproven?: Unproven;
  region?: Region;
  acknowledge?: Acknowledgement;
}
/**
 * By a program of the vendor: no shell, fixed directory and environment; the verdict still comes from a fresh read.
 */
export interface ExternalSectionWords {
  /**
   * The command that sends the image.
   */
  via: 'external';
  run: VendorProgram;
  within: TimeForTheProgram;
  file?: File;
  member?: Member;
  strip?: HeaderToStrip;
  is?: WhatTheFileIs;
  witness?: WitnessWords;
  unproven?: Unproven;
  sha256?: SHA256;
  size?: ImageSize;
}
/**
 * Exactly one of these.
 */
export interface StepWithAValue {
  'wait-ready'?: Duration;
  'start-unit'?: TimeToStart;
  pause?: Duration;
  'reload-driver'?: KernelModule;
  run?: Argv;
}
/**
 * What must be seen before a unit is called updated.
 */
export interface VerifyWords {
  /**
   * Default: firmware.revision. unchanged: the revision does not change, and `witness` alone decides.
   */
  revision?: string;
  /**
   * What the device shows, and what it means; both in quotes.
   */
  aliases?: {
    [k: string]: string;
  };
  witness?: WitnessWords;
  within?: TimeForVerification;
  paths?: Paths;
}
/**
 * How many units at once, and when to stop.
 */
export interface StrategyWords {
  /**
   * Units that go first, alone; the others follow only when these are updated, in this run or a later one. `verify --accept` closes a canary that will not be.
   */
  canary?: number;
  'canary-accepts'?: CanaryOutcome;
  /**
   * Units at a time.
   */
  concurrent?: number;
  /**
   * Failures that the run accepts before it halts; 0: any failure halts it.
   */
  'max-failures'?: number;
  'on-refusal'?: OnRefusal;
  redundancy?: Redundancy;
  'in-use'?: InUse;
  'raid-adapter'?: RAIDAdapter;
  health?: Health;
  'proceed-without'?: FactsToGoOnWithout;
  'partner-sync'?: PartnerSync;
  'partner-after'?: PartnerAfter;
  together?: Together;
}
