/**
 * Does the pattern cover all of the text? `*` stands for any characters or none; everything else for itself. Takes the
 * first place where each piece fits and never goes back: time grows with pattern × text, where a regular expression
 * of twenty `*` would not end.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [first, ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first!)) return false;
  let at = first!.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
