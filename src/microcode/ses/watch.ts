import { valueOf } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { EnclosureDescriptor } from '../../ses/configuration.ts';
import { ANY_OFFSET } from '../../ses/download-microcode-status.ts';
import type { SubenclosureMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../../ses/microcode-status.ts';
import { readDescriptor, sameSubenclosure, tooLargeFor } from './begin.ts';
import type { Chunk } from '../chunks.ts';
import type { SesDownload } from './pages.ts';
import type { BadEnd } from '../end.ts';
import { pollStatusEntry } from './status.ts';
import type { StatusEntry } from './status.ts';

/** What the device is known to report, from the begin of a pass on. */
export interface Reported {
  readonly generationCode: number;
  /** Page 01h about our subenclosure before the first byte; null: it could not be read. */
  readonly descriptor: EnclosureDescriptor | null;
  /** False: the device says offset 0 whatever it has, which is never used for a decision. */
  readonly reportsOffset: boolean;
}

/** What the status after a page makes of the download. */
export type Seen =
  | { readonly kind: 'go-on'; readonly reported: Reported; readonly notices: readonly string[] }
  /** An error, or the device says that it has everything. */
  | { readonly kind: 'status'; readonly read: StatusEntry }
  | BadEnd<'forgotten' | 'unclear' | 'failed' | 'frozen'>;

export interface WatchOptions {
  readonly download: SesDownload;
  readonly reported: Reported;
  /** Bytes of the image that were accepted, for messages. */
  readonly doneBytes: number;
  readonly waitMs: number;
  readonly onWaiting: (what: string, withinMs: number) => void;
  /** An image of an earlier section waits already. */
  readonly earlierWaits?: boolean | undefined;
}

/** Reads the status after a page that is not the last. */
export async function watchPage(device: Device, page: Chunk, options: WatchOptions): Promise<Seen> {
  const { download, doneBytes } = options;
  const read = await pollStatusEntry(device, download.subenclosureId, {
    ...options,
    statusTimeoutMs: download.statusTimeoutMs,
    moment: 'during',
    // Some write their flash memory after each page.
    limitMs: (status) => (status === 0x01 ? 0 : download.timeouts.chunkMs),
  });
  switch (read.kind) {
    case 'frozen':
    case 'failed':
    case 'forgotten':
      return read;
    case 'unclear': // nobody knows where the device stands
      return { kind: 'forgotten', failure: read.failure };
    case 'entry':
  }
  const { status } = read.entry;
  if (status === 0x01) return compareInProgress(device, read, page, options);
  if (microcodeStatusFacts(status).kind !== 'idle') return { kind: 'status', read };
  const what = microcodeStatusText(status);
  return { kind: 'forgotten', failure: refusal('download-dropped', { what }, { offset: doneBytes }) };
}

/**
 * Compares a status 01h after `page` with what was sent: generation code, maximum size, expected buffer id and offset,
 * each by its rule (decisions.md#ses-downloads).
 */
async function compareInProgress(
  device: Device,
  { entry, page: { generationCode } }: StatusEntry,
  page: Chunk,
  { download, reported, doneBytes }: WatchOptions,
): Promise<Seen> {
  const reportsOffset = reported.reportsOffset && !(page.index === 0 && entry.expectedOffsetBytes === 0);
  const offset = doneBytes;
  const tooLarge = tooLargeFor(entry, download);
  if (tooLarge !== null) {
    const subenclosure = download.subenclosureId;
    return { kind: 'failed', failure: refusal('image-too-large', { subenclosure, ...tooLarge }, { offset }) };
  }
  const wrong = reportsOffset ? wrongOffset(entry, download, page) : null;
  if (wrong !== null)
    return { kind: 'failed', failure: refusal('wrong-offset', { what: wrong }, { offset }) };
  const notices: string[] = [];
  if (reported.reportsOffset && !reportsOffset)
    notices.push('the device does not report the offset that it expects; it is not compared');
  if (generationCode !== reported.generationCode) {
    const moved = `the generation code changed from ${reported.generationCode} to ${generationCode}`;
    // One attempt: a unit attention here would be a reset that nobody else hears of.
    if (
      !sameSubenclosure(reported.descriptor, valueOf(await readDescriptor(device, download.subenclosureId)))
    ) {
      return { kind: 'failed', failure: refusal('enclosure-changed', { what: moved }, { offset }) };
    }
    notices.push(`${moved}; the subenclosure is the same, so the download goes on`);
  }
  return { kind: 'go-on', reported: { ...reported, generationCode, reportsOffset }, notices };
}

/** Where the device wants the next page, if that is not where it goes; FFFFFFFFh is anywhere. */
function wrongOffset(
  { expectedBufferId, expectedOffsetBytes }: SubenclosureMicrocodeStatus,
  download: SesDownload,
  page: Chunk,
): string | null {
  if (expectedOffsetBytes === ANY_OFFSET) return null;
  const nextOffset = page.offsetBytes + page.data.length;
  const nextId = page.bufferId + download.bufferIdStep;
  // Id 0 beside an offset that is right is a field that the device leaves alone; a wrong id it will refuse by itself.
  const idFits = [nextId, page.bufferId, 0].includes(expectedBufferId);
  return expectedOffsetBytes === nextOffset && idFits
    ? null
    : `the device expects offset ${expectedOffsetBytes} of buffer ${expectedBufferId}, but offset ${nextOffset} of buffer ${nextId} is next`;
}
