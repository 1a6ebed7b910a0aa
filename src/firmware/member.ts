/** `link`: to another member or file; `other`: a device node, a pipe. */
export type MemberKind = 'file' | 'directory' | 'link' | 'other';

/** One member of a carrier. Members come in the order of the file, and a member is gone when the next one comes. */
export interface Member {
  /** In one form: `fw/image.bin`. */
  readonly name: string;
  readonly kind: MemberKind;
  /** As the carrier says. */
  readonly sizeBytes: number;
  /** From the beginning; once, and only for files. Throws ImageError where the carrier is damaged. */
  bytes(): AsyncGenerator<Uint8Array, void>;
}

/** File type bits of a mode, as in stat(2); cpio and zip carry it. */
export function kindOfMode(mode: number): MemberKind {
  switch (mode & 0o170000) {
    case 0o100000:
      return 'file';
    case 0o040000:
      return 'directory';
    case 0o120000:
      return 'link';
    default:
      return 'other';
  }
}
