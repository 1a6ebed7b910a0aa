import { parseDuration } from '../base/units.ts';
import { LabError } from './lab-images.ts';

/** A time of a lab file in milliseconds. Throws LabError `bad-device`: `what` is in the message. */
export function labTimeMs(text: string, what: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new LabError('bad-device', `${what} "${text}" is not a time; write 5ms or 1s`);
  return ms;
}
