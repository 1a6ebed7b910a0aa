import type { WriteBufferDownload } from '../../../src/microcode/write-buffer/commands.ts';

/** 10000 bytes in mode 0Eh, 4096 at a time: three chunks. */
export function downloadOf(fields: Partial<WriteBufferDownload> = {}): WriteBufferDownload {
  return {
    mode: 0x0e,
    lastMode: null,
    endWithMode: null,
    bytesPerWrite: 4096,
    bufferId: 0,
    bufferIdStep: 0,
    offsetBytes: 0,
    modeSpecific: 0,
    image: new Uint8Array(10_000),
    timeouts: { firstMs: 300_000, chunkMs: 300_000, lastMs: 7_200_000 },
    ...fields,
  };
}
