import { hex } from '../../base/bytes.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { valueOf } from '../../base/facts.ts';
import { readFact } from '../../device/fact.ts';
import type { ScsiCommand } from '../../scsi/command.ts';
import type { MatchPage, ResolvedPlay, MatchBytes } from '../../playbook/resolved.ts';
import { rawInquiry, WHOLE_INQUIRY_BYTES } from '../../scsi/inquiry.ts';
import { inquiryVpd, rawVpdPage } from '../../scsi/vpd.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';

/** Pages of one unit as it sent them; null: it has no such page. One that is not in the map was not asked for, or not readable. */
export type MatchPages = ReadonlyMap<MatchPage, Uint8Array | null>;

/** The pages that these plays look at: those of their proofs, and what a unit says of its download modes. */
export function matchPagesOf(plays: readonly ResolvedPlay[]): ReadonlySet<MatchPage> {
  const wanted = plays.flatMap(({ match }) => match.proof.map(({ page }) => page));
  const writes = plays.some(({ download }) => download.some(({ via }) => via === 'write-buffer'));
  return new Set([...wanted, ...(writes ? [extendedInquiry.pageCode] : [])]);
}

/** Reads pages of a device. Throws DeviceError where it is gone. */
export async function readMatchPages(
  device: Device,
  asked: Iterable<MatchPage>,
): Promise<{ readonly pages: MatchPages; readonly unreadable: ReadonlyMap<MatchPage, Refusal> }> {
  const pages = new Map<MatchPage, Uint8Array | null>();
  const unreadable = new Map<MatchPage, Refusal>();
  for (const page of asked) {
    const read = await readFact(device, questionFor(page));
    if (read.kind === 'unreadable') unreadable.set(page, read.why);
    else pages.set(page, valueOf(read));
  }
  return { pages, unreadable };
}

const questionFor = (page: MatchPage): ScsiCommand<Uint8Array> =>
  page === 'standard' ? rawInquiry(WHOLE_INQUIRY_BYTES) : inquiryVpd(rawVpdPage(page));

/** Bytes that do not hold; null: all hold, or are on pages that are not known. */
export function mismatch(proofs: readonly MatchBytes[], pages: MatchPages): Refusal | null {
  for (const { page, offset, equals, text } of proofs) {
    const bytes = pages.get(page);
    if (bytes === undefined) continue;
    if (bytes === null) return refusal('proof-unreadable', { page: nameOf(page) });
    if (Buffer.compare(bytes.subarray(offset, offset + equals.length), equals) !== 0) {
      return refusal('proof-differs', { page: nameOf(page), offset, text });
    }
  }
  return null;
}

/** The first proof that does not hold; null: all hold. */
export function whyNotMatched(proofs: readonly MatchBytes[], pages: MatchPages): Refusal | null {
  const unknown = proofs.find(({ page }) => !pages.has(page));
  return (
    mismatch(proofs, pages) ??
    (unknown === undefined ? null : refusal('proof-unreadable', { page: nameOf(unknown.page) }))
  );
}

const nameOf = (page: MatchPage): string =>
  page === 'standard' ? 'the standard INQUIRY data' : `VPD page ${hex(page)}`;
