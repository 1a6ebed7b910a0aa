import { failureAt } from '../base/errors.ts';
import type { FailureReport } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import type { EnclosureDescriptor } from '../ses/configuration.ts';
import { downloadMicrocode } from '../ses/download-microcode-control.ts';
import { ANY_OFFSET } from '../ses/download-microcode-status.ts';
import type { SubenclosureMicrocodeStatus } from '../ses/download-microcode-status.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../ses/microcode-status.ts';
import type { DownloadProgress } from './download.ts';
import { sendChunk } from './send-chunk.ts';
import { beginSes, readDescriptor, sameSubenclosure } from './ses-begin.ts';
import { readFinalStatus } from './ses-final.ts';
import { cutPages } from './ses-pages.ts';
import type { SesDownload, SesPage } from './ses-pages.ts';
import { clearDownload } from './ses-restart.ts';
import { entryOf, noSuchSubenclosure, readMicrocodeStatus, statusWithField } from './ses-status.ts';
import { waitReady } from './wait-ready.ts';

export interface SesOptions {
  readonly download: SesDownload;
  /** `otherwise: {when: mode-not-supported}`; null: none. */
  readonly fallback: SesDownload | null;
  readonly unchanged: () => Promise<boolean>;
  readonly waitMs: number;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onNotice: (message: string) => void;
  readonly onWaiting: (what: string, withinMs: number) => void;
}

export interface SesEnd {
  /** As in `DownloadEnd`. */
  readonly kind: 'complete' | 'uncertain' | 'refused' | 'failed' | 'frozen';
  readonly mode: number;
  readonly doneBytes: number;
  readonly doneChunks: number;
  readonly failure: FailureReport | null;
  /** The device got every byte at least once: new code may start, whatever was answered. */
  readonly mayRun: boolean;
  /** The first final status (10h and above) that the device showed; it shows it once. null: none was seen. */
  readonly finalStatus: number | null;
}

type PassEnd =
  | { readonly kind: SesEnd['kind']; readonly failure: FailureReport | null }
  | { readonly kind: 'restart'; readonly failure: FailureReport; readonly withoutReads: boolean }
  | { readonly kind: 'mode-not-supported'; readonly failure: FailureReport };

/**
 * Sends an image by SEND DIAGNOSTIC page 0Eh and watches page 0Eh of RECEIVE DIAGNOSTIC RESULTS: send a page, read the
 * status, compare generation code, subenclosure, status and expected offset, go on. One restart from offset 0 at
 * the most, and one more without status reads where the device showed that it minds them. Throws only for a bug.
 */
export async function downloadBySes(device: Device, options: SesOptions): Promise<SesEnd> {
  const pass = new Pass(device, options);
  let download = options.download;
  let fallback = options.fallback;
  let restartsLeft = 1;
  for (;;) {
    const end = await pass.run(download, fallback !== null);
    if (end.kind === 'mode-not-supported' && fallback !== null) {
      options.onNotice("the mode is not supported by this device; the playbook's fallback is used");
      [download, fallback] = [fallback, null];
      continue;
    }
    if (end.kind === 'restart' && restartsLeft-- > 0) {
      options.onNotice(`${end.failure.message}; the download starts again from offset 0, once`);
      if (end.withoutReads) download = { ...download, statusReads: 'none' };
      const obstacle = await pass.prepareRestart(download, end.failure);
      if (obstacle === null) continue;
      return pass.end(download, obstacle);
    }
    return pass.end(download, end);
  }
}

/** One pass over the image. */
class Pass {
  readonly #device: Device;
  readonly #options: SesOptions;
  #doneBytes = 0;
  #doneChunks = 0;
  #generationCode = 0;
  /** Page 01h about our subenclosure at the start; null: the page could not be read. */
  #descriptor: EnclosureDescriptor | null = null;
  #offsetsReported = true;
  /** The last page was sent, in this or an earlier pass. */
  #mayRun = false;
  #finalStatus: number | null = null;

  constructor(device: Device, options: SesOptions) {
    this.#device = device;
    this.#options = options;
  }

