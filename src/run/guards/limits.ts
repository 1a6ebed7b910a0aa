import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { recommendedTimeoutMs } from '../../device/capabilities.ts';
import type { Capabilities } from '../../device/capabilities.ts';
import type { WriteBufferDownload } from '../../microcode/write-buffer/commands.ts';
import type { ResolvedWriteBufferSection, SectionTimeouts } from '../../playbook/resolved.ts';
import { writeBufferModeName } from '../../scsi/write-buffer.ts';
import { whyDenied } from './modes.ts';

/**
 * What the playbook declares against what the device says about itself, with both values. A device that says nothing
 * contradicts nothing. null: no contradiction.
 */
export function whyContradicted(
  section: ResolvedWriteBufferSection,
  downloads: readonly WriteBufferDownload[],
  said: Capabilities,
): Refusal | null {
  return (
    whyDenied(section, said) ??
    firstOf(downloads, (download) => whyNotBoundary(download, said)) ??
    firstOf(downloads, ({ mode }) =>
      whyTooShort(section.timeouts, recommendedTimeoutMs(said, mode), writeBufferModeName(mode)),
    )
  );
}

function firstOf<Item>(items: readonly Item[], ask: (item: Item) => Refusal | null): Refusal | null {
  for (const item of items) {
    const found = ask(item);
    if (found !== null) return found;
  }
  return null;
}

/** Offsets, and all chunks but the last, must be multiples of what READ BUFFER's descriptor says (SPC). */
function whyNotBoundary(
  { bytesPerWrite, image, offsetBytes, bufferId }: WriteBufferDownload,
  { buffer }: Capabilities,
): Refusal | null {
  if (buffer?.exists !== true) return null;
  const inOne = bytesPerWrite >= image.length;
  const bpw = inOne ? 'whole' : bytesPerWrite;
  const exponent = buffer.offsetBoundaryExponent;
  if (exponent === 0xff) {
    if (inOne && offsetBytes === 0) return null;
    return refusal(
      'buffer-boundary',
      { bpw, from: offsetBytes, buffer: bufferId, allowed: 'offset 0 only' },
      { next: 'Write `bpw: whole`, without an offset.' },
    );
  }
  const boundary = 2 ** exponent;
  if ((inOne || bytesPerWrite % boundary === 0) && offsetBytes % boundary === 0) return null;
  const allowed = `only offsets that are multiples of ${boundary} bytes`;
  return refusal(
    'buffer-boundary',
    { bpw, from: offsetBytes, buffer: bufferId, allowed },
    { next: `Choose a bpw and an offset that are multiples of ${boundary}.` },
  );
}

/** A command that is given less time than the device asks for would be cut off while it works. */
export function whyTooShort(
  { firstMs, chunkMs, lastMs }: SectionTimeouts,
  askedMs: number,
  what: string,
): Refusal | null {
  const shortest = Math.min(...[firstMs, chunkMs, lastMs].map((ms) => ms ?? Infinity));
  if (askedMs === 0 || shortest >= askedMs) return null;
  return refusal('timeout-too-short', { seconds: shortest / 1000, asked: askedMs / 1000, command: what });
}
