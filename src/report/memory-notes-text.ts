import type { MemoryNote } from '../run/records/earlier-work.ts';
import { printable, type Ink } from './ink.ts';
import { wrappedText } from './wrap.ts';

/** What interrupted runs left on the units, for stderr; empty: nothing. */
export function memoryNotesText(notes: readonly MemoryNote[], ink: Ink): string {
  const lines = notes.flatMap(({ device, message, next }) => {
    const place = device === null ? '' : `${device}: `;
    const said = `${ink('warn', 'note:')} ${printable(`${place}${message}`)}`;
    return next === null ? [said] : [said, `  next: ${printable(next)}`];
  });
  return wrappedText(lines, ink);
}
