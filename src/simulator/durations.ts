import { LabError } from './lab-images.ts';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time of a lab file in milliseconds. Throws LabError `bad-device`: `what` is in the message. */
export function parseDuration(text: string, what: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  if (match === null) throw new LabError('bad-device', `${what} "${text}" is no time; write 5ms or 1s`);
  return Number(match[1]) * UNITS_MS[match[2]!]!;
}
