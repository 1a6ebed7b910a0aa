import type { DownloadTimeouts, ImageDownload, Modes } from '../../microcode/chunks.ts';
import type { DownloadModeName, ResolvedImageSection } from '../../playbook/resolved.ts';

/**
 * The numbers of a section that WRITE BUFFER and page 0Eh have in common, for its own mode or that of its fallback. A fallback
 * ends as it begins: `last-mode` and `end-with` belong to the mode of the section.
 *
 * @param codes MODE of each name
 * @param defaultsFor time-outs where the playbook names none
 */
export function imageDownload<Mode extends DownloadModeName>(
  section: ResolvedImageSection<Mode>,
  codes: Readonly<Record<Mode, number>>,
  chosen: { readonly mode: Mode; readonly bytesPerWrite: number | 'whole' },
  defaultsFor: (modes: Modes) => DownloadTimeouts,
): ImageDownload {
  const { image, timeouts, bufferId, bufferIdStep, offsetBytes } = section;
  const codeOf = (name: Mode | null): number | null =>
    name === null || chosen.mode !== section.mode ? null : codes[name];
  const modes = {
    mode: codes[chosen.mode],
    lastMode: codeOf(section.lastMode),
    endWithMode: codeOf(section.endWith),
  };
  const defaults = defaultsFor(modes);
  return {
    ...modes,
    bytesPerWrite: chosen.bytesPerWrite === 'whole' ? image.length : chosen.bytesPerWrite,
    bufferId,
    bufferIdStep,
    offsetBytes,
    image,
    timeouts: {
      firstMs: timeouts.firstMs ?? defaults.firstMs,
      chunkMs: timeouts.chunkMs ?? defaults.chunkMs,
      lastMs: timeouts.lastMs ?? defaults.lastMs,
    },
  };
}
