import { h, type Child, type Markup } from './markup.ts';

/** A table that scrolls within the page where it is too wide. `narrow`: columns that a phone shows, too; absent: all. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Child[])[],
  narrow: readonly number[] = head.map((_, i) => i),
): Markup {
  const classOf = (i: number): string | null => (narrow.includes(i) ? null : 'wide');
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          head.map((text, i) => h('th', { scope: 'col', class: classOf(i) }, text)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.map((cell, i) => h('td', { class: classOf(i) }, cell)),
          ),
        ),
      ),
    ),
  );
}
