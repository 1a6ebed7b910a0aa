/**
 * When a complete image becomes the running code.
 * - `at-once`: modes 04h–07h with the last byte, modes 0Dh and 0Eh with mode 0Fh.
 * - `after-activate`: also what modes 05h and 07h brought waits for mode 0Fh.
 * - `hard-reset`, `power-cycle`: only then; modes 0Fh, 05h and 07h are accepted and nothing is to be seen.
 * - `never-shows`: as `at-once`, but the revision string stays what it was.
 */
export type TakesEffect = 'at-once' | 'after-activate' | 'hard-reset' | 'power-cycle' | 'never-shows';

/** How WRITE BUFFER(10) microcode download works on a device. */
export interface DownloadRules {
  /** MODE values that it knows, 0Fh included. */
  readonly modes: readonly number[];
  readonly bufferIds: readonly number[];
  /** What the buffer id grows by from chunk to chunk; 0: one id for all chunks. */
  readonly bufferIdStep: number;
  /** Mode of the last chunk where it is another than that of the chunks before; null: one mode for all. */
  readonly lastMode: number | null;
  readonly capacityBytes: number;
  /** Offsets are multiples of 2^n; FFh: offset 0 is the only one (READ BUFFER descriptor). */
  readonly offsetBoundaryExponent: number;
  /** Bits of MODE SPECIFIC that mode 0Dh takes: 4 power on, 2 hard reset, 1 vendor specific event. */
  readonly events: number;
}
