/**
 * Text in lines of at most `columns` characters, broken at blanks only: a word longer than that keeps its line, and can
 * still be copied. `hang` is put before each line but the first.
 */
export function wrapWords(text: string, columns: number, hang = ''): string[] {
  if (text.length <= columns) return [text];
  const rest = text.trimStart();
  const lines: string[] = [];
  let line = text.slice(0, text.length - rest.length);
  let isEmpty = true;
  for (const word of rest.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line.trimEnd());
      line = hang + word;
    } else line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