  async run(download: SesDownload, mayFallBack: boolean): Promise<PassEnd> {
    this.#doneBytes = 0;
    this.#doneChunks = 0;
    this.#offsetsReported = true;
    const begin = await beginSes(this.#device, download, this.#options);
    if ('failure' in begin) return { kind: 'refused', failure: begin.failure };
    this.#generationCode = begin.generationCode;
    this.#descriptor = begin.descriptor;
    const pages = cutPages(download);
    for (const page of pages) {
      const end = await this.#sendPage(download, page, mayFallBack);
      if (end !== null) return end;
      this.#doneBytes += page.data.length;
      this.#doneChunks++;
      this.#options.onProgress({
        doneBytes: this.#doneBytes,
        totalBytes: download.image.length,
        chunk: this.#doneChunks,
        chunks: pages.length,
      });
      const watched = page.last
        ? await this.#readFinal(download)
        : await this.#watch(download, page, mayFallBack);
      if (watched !== null) return watched;
    }
    return { kind: 'complete', failure: null };
  }

  /** Sends one page until it is settled; null: accepted. */
  async #sendPage(download: SesDownload, page: SesPage, mayFallBack: boolean): Promise<PassEnd | null> {
    for (let asked = 0; ; asked++) {
      const first = this.#doneChunks === 0;
      const command = downloadMicrocode(
        {
          subenclosureId: download.subenclosureId,
          generationCode: this.#generationCode,
          mode: page.mode,
          bufferId: page.bufferId,
          bufferOffsetBytes: page.bufferOffsetBytes,
          imageLengthBytes: download.imageLengthBytes,
          data: page.data,
        },
        page.timeoutMs,
      );
      const end = await sendChunk(this.#device, command, {
        first,
        last: page.last,
        offset: this.#doneBytes,
        waitMs: this.#options.waitMs,
        unchanged: this.#options.unchanged,
      });
      if (page.last && end.kind !== 'not-sent' && end.kind !== 'changed') this.#mayRun = true;
      switch (end.kind) {
        case 'accepted':
          if (end.warning !== null) this.#options.onNotice(end.warning);
          return null;
        case 'forgotten':
          return restart(end.failure);
        case 'changed':
        case 'not-sent':
          return { kind: first ? 'refused' : 'failed', failure: end.failure };
        case 'freeze':
          return { kind: 'frozen', failure: end.failure };
        case 'unclear': {
          const answer = await this.#askWhatCame(download, page, end.failure);
          if (answer === 'came') return null;
          if (answer !== 'did-not-come') return answer;
          if (asked > 0) return { kind: 'failed', failure: end.failure };
          continue;
        }
        case 'stop': {
          const { sense } = end;
          const minds = sense?.key === 5 && sense.asc === 0x26 && sense.ascq === 0x00;
          // Read also where the playbook says none: after a refusal there is nothing to lose (80h names the field).
          const said = await this.#readAfterRefusal(download, end.failure);
          if (said.status === 0x83) return { kind: 'frozen', failure: said.failure };
          if (first && mayFallBack && said.status === 0x80 && said.additionalStatus === 8) {
            return { kind: 'mode-not-supported', failure: said.failure };
          }
          // The mark of a device that drops its download when page 0Eh is read: the second page, 5/26/00, and a read
          // between the two that showed nothing wrong.
          if (minds && page.index === 1 && download.statusReads !== 'none') {
            const failure = {
              ...said.failure,
              message: `${said.failure.message}; this device drops a download when its status is read`,
              next: 'Write `status-reads: none` for this device.',
            };
            return download.statusReads === 'auto'
              ? { kind: 'restart', failure, withoutReads: true }
              : { kind: 'failed', failure };
          }
          return { kind: 'failed', failure: said.failure };
        }
      }
    }
  }

  /** The status between two pages; null: go on. */
  async #watch(download: SesDownload, page: SesPage, mayFallBack: boolean): Promise<PassEnd | null> {
    if (download.statusReads === 'none') return null;
    const read = await readMicrocodeStatus(this.#device, { began: true, waitMs: this.#options.waitMs });
    if (read.kind === 'reset') return restart(read.failure);
    // The read itself changes nothing that was sent, but without it nobody knows where the device stands.
    if (read.kind === 'no-answer') return restart(read.failure);
    const ours = entryOf(read.page, download.subenclosureId);
    if (ours === null) return { kind: 'failed', failure: noSuchSubenclosure(download.subenclosureId) };
    const next = page.bufferOffsetBytes + page.data.length;
    if (read.page.generationCode !== this.#generationCode) {
      const moved = await this.#followGenerationCode(read.page.generationCode, ours, next);
      if (moved !== null) return moved;
    }
    const { kind } = microcodeStatusFacts(ours.status);
    switch (kind) {
      case 'idle':
        return restart(
          this.#failure(`the device dropped the download: ${microcodeStatusText(ours.status)}`, page),
        );
      case 'error':
        return this.#errorStatus(ours, page, mayFallBack);
      case 'success':
        this.#finalStatus = ours.status;
        return this.#endedEarly(ours, page);
      case 'interim':
        if (ours.status !== 0x01) return this.#endedEarly(ours, page);
    }
    return this.#checkExpected(ours, page, next);
  }

  /** Expected offset: FFFFFFFFh is any, 0 after the first page is "not reported" (rules.md section 3). */
  #checkExpected(ours: SubenclosureMicrocodeStatus, page: SesPage, next: number): PassEnd | null {
    if (!this.#offsetsReported || ours.expectedOffsetBytes === ANY_OFFSET) return null;
    if (ours.expectedOffsetBytes === 0 && page.index === 0) {
      this.#offsetsReported = false;
      this.#options.onNotice('the device does not report the offset that it expects; it is not compared');
      return null;
    }
    if (ours.expectedOffsetBytes === next) return null;
    const message = `the device expects offset ${ours.expectedOffsetBytes} of buffer ${ours.expectedBufferId}, and ${next} comes next`;
    return { kind: 'failed', failure: this.#failure(message, page) };
  }

  /** Page 01h again: the same subenclosure, still ours, still at our offset: go on with the new code. Else stop. */
  async #followGenerationCode(
    generationCode: number,
    ours: SubenclosureMicrocodeStatus,
    next: number,
  ): Promise<PassEnd | null> {
    const text = `the generation code moved from ${this.#generationCode} to ${generationCode}`;
    const same = sameSubenclosure(this.#descriptor, await readDescriptor(this.#device, ours.subenclosureId));
    const expected = ours.expectedOffsetBytes;
    const atOurs = expected === next || expected === ANY_OFFSET || !this.#offsetsReported;
    if (same && ours.status === 0x01 && atOurs) {
      this.#options.onNotice(`${text}; the subenclosure is the same, the download goes on`);
      this.#generationCode = generationCode;
      return null;
    }
    const advice = 'Find out what changes in this enclosure (modules, cables), then run the playbook again.';
    return {
      kind: 'failed',
      failure: failureAt('procedure', `${text}, and the subenclosure is not as it was`, advice),
    };
  }

  /** The status after the last page; null: nothing speaks against the download. */
  async #readFinal(download: SesDownload): Promise<PassEnd | null> {
    if (download.statusReads === 'none' || download.finalStatus === 'skip') return null;
    const { waitMs, onWaiting, onNotice } = this.#options;
    const writingMs = download.timeouts.lastMs;
    const final = await readFinalStatus(this.#device, download.subenclosureId, {
      writingMs,
      waitMs,
      onWaiting,
    });
    switch (final.kind) {
      case 'success':
        this.#finalStatus = final.entry.status;
        if (final.entry.status > 0x13) onNotice(`final status: ${microcodeStatusText(final.entry.status)}`);
        return null;
      case 'idle':
        onNotice('no final status was seen; do not power-cycle the device before the verdict is understood');
        return null;
      case 'error':
        return this.#errorStatus(final.entry, null, false);
      case 'interim': {
        const text = `all bytes were sent, and still: ${microcodeStatusText(final.entry.status)}`;
        const kind = final.entry.status === 0x01 ? 'failed' : 'uncertain';
        return { kind, failure: this.#failure(text, null) };
      }
      case 'no-answer': {
        // Some devices start the new code before this read (sg_ses_microcode --ealsd).
        const next = 'If the revision is the new one, write `final-status: skip` for this device.';
        return { kind: 'uncertain', failure: { ...final.failure, next } };
      }
    }
  }

  /** After a lost answer the expected offset tells, where the device reports it and does not mind being asked. */
  async #askWhatCame(
    download: SesDownload,
    page: SesPage,
    failure: FailureReport,
  ): Promise<'came' | 'did-not-come' | PassEnd> {
    const lost: PassEnd = page.last ? { kind: 'uncertain', failure } : restart(failure);
    if (download.statusReads === 'none' && !page.last) return lost;
    const { ready, attentions } = await waitReady(this.#device, { withinMs: this.#options.waitMs });
    if (!ready || attentions.some(({ asc }) => asc === 0x29 || asc === 0x3f)) return lost;
    const read = await readMicrocodeStatus(this.#device, { began: true, waitMs: this.#options.waitMs });
    const ours = read.kind === 'page' ? entryOf(read.page, download.subenclosureId) : null;
    if (ours === null) return lost;
    const { kind } = microcodeStatusFacts(ours.status);
    if (kind === 'error') return this.#errorStatus(ours, page, false);
    if (kind === 'success') {
      this.#finalStatus = ours.status;
      return page.last ? { kind: 'complete', failure } : this.#endedEarly(ours, page);
    }
    if (page.last && ours.status !== 0x00 && ours.status !== 0x01) return 'came';
    if (ours.status !== 0x01 || !this.#offsetsReported) return lost;
    if (ours.expectedOffsetBytes === page.bufferOffsetBytes + page.data.length) return 'came';
    // Offset 0 may also mean "not reported"; before anything was accepted it is what a fresh download expects.
    return ours.expectedOffsetBytes === page.bufferOffsetBytes && page.bufferOffsetBytes > 0
      ? 'did-not-come'
      : lost;
  }

  async #readAfterRefusal(
    download: SesDownload,
    failure: FailureReport,
  ): Promise<{ failure: FailureReport; status: number | null; additionalStatus: number }> {
    const read = await readMicrocodeStatus(this.#device, { began: true, waitMs: 0 });
    const ours = read.kind === 'page' ? entryOf(read.page, download.subenclosureId) : null;
    if (ours === null || microcodeStatusFacts(ours.status).kind !== 'error') {
      return { failure, status: ours?.status ?? null, additionalStatus: 0 };
    }
    const message = `${failure.message}; status: ${statusWithField(ours)}`;
    return { failure: { ...failure, message }, status: ours.status, additionalStatus: ours.additionalStatus };
  }

  #errorStatus(ours: SubenclosureMicrocodeStatus, page: SesPage | null, mayFallBack: boolean): PassEnd {
    const failure = this.#failure(statusWithField(ours), page);
    if (ours.status === 0x83) {
      const next = `Do not reset the enclosure and do not switch it off: send subenclosure ${ours.subenclosureId} a good image first.`;
      return { kind: 'frozen', failure: { ...failure, next } };
    }
    // Too long between two pages: nothing is wrong with the image.
    if (ours.status === 0x82) return restart(failure);
    const firstPage = page?.index === 0;
    if (firstPage && mayFallBack && ours.status === 0x80 && ours.additionalStatus === 8) {
      return { kind: 'mode-not-supported', failure };
    }
    return { kind: 'failed', failure };
  }

  /** The device says that it has everything before everything was sent: nothing more is sent, the revision tells. */
  #endedEarly(ours: SubenclosureMicrocodeStatus, page: SesPage): PassEnd {
    const message = `the device ended the download early: ${microcodeStatusText(ours.status)}`;
    return { kind: 'uncertain', failure: this.#failure(message, page) };
  }

  #failure(message: string, page: SesPage | null): FailureReport {
    const next =
      'Check that the image is meant for this model, and whether something else talks to this enclosure.';
    return { ...failureAt('device', message, next), offset: page === null ? null : this.#doneBytes };
  }

  /** null: go ahead. Anything else ends the download: a device that runs other code now must not get the image again. */
  async prepareRestart(download: SesDownload, failure: FailureReport): Promise<PassEnd | null> {
    const { waitMs, unchanged } = this.#options;
    const { ready, problem } = await waitReady(this.#device, { withinMs: waitMs });
    if (!ready) return { kind: 'failed', failure: problem ?? failure };
    if (!(await unchanged())) return { kind: 'uncertain', failure };
    const left = await clearDownload(this.#device, download, waitMs);
    if (left === 'free') return null;
    if (left === 'no-answer' || left.status === 0x01) return { kind: 'failed', failure };
    const { kind } = microcodeStatusFacts(left.status);
    if (kind === 'error') return this.#errorStatus(left, null, false);
    if (kind === 'success') this.#finalStatus = left.status;
    return { kind: 'uncertain', failure };
  }

  end(download: SesDownload, { kind, failure }: PassEnd): SesEnd {
    return {
      kind: kind === 'restart' || kind === 'mode-not-supported' ? 'failed' : kind,
      mode: download.endWithMode ?? download.lastMode ?? download.mode,
      doneBytes: this.#doneBytes,
      doneChunks: this.#doneChunks,
      failure,
      mayRun: this.#mayRun,
      finalStatus: this.#finalStatus,
    };
  }
}

const restart = (failure: FailureReport): PassEnd => ({ kind: 'restart', failure, withoutReads: false });
