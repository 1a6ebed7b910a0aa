import type { PendingEvent, Outcome } from '../../src/run/facts/outcome.ts';

/** What is true of a unit with each outcome, and what there is to do. `runbook verify` and `plan` need no more than a name. */
export const OUTCOMES: Readonly<Record<Outcome, { readonly truth: string; readonly todo: string }>> = {
  updated: {
    truth:
      'The whole image was accepted, it shows the target revision in a fresh answer, it is ready, and nothing that it says speaks against it.',
    todo: 'Nothing.',
  },
  current: { truth: 'It runs the target; this run sent nothing to it.', todo: 'Nothing.' },
  pending: {
    truth:
      'Written and accepted; it runs the new code after the event that is named. It may show the target already: a staged revision.',
    todo: 'Let the event happen when the unit can go down, then `runbook verify`.',
  },
  unverified: {
    truth:
      'Everything was accepted, but the revision did not change, or cannot be read, and nothing says what the unit waits for.',
    todo: 'Do not send it again. Do what the report says: where the revision did not change, power-cycle it once when it can go down, then `runbook verify`.',
  },
  refused: {
    truth: 'A check failed. **Nothing was written.**',
    todo: 'The reason says which check; correct that, then `runbook plan`.',
  },
  failed: {
    truth:
      'It went wrong after the first byte. The report says which revision it shows now, be it the target: a staged or a backup image.',
    todo: 'Read layer, sense and next step. The same image is sent again with `--retry` only.',
  },
  degraded: {
    truth: 'The target runs, but paths, identity, readiness or the witness are not as they should be.',
    todo: 'Fix what the reason names before you upgrade anything else, then `verify`.',
  },
  lost: {
    truth: 'It has not answered since it was written to.',
    todo: 'Check power, cables and the kernel log; then `runbook devices --probe` and `runbook verify`.',
  },
  frozen: {
    truth: 'It reports an internal failure and needs a good image before its next reset.',
    todo: '**Do not reset it, do not power it off.** Ask the vendor; `runbook apply --recover DEVICE` sends an image.',
  },
  skipped: {
    truth: 'The run was stopped before its turn. **Nothing was written.**',
    todo: 'Run `apply` again when you understand the cause.',
  },
};

/** Any one of the named events makes a pending unit run its new code. */
export const EVENTS: Readonly<Record<PendingEvent, string>> = {
  activation: 'WRITE BUFFER mode 0Fh (`activate_mc`): a playbook with that step and no `download`',
  'hard-reset': 'a reset of the unit, by its own service tools for example',
  'power-cycle': 'power off and on of the unit itself, not of the host',
  reboot: 'a restart of the host',
};
