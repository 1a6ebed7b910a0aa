import { howText } from '../run/facts/evidence.ts';
import type { DeviceResult } from '../run/facts/outcome.ts';

/** What was seen asks for something else than the outcome does as a rule. */
const SPECIAL: ReadonlySet<string> = new Set([
  'event-without-effect',
  'image-waits',
  'not-ready-yet',
  'waits-in-vain',
  'acceptance-unknown',
  'restart-without-effect',
  'final-status-lost',
]);

/** What a person should do about an outcome; null: the error says it. `look`: the command that looks again. */
export function nextStep(
  { outcome, pending, error }: Pick<DeviceResult, 'outcome' | 'pending' | 'error'>,
  look: string,
): string | null {
  if (error !== null && SPECIAL.has(error.code)) return null;
  switch (outcome) {
    case 'pending':
      return `${howText(pending ?? [])}, then check the revision: ${look}`;
    case 'unverified':
      return `do not send it again; power-cycle the device when it can go down, then check: ${look}`;
    case 'lost':
      return 'check power, cables and the kernel log (dmesg), then look for it: runbook devices --probe';
    case 'frozen':
      return 'do not reset it and do not power it off; ask the vendor';
    case 'degraded':
      return error === null ? 'compare cables, paths and identity with what they were before' : null;
    case 'skipped':
      return 'run apply again when you understand the cause';
    case 'refused':
    case 'failed':
      return error === null ? 'fix what the reason names, then run: runbook plan' : null;
    case 'updated':
    case 'current':
      return null;
  }
}
