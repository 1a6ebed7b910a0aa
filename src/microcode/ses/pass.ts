import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { SenseKey } from '../../scsi/sense.ts';
import type { Sense } from '../../scsi/sense.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../../ses/microcode-status.ts';
import { downloaded } from '../passes.ts';
import type { Downloaded, DownloadOptions, PassEnd, SentEnd } from '../passes.ts';
import { PassCounts } from '../pass-counts.ts';
import { sendChunk } from '../send-chunk.ts';
import { beginSes } from './begin.ts';
import { readFinal } from './final.ts';
import { askWhatCame } from './lost-answer.ts';
import { pageAt, pageCommand } from './pages.ts';
import { commandCount, endMode, endsDeferred } from '../chunks.ts';
import type { Chunk } from '../chunks.ts';
import type { SesDownload } from './pages.ts';
import { endByReading, endByStatus, mindsBeingRead, refusesCommand } from './refusal.ts';
import { whyNotSesRestart } from './restart.ts';
import { adviceFor, readStatusEntry, refusalByStatus, refusalCodeOf, statusWithField } from './status.ts';
import type { StatusEntry } from './status.ts';
import { watchPage } from './watch.ts';
import type { Reported } from './watch.ts';

/** What the device has said of the end of the download in this pass: a final status is shown once. */
type Told =
  | { readonly kind: 'nothing' }
  /** 00h or an error: nothing is left to ask. */
  | { readonly kind: 'ended' }
  /** The first status 10h to 7Fh. */
  | { readonly kind: 'final'; readonly status: number };

/**
 * One pass over the image, and what was accepted in it:
 *
 *     begin ──▶ page ──accepted──▶ status ──01h──▶ page … last page ──▶ final status ──▶ complete
 *       │         │                   ╰── any other status: the download has ended, well or not
 *       │         ├── the answer was lost: page 0Eh is asked what came; then on, or the page once more
 *       │         ╰── forgotten: the pass ends, and one more begins from offset 0
 *       ╰── refused, where nothing of the image is in the device yet; failed after that
 */
export class SesPass {
  readonly #device: Device;
  readonly #options: SesOptions;
  readonly #counts = new PassCounts();
  #told: Told = { kind: 'nothing' };
  #reported: Reported = { generationCode: 0, descriptor: null, reportsOffset: true };

  constructor(device: Device, options: SesOptions) {
    this.#device = device;
    this.#options = options;
  }

  async run(download: SesDownload): Promise<PassEnd<SesDownload>> {
    const counts = this.#counts;
    const chunks = commandCount(download);
    this.#beginPass(chunks);
    const { clearFirst, follows, ...hooks } = this.#options;
    const mayWait = clearFirst === true || follows === true;
    const begin = await beginSes(this.#device, download, { ...hooks, mayWait });
    if ('failure' in begin)
      return { kind: counts.inDevice === 'nothing' ? 'refused' : 'failed', failure: begin.failure };
    this.#reported = { ...begin, reportsOffset: true };
    for (let index = 0; index < chunks; index++) {
      const page = pageAt(download, index);
      const before = counts.inDevice;
      const untouched = before === 'nothing';
      let end = await this.#send(download, page, untouched);
      if (end === null) {
        this.#options.onProgress(counts.accept(page.data.length, download.image.length));
        end = await this.#watch(download, page, untouched);
      }
      if (end?.kind === 'refused' || end?.kind === 'mode-not-supported') counts.inDevice = before;
      else if (counts.inDevice === 'nothing') counts.inDevice = 'part';
      if (end !== null) return end;
      if (this.#told.kind === 'final') break; // an empty page at the end has nothing to add
    }
    return { kind: 'complete', failure: null };
  }

  /** Each pass is counted, and ends, for itself. */
  #beginPass(chunks: number): void {
    this.#counts.beginPass(chunks);
    this.#told = { kind: 'nothing' };
  }

  /** Sends one page until it is settled; null: accepted. */
  async #send(download: SesDownload, page: Chunk, untouched: boolean): Promise<PassEnd<SesDownload> | null> {
    for (let resent = false; ; resent = true) {
      const command = pageCommand(download, page, this.#reported.generationCode);
      const end = await sendChunk(this.#device, command, {
        first: this.#counts.doneChunks === 0,
        last: page.hasAll,
        offset: this.#counts.doneBytes,
        waitMs: this.#options.waitMs,
        unchanged: this.#options.unchanged,
      });
      if (page.hasAll && end.kind !== 'refused') this.#counts.inDevice = 'all';
      switch (end.kind) {
        case 'complete':
          if (end.warning !== null) this.#options.onNotice(end.warning);
          return null;
        case 'forgotten':
          return end;
        case 'refused':
          return { kind: untouched ? 'refused' : 'failed', failure: end.failure };
        case 'frozen': {
          const { failure } = await this.#refusal(download, page, end.failure, null, false);
          return { kind: 'frozen', failure: failure ?? end.failure };
        }
        case 'failed':
          return this.#refusal(download, page, end.failure, end.sense, untouched);
        case 'unclear': {
          this.#counts.lastAnswer = page.hasAll ? end.answer : 'known';
          // A unit attention says that the page was not executed: no image is complete without its last one.
          if (end.failure.sense?.key === SenseKey.unitAttention)
            return { kind: 'forgotten', failure: end.failure };
          const answer = await this.#lostAnswer(download, page, end.failure);
          if (answer === null) this.#counts.lastAnswer = 'known';
          if (answer !== 'did-not-come') return answer;
          this.#counts.lastAnswer = 'known';
          if (resent) return { kind: 'failed', failure: end.failure };
        }
      }
    }
  }

