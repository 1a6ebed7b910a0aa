import { clockText, rateText, secondsText } from '../quantities.ts';
import type { Timeline, TimelineUnit } from '../timeline.ts';
import { h, shown, type Markup } from './markup.ts';
import type { PageHost } from './page-data.ts';
import { table } from './table.ts';

const WIDTH = 960;
const LABEL = 120;
const PLOT = WIDTH - LABEL - 10;
const AXIS = 24;
/** So many rows are tall enough to read in; more of them are drawn thin. */
const TALL_ROWS = 40;
/** So many rows are drawn; the table has all of them. */
const MOST_ROWS = 200;

/** When each unit was checked, sent its image, activated and verified, with rates, retries and gaps. null: nothing was begun. */
export function timelineFigure({ timeline, units, name: host }: PageHost): Markup | null {
  if (timeline === null || timeline.units.length === 0) return null;
  const names = new Map(units.map((unit) => [unit.id, unit]));
  const bad = (row: TimelineUnit): number => (names.get(row.id)?.weight === 'bad' ? 0 : 1);
  const rows = timeline.units.map((row) => ({ row, name: names.get(row.id)?.names ?? row.id }));
  const drawn = rows.toSorted((a, b) => bad(a.row) - bad(b.row)).slice(0, MOST_ROWS);
  const kept = rows.filter((row) => drawn.includes(row));
  return h(
    'figure',
    { class: 'timeline' },
    h(
      'div',
      {
        class: 'scroll',
        tabindex: 0,
        role: 'region',
        'aria-label': `Timeline${host === null ? '' : ` of ${shown(host)}`}`,
      },
      picture(timeline, kept),
    ),
    h('ul', { class: 'legend' }, legendOf(timeline)),
    kept.length < rows.length
      ? h(
          'p',
          { class: 'dim' },
          `The picture has ${kept.length} of ${rows.length} devices, those that failed first; the table has all of them.`,
        )
      : null,
    h('details', { open: rows.length <= 12 }, h('summary', {}, 'The same in numbers'), numbers(rows, host)),
  );
}

/** What is in this picture. */
function legendOf({ units, stops }: Timeline): Markup[] {
  const hasPhase = (word: string): boolean =>
    units.some(({ phases }) => phases.some(({ what }) => what === word));
  const rows: readonly (readonly [word: string, text: string, isThere: boolean])[] = [
    ['check', 'check', hasPhase('check')],
    ['download', 'download; the line in it is how much was sent', hasPhase('download')],
    ['activate', 'activate', hasPhase('activate')],
    ['verify', 'verify', hasPhase('verify')],
    ['wait', 'bounded wait', units.some(({ waits }) => waits.length > 0)],
    ['gap', 'no answer', units.some(({ gaps }) => gaps.length > 0)],
    ['mark', 'a remark, such as a unit attention or a retry', units.some(({ marks }) => marks.length > 0)],
    ['stop', 'a signal asked the run to stop', stops.length > 0],
  ];
  return rows.flatMap(([word, text, isThere]) =>
    isThere ? [h('li', {}, h('span', { class: `swatch sw-${word}` }), text)] : [],
  );
}

function picture(timeline: Timeline, rows: readonly { row: TimelineUnit; name: string }[]): Markup {
  const tall = rows.length <= TALL_ROWS ? 26 : 12;
  const height = AXIS + rows.length * tall + 6;
  const whole = Math.max(1, timeline.durationMs);
  const x = (ms: number): number => round(LABEL + (PLOT * Math.min(ms, whole)) / whole);
  const stepMs = tickStep(whole);
  const ticks = Array.from({ length: Math.floor(whole / stepMs) + 1 }, (_, n) => n * stepMs);
  return h(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-label': `Timeline of ${rows.length} devices over ${secondsText(timeline.durationMs / 1000)}; the table below says the same in numbers.`,
    },
    ticks.map((ms) => [
      h('line', { class: 'axis', x1: x(ms), x2: x(ms), y1: AXIS - 4, y2: height }),
      h(
        'text',
        { class: 'dim-text', x: x(ms), y: AXIS - 8, 'text-anchor': ms === 0 ? 'start' : 'middle' },
        tickText(ms, stepMs),
      ),
    ]),
    rows.map(({ row, name }, index) => rowPicture(row, name, { x, top: AXIS + index * tall, tall })),
    timeline.stops.map(({ atMs, text }) =>
      h('line', { class: 'stop', x1: x(atMs), x2: x(atMs), y1: AXIS, y2: height }, h('title', {}, text)),
    ),
  );
}

