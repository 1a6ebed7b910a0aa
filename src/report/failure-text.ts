import type { Refusal } from '../base/refusal.ts';
import { hex } from '../base/bytes.ts';
import { printable, type Ink } from './ink.ts';

/** `runbook: …` with the layer, the command and one next step, for stderr. */
export function failureText(failure: Refusal, ink: Ink): string {
  const lines = [`${ink('bad', 'runbook:')} ${printable(failure.message)}`, ...failureFacts(failure)];
  return lines.join('\n') + '\n';
}

/** The lines below the message: what was sent, what came back, what to do. */
export function failureFacts(failure: Refusal, indent = '  '): string[] {
  const facts: string[] = [];
  if (failure.layer !== 'procedure') facts.push(`layer: ${failure.layer}`);
  if (failure.cdb !== null) facts.push(`CDB: ${failure.cdb.replaceAll(/(..)(?=.)/g, '$1 ')}`);
  if (failure.offset !== null) facts.push(`offset: ${failure.offset} (${hex(failure.offset, 6)})`);
  const { sense } = failure;
  // Most messages say it already.
  if (sense !== null && !failure.message.includes(sense.text)) facts.push(`sense: ${sense.text}`);
  facts.push(`next: ${failure.next}`);
  return facts.map((fact) => indent + printable(fact));
}
