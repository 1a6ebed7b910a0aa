// The answer of `npm run bench`: what was measured, the aim where there is one, and how the result stands to it.

/** A busy machine moves every number a little: an aim counts as missed when the result is this much beyond it. */
export const TOLERANCE = 0.2;

/** A result that has to be at most `aim`. */
export function atMost(what, value, aim, { text, aimText }) {
  const mark = value <= aim ? 'ok' : value <= aim * (1 + TOLERANCE) ? 'close' : 'MISSED';
  return { what, aim: aimText, result: text, mark };
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
