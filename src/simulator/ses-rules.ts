/** How SEND DIAGNOSTIC page 0Eh works on an enclosure (SES-2 6.1.18; scsi-microcode.md#page-0eh-of-ses). */
export interface SesRules {
  /** DOWNLOAD MICROCODE MODE values that it knows; every other one makes it drop a download. */
  readonly modes: readonly number[];
  /** The primary one first. The places of the others need not follow their ids. */
  readonly subenclosures: readonly SubenclosureRules[];
  readonly maximumImageBytes: number;
  /**
   * EXPECTED BUFFER OFFSET of page 0Eh. `tracked` and `zero` take pages in order only, and `zero` never says where
   * it is; `any` says FFFFFFFFh and takes them in any order.
   */
  readonly expectedOffset: 'tracked' | 'zero' | 'any';
  /** How SEND DIAGNOSTIC itself ends where page 0Eh then reports an error: GOOD, or 5/26/00. */
  readonly refusal: 'good' | 'check-condition';
  /** Status 80h comes with the place of the wrong field, and 5/26/00 with a field pointer. */
  readonly namesWrongField: boolean;
  /** How long it writes its flash after the last byte: status 02h, or 03h for deferred code. */
  readonly writeMs: number;
  /** A download that stands still for longer than this is dropped: status 82h. */
  readonly pageTimeoutMs: number;
  /** Bits in the header of page 02h; absent: none is set. */
  readonly healthBits?: readonly HealthBit[];
  /** Page 02h is not there, or is cut within its header; absent: it is as it should be. */
  readonly healthPage?: 'absent' | 'damaged';
  /** SUBENCLOSURE NICKNAME of the primary one; absent: there is no page 0Fh. */
  readonly nickname?: string;
}

export type HealthBit = 'information' | 'noncritical' | 'critical' | 'unrecoverable';

export interface SubenclosureRules {
  /** SUBENCLOSURE IDENTIFIER */
  readonly id: number;
  readonly bufferIds: readonly number[];
  /** What page 01h says at the start; null: what INQUIRY says, for the primary one. */
  readonly code: { readonly product: string; readonly revision: string } | null;
  readonly types: readonly SesElements[];
}

/** Elements of one type, as page 01h counts them and pages 02h, 07h and 0Ah list them. */
export interface SesElements {
  readonly elementType: number;
  readonly text: string;
  /** ELEMENT STATUS CODE of each. */
  readonly codes: readonly number[];
  /** ELEMENT STATUS CODE of the overall element; absent: OK. */
  readonly overall?: number;
  /** The three bytes that depend on the type; absent: zeros. */
  readonly specific?: Uint8Array;
  /** Page 0Ah says that nothing is in them; absent: of those that are not installed. */
  readonly isEmpty?: true;
  /** Codes once an image of the lab runs; absent: no others. */
  readonly afterwards?: readonly number[];
  /** Codes for so long after a restart; absent: no others. */
  readonly meanwhile?: { readonly codes: readonly number[]; readonly forMs: number };
}
