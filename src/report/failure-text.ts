import type { ErrorLayer, FailureReport } from '../base/errors.ts';
import { failureAt, TransportError, type RunbookError } from '../base/errors.ts';
import { hex } from '../base/bytes.ts';
import { printable, type Ink } from './ink.ts';

/** A failure that no procedure has described: where it was seen follows from its class, the next step from its code. */
export function failureOf(error: RunbookError): FailureReport {
  return failureAt(layerOf(error), error.message, nextStep(error.code));
}

/** `runbook: …` with the layer, the command and one next step, for stderr. */
export function failureText(failure: FailureReport, ink: Ink): string {
  const lines = [`${ink('bad', 'runbook:')} ${printable(failure.message)}`, ...failureFacts(failure)];
  return lines.join('\n') + '\n';
}

/** The lines below the message: what was sent, what came back, what to do. */
export function failureFacts(failure: FailureReport, indent = '  '): string[] {
  const facts: string[] = [];
  if (failure.layer !== 'procedure') facts.push(`layer: ${failure.layer}`);
  if (failure.cdb !== null) facts.push(`CDB: ${failure.cdb.replaceAll(/(..)(?=.)/g, '$1 ')}`);
  if (failure.offset !== null) facts.push(`offset: ${failure.offset} (${hex(failure.offset, 6)})`);
  if (failure.sense !== null) facts.push(`sense: ${failure.sense.text}`);
  facts.push(`next: ${failure.next}`);
  return facts.map((fact) => indent + printable(fact));
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
    case 'open-failed':
      return 'Check that the device is still connected: runbook devices';
    default:
      return 'Run it again with --trace FILE, and look at the last lines of the trace.';
  }
}
