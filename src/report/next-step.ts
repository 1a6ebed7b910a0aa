import type { DeviceResult } from '../run/facts/outcome.ts';

/** What a person should do about an outcome; null: the error says it. `look`: the command that looks again. */
export function nextStep(
  { outcome, pending, error }: Pick<DeviceResult, 'outcome' | 'pending' | 'error'>,
  look: string,
): string | null {
  switch (outcome) {
    case 'pending':
      return `${pendingText(pending ?? [])}, then look at the revision with: ${look}`;
    case 'unverified':
      return `do not send it again; power-cycle the device when it may go down, then look with: ${look}`;
    case 'lost':
      return 'check power and cables, and the kernel log (dmesg); look for it with: runbook devices --probe';
    case 'frozen':
      return 'do not reset it and do not power it off; ask the vendor';
    case 'degraded':
      return error === null ? 'compare cabling, paths and identity with what they were before' : null;
    case 'skipped':
      return 'run apply again when the cause is understood';
    case 'refused':
    case 'failed':
      return error === null ? 'correct what the reason names, then run: runbook plan' : null;
    case 'updated':
    case 'current':
      return null;
  }
}

function pendingText(events: NonNullable<DeviceResult['pending']>): string {
  const words = events.map((event) => {
    switch (event) {
      case 'activation':
        return 'activate it (activate_mc)';
      case 'hard-reset':
        return 'reset the device';
      case 'power-cycle':
        return 'power-cycle it';
      case 'reboot':
        return 'reboot the host';
    }
  });
  return words.length > 0 ? words.join(', or ') : 'power-cycle it';
}
