import type { FactName } from '../base/facts.ts';
import type { DeviceType } from '../scsi/device-type.ts';

/**
 * What `resolve` makes of a playbook: every default filled in, every size in bytes, every time in milliseconds, every
 * image read, hashed and cut. Frozen; the rest of the program never sees YAML again.
 */
export interface ResolvedPlaybook {
  /** As given on the command line. */
  readonly file: string;
  /** SHA-256 of the playbook's text, lower-case hex. */
  readonly sha256: string;
  readonly name: string;
  readonly why: string | null;
  readonly plays: readonly ResolvedPlay[];
  readonly strategy: ResolvedStrategy;
}

export interface ResolvedPlay {
  readonly name: string;
  /** Name of an earlier play on whose units this one is planned again. */
  readonly after: string | null;
  readonly match: ResolvedMatch;
  /** How many units the play must select on this host; `max` null: no upper bound. */
  readonly expect: { readonly min: number; readonly max: number | null };
  readonly firmware: ResolvedFirmware;
  /**
   * Names what is sent: `firmware.sha256`, or, where a section has its own image, a SHA-256 over the hashes of all of them. What
   * is remembered of a unit goes by it.
   */
  readonly imageSha256: string;
  /** In order; one activation and one verification for all. Empty: activation only. */
  readonly download: readonly ResolvedSection[];
  readonly activate: readonly ActivationStep[];
  readonly verify: ResolvedVerify;
}

/** Words of `match.type`. Devices of other types are not written to. */
export const MATCH_TYPES = [
  'enclosure',
  'disk',
  'tape',
  'processor',
  'array-controller',
  'host-managed-zoned',
] as const satisfies readonly (keyof typeof DeviceType)[];
export type MatchType = (typeof MATCH_TYPES)[number];

export interface ResolvedMatch {
  readonly type: MatchType;
  /** Peripheral device type code of `type` (SPC). */
  readonly deviceType: number;
  /** `*` is a wildcard; trailing spaces are ignored; case counts. */
  readonly vendor: string;
  readonly product: string;
  /** Revisions that a unit may start from; `['*']`: any. */
  readonly revision: readonly string[];
  /** Designators, serial numbers or logical ids that narrow the choice; null: not narrowed. */
  readonly identity: readonly string[] | null;
  /** Bytes that the unit must show as well; all must hold. */
  readonly proof: readonly MatchBytes[];
}

/** A VPD page by its code, or the standard INQUIRY data. */
export type MatchPage = number | 'standard';

export interface MatchBytes {
  readonly page: MatchPage;
  /** From the beginning of the page, its header included. */
  readonly offset: number;
  readonly equals: Uint8Array;
  /** As written in the playbook. */
  readonly text: string;
}

export interface ResolvedFirmware {
  /** As written in the playbook. */
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** What the device shows afterwards. */
  readonly revision: string;
  /** Product and vendor afterwards; null: as before. */
  readonly product: string | null;
  readonly vendor: string | null;
  /** The new code may show another serial number. */
  readonly serialMayChange: boolean;
}

/** Names of sg_write_buffer's download modes (SPC-4 table 57). */
export type DownloadModeName =
  'dmc' | 'dmc_save' | 'dmc_offs' | 'dmc_offs_save' | 'dmc_offs_ev_defer' | 'dmc_offs_defer';

export type BytesPerWrite = number | 'auto' | 'whole';

export type ResolvedSection = ResolvedChunkedSection | ResolvedExternalSection;

/** A section whose bytes runbook itself sends. */
export type ResolvedChunkedSection = ResolvedWriteBufferSection | ResolvedSesSection;

/** What every way has in common. */
interface ResolvedImage {
  /** The bytes that are sent, after skip, length and fill. One copy, shared by all devices. */
  readonly image: Uint8Array;
  /** SHA-256 of `image`. */
  readonly sentSha256: string;
  readonly source: ImagePiece;
  /** Further files of the same image, behind that one; absent: it is in one file. */
  readonly more?: readonly ImagePiece[];
  /** What proves that this one of several sections runs; absent: nothing of its own. */
  readonly witness?: ResolvedWitness;
  /** `unproven: accepted`: nothing has to prove it. */
  readonly isUnproven?: true;
}

/** What both ways of sending have in common. `Mode`: the names that the way knows. */
export interface ResolvedImageSection<Mode extends DownloadModeName> extends ResolvedImage {
  readonly mode: Mode;
  readonly bpw: BytesPerWrite;
  /** Another mode for the last chunk. */
  readonly lastMode: Mode | null;
  /** An empty command after the last chunk. */
  readonly endWith: Mode | null;
  readonly otherwise: { readonly mode: Mode; readonly bpw: BytesPerWrite } | null;
  readonly bufferId: number;
  /** Added to the buffer id with each chunk. */
  readonly bufferIdStep: number;
  /** Buffer offset of the first chunk. */
  readonly offsetBytes: number;
  readonly timeouts: SectionTimeouts;
  /** `manufacturing`: serial number, addresses and the like are replaced, and the playbook acknowledges that. */
  readonly region: 'firmware' | 'manufacturing';
}

