import type { LeftNote } from '../run/records/left-behind.ts';
import { printable, type Ink } from './ink.ts';

/** What runs that died left behind, for stderr; empty: nothing. */
export function leftNotesText(notes: readonly LeftNote[], ink: Ink): string {
  return notes
    .map(({ device, message, next }) => {
      const place = device === null ? '' : `${device}: `;
      return `${ink('warn', 'note:')} ${printable(`${place}${message}`)}\n${next === null ? '' : `  next: ${printable(next)}\n`}`;
    })
    .join('');
}