function rowPicture(
  row: TimelineUnit,
  name: string,
  { x, top, tall }: { readonly x: (ms: number) => number; readonly top: number; readonly tall: number },
): Markup {
  const y = top + 2;
  const height = tall - 5;
  const span = (word: string, startMs: number, endMs: number, title: string, part = 1): Markup =>
    h(
      'rect',
      {
        class: word,
        x: x(startMs),
        // A wait is a strip below the phase that it is a part of.
        y: round(y + height * (1 - part)),
        width: Math.max(1, round(x(endMs) - x(startMs))),
        height: round(height * part),
      },
      h('title', {}, title),
    );
  const bytesY = (bytes: number): number =>
    round(y + height - (height * Math.min(bytes, row.totalBytes)) / Math.max(1, row.totalBytes));
  return h(
    'g',
    {},
    h(
      'text',
      { x: LABEL - 8, y: top + tall / 2 + 2, 'text-anchor': 'end', 'font-size': tall < 20 ? 8 : 12 },
      cut(name),
    ),
    row.phases.map(({ what, startMs, endMs }) =>
      span(`ph-${what}`, startMs, endMs, `${what}: ${secondsText((endMs - startMs) / 1000)}`),
    ),
    row.waits.map(({ what, startMs, endMs }) =>
      span('wait', startMs, endMs, `waited for ${what}: ${secondsText((endMs - startMs) / 1000)}`, 0.35),
    ),
    row.sent.length > 1
      ? h('polyline', {
          class: 'sent',
          points: row.sent.map(({ atMs, bytes }) => `${x(atMs)},${bytesY(bytes)}`).join(' '),
        })
      : null,
    row.gaps.map(({ startMs, endMs }) =>
      span('gap', startMs, endMs, `no answer for ${secondsText((endMs - startMs) / 1000)}`),
    ),
    row.marks.map(({ atMs, text }) =>
      h('line', { class: 'mark', x1: x(atMs), x2: x(atMs), y1: y, y2: y + height }, h('title', {}, text)),
    ),
  );
}

function numbers(rows: readonly { row: TimelineUnit; name: string }[], host: string | null): Markup {
  const seconds = (of: readonly { readonly startMs: number; readonly endMs: number }[]): string => {
    const ms = of.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
    return of.length === 0 ? '–' : secondsText(ms / 1000);
  };
  return table(
    `Time of each phase${host === null ? '' : ` on ${shown(host)}`}`,
    ['Device', 'Check', 'Download', 'Rate', 'Activate', 'Verify', 'Waits', 'Longest silence', 'Remarks'],
    rows.map(({ row, name }) => {
      const phase = (what: string): string => seconds(row.phases.filter((one) => one.what === what));
      const longest = Math.max(0, ...row.gaps.map(({ startMs, endMs }) => endMs - startMs));
      return [
        name,
        phase('check'),
        phase('download'),
        rateOf(row),
        phase('activate'),
        phase('verify'),
        row.waits.map((wait) => `${wait.what} ${seconds([wait])}`).join(', ') || '–',
        longest === 0 ? '–' : secondsText(longest / 1000),
        row.marks.map(({ atMs, text }) => h('div', {}, `${clockText(atMs)} ${text}`)),
      ];
    }),
  );
}

/** From the first sample to the last, without what was sent before the download began again. */
function rateOf({ sent }: TimelineUnit): string {
  const restart = sent.findLastIndex(({ bytes }, i) => bytes < (sent[i - 1]?.bytes ?? 0));
  const last = sent.slice(Math.max(0, restart));
  const [first, end] = [last[0], last.at(-1)];
  if (first === undefined || end === undefined || end.atMs <= first.atMs) return '–';
  return rateText(((end.bytes - first.bytes) * 1000) / (end.atMs - first.atMs));
}

const STEPS_MS = [
  50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** Six to twelve ticks on round times. */
function tickStep(wholeMs: number): number {
  return STEPS_MS.find((step) => wholeMs / step <= 12) ?? Math.ceil(wholeMs / 12 / 3_600_000) * 3_600_000;
}

const tickText = (ms: number, stepMs: number): string =>
  stepMs < 1000 ? `${ms / 1000} s` : stepMs < 60_000 && ms < 60_000 ? `${ms / 1000} s` : clockText(ms);

const cut = (name: string): string => (name.length <= 16 ? name : `${name.slice(0, 15)}…`);

const round = (value: number): number => Math.round(value * 10) / 10;