/** Where the bytes of a section come from, as the playbook says it. */
export interface ImagePiece {
  readonly file: string;
  /** Inside the file; null: the file itself. */
  readonly member: string | null;
  /** Bytes, or the name of a header, in front of the image; null: nothing. */
  readonly strip: number | string | null;
  readonly skipBytes: number;
  /** null: to the end. */
  readonly lengthBytes: number | null;
  /** What a length beyond the image is filled with; null: nothing. */
  readonly fill: number | null;
}

export interface ResolvedWriteBufferSection extends ResolvedImageSection<DownloadModeName> {
  readonly via: 'write-buffer';
  readonly modeSpecific: number;
}

/** Names of sg_ses_microcode's download modes (SES-2 6.1.18). */
export type SesModeName = 'dmc_offs' | 'dmc_offs_save' | 'dmc_offs_defer';

export interface ResolvedSesSection extends ResolvedImageSection<SesModeName> {
  readonly via: 'ses';
  readonly subenclosureId: number;
  /** MICROCODE IMAGE LENGTH; never below the image. */
  readonly totalLengthBytes: number;
  readonly statusReads: 'auto' | 'between' | 'none';
  readonly finalStatus: 'read' | 'skip';
}

/** A program of the vendor brings the image into the device. */
export interface ResolvedExternalSection extends ResolvedImage {
  readonly via: 'external';
  /** The program by its absolute path, and its arguments. */
  readonly argv: readonly string[];
  /** Then it is ended. */
  readonly withinMs: number;
}

/** Milliseconds; null: the default, raised by what the device itself recommends (decisions.md#time-outs). */
export interface SectionTimeouts {
  readonly firstMs: number | null;
  readonly chunkMs: number | null;
  readonly lastMs: number | null;
  readonly activateMs: number | null;
}

export type ActivationStep =
  | { readonly step: 'activate_mc' }
  | { readonly step: 'wait-ready'; readonly withinMs: number }
  /** START STOP UNIT, and ready within this time; only for disks. */
  | { readonly step: 'start-unit'; readonly withinMs: number }
  | { readonly step: 'pause'; readonly forMs: number }
  | { readonly step: 'rescan' }
  | { readonly step: 'reload-driver'; readonly driver: string }
  | { readonly step: 'power-cycle' }
  | { readonly step: 'reboot' }
  | { readonly step: 'run'; readonly argv: readonly string[] };

export interface ResolvedVerify {
  /** In the playbook's words: `aliases` translate what the device says. */
  readonly revision: string;
  /** `revision: unchanged`: the revision never moves, and the witness alone decides. */
  readonly unchanged: boolean;
  /** What the device says → what it means. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly witness: ResolvedWitness | null;
  /** `same`: what was reachable behind the unit is reachable again. */
  readonly paths: 'same' | 'ignore';
  readonly withinMs: number;
}

export interface ResolvedStrategy {
  /** Units of each play that go first; 0: none. */
  readonly canary: number;
  /** What a canary has to end as, so that the others follow; `updated` always does. */
  readonly canaryAccepts: 'updated' | 'pending';
  /** `hba`: one unit of a host adapter at a time. */
  readonly together: 'hba' | null;
  /** `required`: no unit is begun whose restart takes the last path of a drive in use. */
  readonly redundancy: 'required' | 'outage-accepted';
  /** `refuse`: no drive is written to that is in use. */
  readonly inUse: 'refuse' | 'accepted';
  /** `refuse`: nothing is sent through a RAID adapter, but to plain SAS devices of drivers that show them. */
  readonly raidAdapter: 'refuse' | 'accepted';
  /** `required`: an enclosure that reports a failed part is not restarted, and is compared afterwards. */
  readonly health: 'required' | 'ignore';
  /** Facts that may be unreadable: the guards that stand on them are left out. */
  readonly proceedWithout: readonly FactName[];
  /**
   * Modules that bring their partner to their own revision: `up`, or `both` up and down. The unit is finished when all modules
   * of the enclosure show the target.
   */
  readonly partnerSync: 'none' | 'up' | 'both';
  /** What the first module of an enclosure has to end as, so that the next one follows. */
  readonly partnerAfter: 'updated' | 'pending';
  readonly concurrent: number;
  readonly maxFailures: number;
  readonly onRefusal: 'halt' | 'skip';
}

/** A second proof that the new code runs. `equals`: bytes. */
export type ResolvedWitness =
  | { readonly kind: 'vpd'; readonly pageCode: number; readonly offset: number; readonly equals: Uint8Array }
  | { readonly kind: 'inquiry'; readonly offset: number; readonly equals: Uint8Array }
  /** `negotiated_linkrate` that each of its phys with a link has at least. */
  | { readonly kind: 'link-rate'; readonly atLeast: string }
  | { readonly kind: 'ses-revision'; readonly subenclosureId: number; readonly equals: string }
  /** `{device}` in the path: the directory of the unit. */
  | { readonly kind: 'sysfs'; readonly path: string; readonly equals: string };
