import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../../ses/microcode-status.ts';
import { saysItWaits } from '../deferred-image.ts';
import { endsDeferred } from '../chunks.ts';
import { pollStatusEntry, refusalByStatus } from './status.ts';
import type { Seen, WatchOptions } from './watch.ts';

/** 01h after all bytes were sent: a device that still wants more gets this long to think again. */
const WANTS_MORE_MS = 60_000;

/** Reads the status after the last page, until the device has written its flash memory (02h, 03h). */
export async function readFinal(device: Device, options: WatchOptions): Promise<Seen> {
  const { download, reported, doneBytes } = options;
  const { lastMs } = download.timeouts;
  const read = await pollStatusEntry(device, download.subenclosureId, {
    ...options,
    statusTimeoutMs: download.statusTimeoutMs,
    moment: 'last',
    limitMs: (status) => (status === 0x01 ? Math.min(WANTS_MORE_MS, lastMs) : lastMs),
  });
  if (read.kind === 'frozen') return read;
  if (read.kind !== 'entry') {
    // Some devices start the new code before this read (sg_ses_microcode --ealsd).
    const next =
      'If the revision is the new one, write `final-status: skip` for this device; if not, do not power-cycle it before you understand this.';
    return { kind: 'unclear', failure: { ...read.failure, next } };
  }
  const { entry, page, lost } = read;
  switch (microcodeStatusFacts(entry.status).kind) {
    case 'success':
    case 'error':
      return { kind: 'status', read };
    case 'interim': {
      const text = `all bytes were sent, but the status is: ${microcodeStatusText(entry.status)}`;
      const kind = entry.status === 0x01 ? 'failed' : 'unclear';
      return { kind, failure: refusalByStatus(entry, text, doneBytes) };
    }
    case 'idle':
      break;
  }
  const goOn: Seen = {
    kind: 'go-on',
    reported: { ...reported, generationCode: page.generationCode },
    notices: [NOTHING_SEEN],
  };
  if (!endsDeferred(download)) return lost === null ? goOn : missed(lost, doneBytes);
  // Only what is known to be complete may be activated.
  return options.earlierWaits !== true && (await saysItWaits(device)) ? goOn : missed(lost, doneBytes);
}

const NOTHING_SEEN = 'no final status was seen: the device says that no download is in progress';

/** 00h: somebody else was shown the final status, or the answer that had it was lost. */
function missed(lost: Refusal | null, doneBytes: number): Seen {
  const message = lost === null ? NOTHING_SEEN : `${lost.message}; then ${NOTHING_SEEN}`;
  return {
    kind: 'unclear',
    failure: refusal('final-status-lost', { what: message }, { offset: doneBytes }),
  };
}
