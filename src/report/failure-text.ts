import type { Refusal } from '../base/refusal.ts';
import { hex } from '../base/bytes.ts';
import { printable, type Ink } from './ink.ts';
import { wrappedText } from './wrap.ts';

/** `runbook: …` with the code, the layer, the command and one next step, for stderr. */
export function failureText(failure: Refusal, ink: Ink): string {
  const lines = [`${ink('bad', 'runbook:')} ${printable(failure.message)}`, ...failureFacts(failure)];
  return wrappedText(lines, ink);
}

/** The lines below the message: its code, what was sent, what came back, what to do. */
export function failureFacts(
  { code, layer, message, next, cdb, offset, sense }: Refusal,
  indent = '  ',
): string[] {
  // A journal of version 0.1.0 has no code.
  const facts = (code as string | undefined) === undefined ? [] : [`code: ${code}`];
  if (layer !== 'procedure') facts.push(`layer: ${layer}`);
  if (cdb !== null) facts.push(`CDB: ${cdb.replaceAll(/(..)(?=.)/g, '$1 ')}`);
  if (offset !== null) facts.push(`offset: ${offset} (${hex(offset, 6)})`);
  // Most messages say it already.
  if (sense !== null && !message.includes(sense.text)) facts.push(`sense: ${sense.text}`);
  return [...facts, `next: ${next}`].map((fact) => indent + printable(fact));
}
