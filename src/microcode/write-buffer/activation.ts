import type { Device } from '../../device/device.ts';
import { WRITE_BUFFER_MODES, writeBuffer } from '../../scsi/write-buffer.ts';
import { sendChunk } from '../send-chunk.ts';
import type { ActivationEnd } from '../activation-end.ts';
import { endOfActivation } from '../activation-end.ts';

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
