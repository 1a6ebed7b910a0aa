import { distance } from 'fastest-levenshtein';

const MAX_WORD_LENGTH = 200;

/**
 * The known word that `word` was probably meant to be; null when none is near. Case does not count, so that `BPW`
 * finds `bpw`. Nobody mistypes a word of more than 200 characters; the names of a package may be longer.
 */
export function suggest(word: string, known: readonly string[]): string | null {
  if (word.length > MAX_WORD_LENGTH) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const away = distance(wanted, candidate.toLowerCase());
    // A short word that shares no letter is within the distance of everything: that helps nobody.
    if (away < bestDistance && away < Math.max(wanted.length, candidate.length) - 1 + Number(away === 0)) {
      best = candidate;
      bestDistance = away;
    }
  }
  return best;
}
