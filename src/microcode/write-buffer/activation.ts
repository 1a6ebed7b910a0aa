import type { FailureReport } from '../../base/errors.ts';
import type { Device } from '../../device/device.ts';
import { WRITE_BUFFER_MODES, writeBuffer } from '../../scsi/write-buffer.ts';
import { sendChunk } from '../send-chunk.ts';
import type { ChunkEnd } from '../send-chunk.ts';

/**
 * - `accepted`: the device took the command.
 * - `uncertain`: its answer was lost, or the device already restarts: the revision tells.
 * - `failed`: refused by the device.
 * - `frozen`: the device reports an internal failure: no reset, keep the power on.
 */
export interface ActivationEnd {
  readonly kind: 'accepted' | 'uncertain' | 'failed' | 'frozen';
  readonly failure: FailureReport | null;
}

const NO_DATA = new Uint8Array(0);

/**
 * WRITE BUFFER mode 0Fh: `3b 0f 00 …`, id, offset and length 0. Only ever sent after a download that ended deferred and
 * without an error; that is the caller's promise.
 */
export async function activateMicrocode(
  device: Device,
  { timeoutMs, waitMs }: { readonly timeoutMs: number; readonly waitMs: number },
): Promise<ActivationEnd> {
  const command = writeBuffer({
    mode: WRITE_BUFFER_MODES.activate_mc,
    bufferId: 0,
    offsetBytes: 0,
    data: NO_DATA,
    timeoutMs,
  });
  const end = await sendChunk(device, command, {
    first: false,
    last: true,
    offset: null,
    waitMs,
    unchanged: () => Promise.resolve(true),
  });
  return endOfActivation(end);
}

/** What became of an activation by what became of its command. */
export function endOfActivation(end: ChunkEnd): ActivationEnd {
  switch (end.kind) {
    case 'accepted':
      return { kind: 'accepted', failure: null };
    case 'unclear':
    case 'forgotten':
    case 'changed':
      return { kind: 'uncertain', failure: end.failure };
    case 'freeze':
      return { kind: 'frozen', failure: end.failure };
    case 'not-sent':
    case 'stop':
      return { kind: 'failed', failure: end.failure };
  }
}
