import type { FailureReport } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import type { SubenclosureMicrocodeStatus } from '../ses/download-microcode-status.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../ses/microcode-status.ts';
import { entryOf, noSuchSubenclosure, readMicrocodeStatus } from './ses-status.ts';

/** What page 0Eh said after the last page. */
export type FinalStatus =
  /** 10h–7Fh: kept, because the device says it once. */
  | { readonly kind: 'success'; readonly entry: SubenclosureMicrocodeStatus }
  | { readonly kind: 'error'; readonly entry: SubenclosureMicrocodeStatus }
  /** 00h: consumed by another reader, or the new code runs already: the revision tells. */
  | { readonly kind: 'idle' }
  /** Still 01h, 02h or 03h when the time was over. */
  | { readonly kind: 'interim'; readonly entry: SubenclosureMicrocodeStatus }
  | { readonly kind: 'no-answer'; readonly failure: FailureReport };

/** 01h after all bytes were sent: a device that still wants more gets this long to think again. */
const WANTS_MORE_MS = 60_000;
const POLL_MS = 1000;

/** Polls while the device writes its flash memory (02h, 03h), for `writingMs` at the most. */
export async function readFinalStatus(
  device: Device,
  subenclosureId: number,
  options: {
    readonly writingMs: number;
    readonly waitMs: number;
    readonly onWaiting: (what: string, withinMs: number) => void;
  },
): Promise<FinalStatus> {
  const { clock } = device;
  const beganMs = clock.nowMs();
  let told: number | null = null;
  for (;;) {
    const read = await readMicrocodeStatus(device, { began: true, waitMs: options.waitMs });
    if (read.kind !== 'page') return { kind: 'no-answer', failure: read.failure };
    const entry = entryOf(read.page, subenclosureId);
    if (entry === null) return { kind: 'no-answer', failure: noSuchSubenclosure(subenclosureId) };
    const { kind } = microcodeStatusFacts(entry.status);
    if (kind === 'idle') return { kind };
    if (kind !== 'interim') return { kind, entry };
    const limitMs = entry.status === 0x01 ? Math.min(WANTS_MORE_MS, options.writingMs) : options.writingMs;
    if (clock.nowMs() - beganMs >= limitMs) return { kind, entry };
    if (told !== entry.status) options.onWaiting(microcodeStatusText(entry.status), limitMs);
    told = entry.status;
    await clock.sleep(POLL_MS);
  }
}
