import { failureAt, TransportError } from '../../base/errors.ts';
import type { ErrorLayer, FailureReport, RunbookError } from '../../base/errors.ts';

/** A failure that no procedure has described: where it was seen follows from its class, the next step from its code where it says none. */
export function failureReportOf(error: RunbookError): FailureReport {
  return failureAt(layerOf(error), error.message, error.next ?? nextStep(error.code));
}

function layerOf(error: RunbookError): ErrorLayer {
  if (!(error instanceof TransportError)) return 'procedure';
  const opening = ['open-failed', 'not-permitted', 'not-an-sg-node', 'busy'];
  return opening.includes(error.code) ? 'open' : 'transport';
}

function nextStep(code: string): string {
  switch (code) {
    case 'not-permitted':
      return 'Run it as root, or as a user who may read and write the /dev/sg nodes.';
    case 'not-an-sg-node':
      return 'Load the sg driver (modprobe sg), then see: runbook devices';
    case 'busy':
      return 'End the program that holds the device (fuser -v NODE shows it), then run this again.';
    case 'locked':
      return 'Wait until that run has ended, then run this again.';
    case 'open-failed':
      return 'Check that the device is still connected: runbook devices';
    case 'in-use':
      return 'Stop what uses it, then run this again.';
    case 'rescan-failed':
    case 'driver-failed':
    case 'run-failed':
      return 'Look into the kernel log (dmesg) for the cause, then run this again.';
    default:
      return 'Run it again with --trace FILE, and look at the last lines of the trace.';
  }
}
