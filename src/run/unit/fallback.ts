import type { DownloadHooks } from './procedure.ts';

/**
 * The fallback that a section may take. None that starts new code by itself while the image of an earlier section waits: the unit
 * would run one of them without the other.
 */
export function allowedFallback<Download>(
  fallback: Download | null,
  { earlierWaits = false }: DownloadHooks,
  endsDeferred: (download: Download) => boolean,
): Download | null {
  return fallback === null || (earlierWaits && !endsDeferred(fallback)) ? null : fallback;
}

/** Said when the section then failed at its first command. */
export const notUsed = (mode: string): string =>
  `the fallback ${mode} is not used: it would start new code while the image of an earlier section waits`;
