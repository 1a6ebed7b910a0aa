import type { ImageInDevice } from './end.ts';
import type { Unclear } from './send-chunk.ts';

export interface DownloadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly chunk: number;
  readonly chunks: number;
}

/** What a download counts of its last pass, and knows of all of them. */
export class PassCounts {
  doneBytes = 0;
  /** Commands that were accepted, and of how many. */
  doneChunks = 0;
  chunks = 0;
  /** `lost`, `denied`: the last command was sent, and nobody knows whether it was executed. */
  lastAnswer: 'known' | Unclear['answer'] = 'known';
  /** The last chunk may have been executed without an answer, in this or an earlier pass. */
  lastInDoubt = false;
  inDevice: ImageInDevice = 'nothing';

  /** Each pass is counted for itself. */
  beginPass(chunks: number): void {
    [this.doneBytes, this.doneChunks, this.chunks] = [0, 0, chunks];
    this.lastAnswer = 'known';
  }

  /** A command with so many bytes of the image was accepted. */
  accept(bytes: number, totalBytes: number): DownloadProgress {
    this.doneBytes += bytes;
    this.doneChunks++;
    return { doneBytes: this.doneBytes, totalBytes, chunk: this.doneChunks, chunks: this.chunks };
  }
}
