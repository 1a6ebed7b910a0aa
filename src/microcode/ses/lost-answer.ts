import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { isInternalFailure, senseRule } from '../../device/sense-table.ts';
import { senseText } from '../../scsi/sense.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import { saysItWaits } from '../deferred-image.ts';
import type { BadEnd } from '../end.ts';
import { endsDeferred } from '../chunks.ts';
import type { Chunk } from '../chunks.ts';
import type { SesDownload } from './pages.ts';
import { readStatusEntry } from './status.ts';
import type { StatusEntry } from './status.ts';
import { waitReady } from '../wait-ready.ts';

/** The result of a page whose answer was lost. */
export type LostAnswer =
  /** The device has it, or it has not: the expected offset says so. */
  | { readonly kind: 'came' | 'did-not-come' }
  /** The device speaks of an end of the download, good or bad. */
  | { readonly kind: 'status'; readonly read: StatusEntry }
  /** The deferred image is complete and waits. */
  | { readonly kind: 'waits' }
  | BadEnd<'forgotten' | 'unclear' | 'failed' | 'frozen'>;

/** Larger pages than this have made enclosures hang until their power was cycled (field reports). */
const COMMON_PAGE_BYTES = 4096;

/**
 * An unclear page is never simply sent again: the expected offset tells, where the device reports it and does not mind
 * being asked (decisions.md#unclear-answers).
 */
export async function askWhatCame(
  device: Device,
  failure: Refusal,
  options: {
    readonly download: SesDownload;
    readonly page: Chunk;
    readonly reportsOffset: boolean;
    readonly waitMs: number;
    /** An image of an earlier section waits already. */
    readonly earlierWaits?: boolean | undefined;
  },
): Promise<LostAnswer> {
  const { download, page, waitMs } = options;
  const { hasAll } = page;
  const mayHaveStarted = hasAll && !endsDeferred(download);
  const lost: LostAnswer = { kind: mayHaveStarted ? 'unclear' : 'forgotten', failure };
  if (download.statusReads === 'none' && !hasAll) return lost;

  const { ready, attentions, problem, sense } = await waitReady(device, { withinMs: waitMs });
  if (isInternalFailure(sense)) return { kind: 'frozen', failure: problem ?? failure };
  if (!ready) return { kind: hasAll ? 'unclear' : 'failed', failure: silence(failure, page) };
  for (const attention of hasAll ? [] : attentions) {
    const { action, next } = senseRule(attention, 'during');
    const message = `${failure.message}; then ${senseText(attention)}`;
    if (action === 'stop') return { kind: 'failed', failure: { ...failure, message, next } };
    if (action === 'restart') return lost;
  }
  const moment = hasAll ? 'last' : 'during';
  const { statusTimeoutMs } = download;
  const read = await readStatusEntry(device, download.subenclosureId, { moment, waitMs, statusTimeoutMs });
  if (read.kind === 'frozen') return read;
  if (read.kind !== 'entry') return lost;
  const { status, expectedOffsetBytes } = read.entry;
  switch (microcodeStatusFacts(status).kind) {
    case 'error':
    case 'success':
      return { kind: 'status', read };
    case 'idle':
      if (hasAll && endsDeferred(download) && options.earlierWaits !== true && (await saysItWaits(device)))
        return { kind: 'waits' };
      return lost;
    case 'interim':
  }
  // 02h and later: it has all that it wants, and is at work with it.
  if (status !== 0x01) return { kind: 'came' };
  // Still in progress: whatever came of the last page, nothing has started.
  const forgotten: LostAnswer = { kind: 'forgotten', failure };
  if (!options.reportsOffset) return forgotten;
  if (expectedOffsetBytes === page.offsetBytes + page.data.length) return { kind: 'came' };
  // Offset 0 may also mean "not reported"; before anything was accepted it is what a fresh download expects.
  const wantsIt = expectedOffsetBytes === page.offsetBytes && page.index > 0;
  return wantsIt ? { kind: 'did-not-come' } : forgotten;
}

/** An enclosure that does not answer any more after a page: the large ones among them have done that before. */
function silence(failure: Refusal, { data }: Chunk): Refusal {
  const message = `${failure.message}; it has not answered since`;
  if (data.length <= COMMON_PAGE_BYTES) return { ...failure, message };
  const next = `Power-cycle the enclosure, then try \`bpw: ${COMMON_PAGE_BYTES}\`: some enclosures lock up on larger pages.`;
  return { ...failure, message, next };
}
