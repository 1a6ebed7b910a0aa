import { randomBytes } from 'node:crypto';

/** Name of a run: UTC time to the second and four random digits. Names sort by time. */
export function newRunId(): string {
  return `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`;
}
