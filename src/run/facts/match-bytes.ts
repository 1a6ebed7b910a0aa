import { hex } from '../../base/bytes.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { optionally } from '../../device/identity.ts';
import type { ProofPage, ResolvedPlay, ResolvedProof } from '../../playbook/resolved.ts';
import { standardInquiry } from '../../scsi/inquiry.ts';
import { inquiryVpd, rawVpdPage } from '../../scsi/vpd.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';

/** Pages of one unit as it sent them; null: it has no such page. */
export type ProofPages = ReadonlyMap<ProofPage, Uint8Array | null>;

/** The pages that these plays look at: those of their proofs, and what a unit says of its download modes. */
export function proofPagesOf(plays: readonly ResolvedPlay[]): ReadonlySet<ProofPage> {
  const proofs = plays.flatMap(({ match }) => match.proof.map(({ page }) => page));
  const writes = plays.some(({ download }) => download.some(({ via }) => via === 'write-buffer'));
  return new Set([...proofs, ...(writes ? [extendedInquiry.pageCode] : [])]);
}

/** ADDITIONAL LENGTH is one byte behind a header of 5, and 255 is the most that SPC-2 lets one ask for. */
const WHOLE_INQUIRY_BYTES = 255;

/** Reads pages of a device. Throws DeviceError where it does not answer at all. */
export async function readProofPages(device: Device, pages: Iterable<ProofPage>): Promise<ProofPages> {
  const found = new Map<ProofPage, Uint8Array | null>();
  for (const page of pages) {
    const command =
      page === 'standard'
        ? { ...standardInquiry(WHOLE_INQUIRY_BYTES), decode: (bytes: Uint8Array) => bytes.slice() }
        : inquiryVpd(rawVpdPage(page));
    found.set(page, await optionally(device, command));
  }
  return found;
}

/** The first proof that does not hold; null: all hold. */
export function unproven(proofs: readonly ResolvedProof[], pages: ProofPages): Refusal | null {
  for (const { page, offset, equals, text } of proofs) {
    const what = page === 'standard' ? 'the standard INQUIRY data' : `VPD page ${hex(page)}`;
    const bytes = pages.get(page) ?? null;
    if (bytes === null) return refusal('proof-unreadable', { page: what });
    if (Buffer.compare(bytes.subarray(offset, offset + equals.length), equals) !== 0) {
      return refusal('proof-differs', { page: what, offset, text });
    }
  }
  return null;
}
