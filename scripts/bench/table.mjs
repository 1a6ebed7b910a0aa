// The answer of `npm run bench`: what was measured, the aim where there is one, and how the result stands to it.

/** A busy machine moves every number a little: an aim counts as missed when the result is this much beyond it. */
export const TOLERANCE = 0.2;

/**
 * A result that has to be at most `aim`. `known`: what it is as long as the aim is missed for a reason that is understood
 * and written down; more than that is news.
 */
export function atMost(what, value, aim, { text, aimText, known = aim }) {
  const within = (limit) => value <= limit * (1 + TOLERANCE);
  const mark = value <= aim ? 'ok' : within(aim) ? 'close' : within(known) ? MISSED_AS_KNOWN : MISSED;
  return { what, aim: aimText, result: text, mark };
}

export const MISSED = 'MISSED';
/** The aim stands and is missed; no worse than it was. */
export const MISSED_AS_KNOWN = 'MISSED, as known';

/** The last line, and whether anything is worse than it was. */
export function verdict(rows) {
  const count = (wanted) => rows.filter(({ mark }) => mark === wanted).length;
  const [news, known] = [count(MISSED), count(MISSED_AS_KNOWN)];
  const told = [
    ...(news > 0 ? [`${news} MISSED`] : []),
    ...(known > 0 ? [`${known} missed as known (docs/performance.md says why)`] : []),
  ];
  const text = told.length === 0 ? 'no aim missed' : told.join(', ');
  return { text: `${text} (tolerance ${TOLERANCE * 100} %)`, failed: news > 0 };
}

/** Something to compare with, without an aim. */
export function shown(what, text) {
  return { what, aim: '', result: text, mark: '' };
}

export function tableText(rows) {
  const head = { what: '', aim: 'aim', result: 'result', mark: '' };
  const width = (key) => Math.max(...[head, ...rows].map((row) => row[key].length));
  const [what, aim, result] = [width('what'), width('aim'), width('result')];
  return [head, ...rows]
    .map((row) =>
      `${row.what.padEnd(what)}  ${row.aim.padEnd(aim)}  ${row.result.padEnd(result)}  ${row.mark}`.trimEnd(),
    )
    .join('\n');
}
