import { NO_PROC } from '../base/file-in-directory.ts';

/** What to do about an output that could not be written. */
export function placeAdvice(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code === NO_PROC
    ? 'Mount it: mount -t proc proc /proc'
    : 'Name a file in a directory that exists and is writable.';
}