  /** null: the page came. */
  async #lostAnswer(
    download: SesDownload,
    page: Chunk,
    failure: Refusal,
  ): Promise<PassEnd<SesDownload> | 'did-not-come' | null> {
    const { waitMs, onNotice, earlierWaits } = this.#options;
    const { reportsOffset } = this.#reported;
    const options = { download, page, reportsOffset, waitMs, earlierWaits };
    const answer = await askWhatCame(this.#device, failure, options);
    switch (answer.kind) {
      case 'came':
        onNotice(`${failure.message}; the device has received this page nevertheless`);
        return null;
      case 'did-not-come':
        onNotice(`${failure.message}; the device still expects this page, so it is sent again`);
        return 'did-not-come';
      case 'waits':
        onNotice(`${failure.message}; the device confirms that the image waits for activation`);
        return { kind: 'complete', failure };
      case 'status':
        this.#counts.lastAnswer = 'known';
        return this.#status(answer.read, page, false, failure) ?? { kind: 'complete', failure };
      default: {
        if (page.hasAll && endsDeferred(download)) this.#counts.lastInDoubt = true;
        return answer;
      }
    }
  }

  /** What the status says after an accepted page; null: go on. */
  async #watch(download: SesDownload, page: Chunk, untouched: boolean): Promise<PassEnd<SesDownload> | null> {
    const skipped = page.last && download.finalStatus === 'skip';
    if (download.statusReads === 'none' || skipped || this.#told.kind === 'final') return null;
    const { waitMs, onWaiting, onNotice, earlierWaits } = this.#options;
    const options = {
      ...{ download, reported: this.#reported, doneBytes: this.#counts.doneBytes },
      ...{ waitMs, onWaiting, earlierWaits },
    };
    const seen = page.last
      ? await readFinal(this.#device, options)
      : await watchPage(this.#device, page, options);
    if (seen.kind === 'status') return this.#status(seen.read, page, untouched);
    if (seen.kind !== 'go-on') return seen;
    for (const notice of seen.notices) onNotice(notice);
    this.#reported = seen.reported;
    if (page.last) this.#told = { kind: 'ended' };
    return null;
  }

  /**
   * A refused SEND DIAGNOSTIC, and one reading of the status: also where the playbook says none, because after a refusal
   * there is nothing to lose, and 80h names the field.
   */
  async #refusal(
    download: SesDownload,
    page: Chunk,
    failure: Refusal,
    sense: Sense | null,
    untouched: boolean,
  ): Promise<PassEnd<SesDownload>> {
    const moment = page.hasAll ? 'last' : 'during';
    const { subenclosureId, statusTimeoutMs } = download;
    const read = await readStatusEntry(this.#device, subenclosureId, { moment, waitMs: 0, statusTimeoutMs });
    if (read.kind === 'frozen') return read;
    if (read.kind !== 'entry') return { kind: 'failed', failure };
    if (mindsBeingRead(download, page, sense, read.entry)) return endByReading(download, failure);
    const isError = microcodeStatusFacts(read.entry.status).kind === 'error';
    const end = isError ? this.#status(read, page, untouched, failure) : null;
    if (end !== null) return end;
    // Before its data: nothing of the image came.
    return { kind: untouched && refusesCommand(sense) ? 'refused' : 'failed', failure };
  }

  /**
   * The device says that the download has ended. null: well, and it has every byte. Otherwise nothing more is sent.
   *
   * @param refused what SEND DIAGNOSTIC itself said
   */
  #status(
    { entry, page: { generationCode } }: StatusEntry,
    page: Chunk,
    untouched: boolean,
    refused: Refusal | null = null,
  ): PassEnd<SesDownload> | null {
    const { kind } = microcodeStatusFacts(entry.status);
    const before = this.#reported.generationCode;
    const moved =
      generationCode === before ? '' : `; the generation code changed from ${before} to ${generationCode}`;
    if (kind === 'error') {
      if (this.#counts.inDevice === 'all') this.#counts.inDevice = 'part';
      if (this.#told.kind !== 'final') this.#told = { kind: 'ended' };
      const text = `${statusWithField(entry)}${moved}`;
      const failure =
        refused === null
          ? refusalByStatus(entry, text, this.#counts.doneBytes)
          : {
              ...refused,
              code: refusalCodeOf(entry.status),
              message: `${refused.message}; status: ${text}`,
              next: adviceFor(entry),
            };
      return endByStatus(entry, failure, untouched);
    }
    if (kind === 'success') this.#told = { kind: 'final', status: entry.status };
    if (entry.status > 0x13) this.#options.onNotice(`final status: ${microcodeStatusText(entry.status)}`);
    this.#reported = { ...this.#reported, generationCode };
    if (page.hasAll) return null;
    const what = `the device ended the download early: ${microcodeStatusText(entry.status)}`;
    return { kind: 'unclear', failure: refusal('ended-early', { what }, { offset: this.#counts.doneBytes }) };
  }

  async prepareRestart(download: SesDownload, failure: Refusal): Promise<SentEnd | null> {
    const whyNot = await whyNotSesRestart(this.#device, download, {
      ...this.#options,
      failure,
      doneBytes: this.#counts.doneBytes,
    });
    if (whyNot === null) return null;
    const { finalStatus, ...end } = whyNot;
    if (finalStatus !== null) this.#told = { kind: 'final', status: finalStatus };
    return end;
  }

  end({ download, ...end }: SentEnd & { readonly download: SesDownload }): SesEnd {
    return {
      ...downloaded(end, endMode(download), this.#counts),
      finalStatus: this.#told.kind === 'final' ? this.#told.status : null,
      finalAnswer: this.#told.kind !== 'nothing',
      generationCode: this.#reported.generationCode,
    };
  }
}

export interface SesOptions extends DownloadOptions<SesDownload> {
  /** What an earlier download left is discarded before the first page. */
  readonly clearFirst?: boolean;
  /** An earlier section sends to the same subenclosure: its image may wait there. */
  readonly follows?: boolean;
  readonly onWaiting: (what: string, withinMs: number) => void;
}

export type SesEnd = SentEnd & Downloaded & SesAnswers;

/** What the status page said of the download. */
interface SesAnswers {
  /** The first final status (10h–7Fh) that the device showed; it shows it once. null: none was seen. */
  readonly finalStatus: number | null;
  /** The device said how the download ended, well or not: there is nothing left to ask. */
  readonly finalAnswer: boolean;
  /** GENERATION CODE of the last status page that was compared. */
  readonly generationCode: number;
}
