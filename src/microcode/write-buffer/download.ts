import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import type { ModeSupport } from '../../device/capabilities.ts';
import type { Sense } from '../../scsi/sense.ts';
import { modeFacts } from '../../scsi/write-buffer.ts';
import { commandCount, endMode, endsDeferred } from '../chunks.ts';
import { saysItWaits } from '../deferred-image.ts';
import { PassCounts } from '../pass-counts.ts';
import { downloaded, inPasses, whyNotRestart } from '../passes.ts';
import type { Downloaded, DownloadOptions, PassEnd, SentEnd } from '../passes.ts';
import { sendChunk } from '../send-chunk.ts';
import { waitReady } from '../wait-ready.ts';
import { writeBufferChunk, writeBufferCommand } from './commands.ts';
import type { WriteBufferDownload } from './commands.ts';

export interface WriteBufferOptions extends DownloadOptions<WriteBufferDownload> {
  /** What VPD 86h and the operation codes say about a mode. */
  readonly modeSupport: (mode: number) => ModeSupport;
}

/** How a download ended. Whether the device runs the new code is another question, and another module's. */
export type DownloadEnd = SentEnd & Downloaded & Deferral;

interface Deferral {
  /** Ends deferred: waits for an activation. */
  readonly deferred: boolean;
}

type SequenceEnd = PassEnd<WriteBufferDownload>;

/**
 * Sends an image by WRITE BUFFER. Sequence: send a chunk, look at the answer, go on; one restart from offset 0 at
 * most; the fallback only after the very first chunk (decisions.md#unclear-answers). Throws only for a bug.
 */
export async function downloadByWriteBuffer(
  device: Device,
  options: WriteBufferOptions,
): Promise<DownloadEnd> {
  const sequence = new Sequence(device, options);
  const end = await inPasses({
    download: options.download,
    fallback: options.fallback,
    nameOf: ({ mode }) => modeFacts(mode).name,
    run: (download) => sequence.run(download),
    prepareRestart: (_download, failure) => whyNotRestart(device, failure, options),
    onNotice: options.onNotice,
  });
  return sequence.end(end);
}

/** One pass over the image, and what was accepted in it. */
class Sequence {
  readonly #counts = new PassCounts();
  readonly #device: Device;
  readonly #options: WriteBufferOptions;

  constructor(device: Device, options: WriteBufferOptions) {
    this.#device = device;
    this.#options = options;
  }

  async run(download: WriteBufferDownload): Promise<SequenceEnd> {
    const counts = this.#counts;
    const chunks = commandCount(download);
    counts.beginPass(chunks);
    for (let index = 0; index < chunks; index++) {
      const chunk = writeBufferChunk(download, index);
      const untouched = counts.inDevice === 'nothing';
      const end = await sendChunk(this.#device, writeBufferCommand(download, chunk), {
        first: counts.doneChunks === 0,
        last: chunk.hasAll,
        offset: counts.doneBytes,
        waitMs: this.#options.waitMs,
        unchanged: this.#options.unchanged,
      });
      if (end.kind !== 'refused') {
        if (untouched && end.kind === 'failed' && this.#modeNotSupported(chunk.mode, end.sense)) {
          return { kind: 'mode-not-supported', failure: end.failure };
        }
        if (chunk.hasAll) counts.inDevice = 'all';
        else if (untouched) counts.inDevice = 'part';
        if (chunk.hasAll && end.kind === 'unclear') counts.lastAnswer = end.answer;
      }
      switch (end.kind) {
        case 'complete':
          if (end.warning !== null) this.#options.onNotice(end.warning);
          this.#options.onProgress(counts.accept(chunk.data.length, download.image.length));
          continue;
        case 'forgotten':
        case 'frozen':
        case 'failed':
          return { kind: end.kind, failure: end.failure };
        case 'unclear':
          if (chunk.hasAll) return this.#askAboutLast(download, end.failure);
          // Without offsets every command is an image of its own to the device: no second time.
          return { kind: modeFacts(chunk.mode).usesOffset ? 'forgotten' : 'unclear', failure: end.failure };
        case 'refused':
          return { kind: untouched ? 'refused' : 'failed', failure: end.failure };
      }
    }
    return { kind: 'complete', failure: null };
  }

  /**
   * 5/20/00 or 5/24/00 for the very first chunk of all, unless the device points at another byte than MODE, or says itself that
   * it knows the mode (decisions.md#fallback-and-activation).
   */
  #modeNotSupported(mode: number, sense: Sense | null): boolean {
    if (
      sense === null ||
      sense.deferred ||
      sense.key !== 5 ||
      sense.ascq !== 0 ||
      (sense.asc !== 0x20 && sense.asc !== 0x24)
    )
      return false;
    const pointer = sense.fieldPointer;
    if (pointer !== null && !(pointer.inCdb && pointer.byte === 1)) return false;
    return this.#options.modeSupport(mode) !== 'supported';
  }

  /** A self-activating last chunk is judged by the revision. A deferred one can be asked for: REQUEST SENSE 0/00/22. */
  async #askAboutLast(download: WriteBufferDownload, failure: Refusal): Promise<SequenceEnd> {
    if (!endsDeferred(download)) return { kind: 'unclear', failure };
    this.#counts.lastInDoubt = true;
    const { sense } = await waitReady(this.#device, { withinMs: this.#options.waitMs, patient: false });
    const tells = this.#options.earlierWaits !== true;
    if (tells && (isCode(sense, 0x2, 0x04, 0x1e) || (await saysItWaits(this.#device)))) {
      this.#options.onNotice(`${failure.message}; the device confirms that the image waits for activation`);
      this.#counts.lastInDoubt = false;
      return { kind: 'complete', failure };
    }
    return { kind: 'forgotten', failure };
  }

  end({ download, ...end }: SentEnd & { readonly download: WriteBufferDownload }): DownloadEnd {
    return { ...downloaded(end, endMode(download), this.#counts), deferred: endsDeferred(download) };
  }
}

function isCode(sense: Sense | null, key: number, asc: number, ascq: number): boolean {
  return sense !== null && sense.key === key && sense.asc === asc && sense.ascq === ascq;
}
