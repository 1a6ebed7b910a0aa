const NOTICE = '<!-- Made by scripts/generate.mjs (npm run generate). Do not edit. -->';

/** A page that is made. `from` says where its words are kept, for people who want to change one. */
export const page = (title: string, from: string, ...parts: readonly string[]): string =>
  [NOTICE, `<!-- Its words are kept in ${from}. -->`, `# ${title}`, ...parts].join('\n\n') + '\n';

/** A table; `|` and line breaks in cells are written so that they stay in them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll('|', '\\|');
