import type { MemoryNote } from '../run/records/earlier-work.ts';
import { printable, type Ink } from './ink.ts';

/** What interrupted runs left on the units, for stderr; empty: nothing. */
export function memoryNotesText(notes: readonly MemoryNote[], ink: Ink): string {
  return notes
    .map(({ device, message, next }) => {
      const place = device === null ? '' : `${device}: `;
      return `${ink('warn', 'note:')} ${printable(`${place}${message}`)}\n${next === null ? '' : `  next: ${printable(next)}\n`}`;
    })
    .join('');
}
