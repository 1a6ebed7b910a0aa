import { isFailure, type DeviceResult, type Outcome } from '../run/facts/outcome.ts';
import { alikeFailures, someNames, type Alike } from './attention.ts';
import { asciiText, outcomeTone, printable, type Tone } from './ink.ts';
import { clockText, counted, rateText, secondsText, sizeText } from './quantities.ts';
import {
  deviceRemainingMs,
  labelOf,
  rateOf,
  remainingMs,
  SILENCE_MS,
  silenceMs,
  type DeviceView,
  type RunView,
} from './run-view.ts';
import { wrapWords } from './wrap.ts';

/** One line of the picture, cut to the width; the colour is put on afterwards. */
export interface PictureLine {
  readonly text: string;
  readonly tone: Tone;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
  /** The locale has no signs beyond ASCII. */
  readonly ascii?: boolean;
}

const MOST_FAILURES = 5;
/** From this width on there is room for everything. */
const WIDE_COLUMNS = 100;
/** Below this width the rate is left out, so that the remaining time is not cut. */
const NARROW_COLUMNS = 72;

/**
 * What a terminal shows right now: pure, at most `rows` − 2 lines of at most `columns` − 1 characters, so that nothing
 * wraps or scrolls. When all devices fit, each keeps its line; else the running ones are shown. Once it is over, and a report
 * follows that has every device, only the counts stay.
 */
export function picture(view: RunView, nowMs: number, size: Size, hasReport = false): PictureLine[] {
  const columns = size.columns > 0 ? size.columns : 80;
  const most = Math.max(1, (size.rows > 0 ? size.rows : 24) - 2);
  const lines = headLines(view, nowMs, columns - 1);
  const room = most - lines.length;
  if (!(view.isOver && hasReport))
    lines.push(
      ...(view.devices.size <= room
        ? everyDevice(view, nowMs, columns)
        : running(view, nowMs, columns, room)),
    );
  const shown = (text: string): string => printable(size.ascii === true ? asciiText(text) : text);
  return lines.slice(0, most).map(({ text, tone }) => ({ text: cut(shown(text), columns - 1), tone }));
}

/** What is said of the whole is broken between words, never cut: least of all what a signal does. */
function headLines(view: RunView, nowMs: number, width: number): PictureLine[] {
  const counts = countsText(view, nowMs);
  const progress = progressText(view, nowMs);
  const one = `${counts}   ${progress}`;
  const whole =
    one.length <= width
      ? [one]
      : [...wrapWords(counts, width, '  '), ...wrapWords(`  ${progress}`, width, '  ')];
  const stop = view.stopTextAt(nowMs);
  return [
    ...whole.map((text): PictureLine => ({ text, tone: 'bold' })),
    ...(stop === null ? [] : wrapWords(`  ${stop}`, width, '  ')).map((text): PictureLine => ({
      text,
      tone: 'warn',
    })),
  ];
}

/** `12 devices: 3 updated, 1 failed, 4 running, 4 queued   48 % of 12 MiB sent, elapsed 0:41, sending 0:44 more` */
export const summary = (view: RunView, nowMs: number): string =>
  `${countsText(view, nowMs)}   ${progressText(view, nowMs)}`;

function countsText(view: RunView, nowMs: number): string {
  const counts = [...view.outcomes].map(([outcome, count]) => `${count} ${outcome}`);
  const running = view.running();
  const queued = view.count('queued');
  if (running.length > 0) {
    const silent = running.filter((device) => silenceMs(device, nowMs) >= SILENCE_MS).length;
    counts.push(`${running.length} running${silent > 0 ? ` (${silent} without an answer)` : ''}`);
  }
  if (queued > 0) counts.push(`${queued} ${view.isOver ? 'not started' : 'queued'}`);
  const what = counts.length > 0 ? `: ${counts.join(', ')}` : '';
  return `${counted(view.devices.size, 'device')}${what}`;
}

/** Of the bytes that were sent, and not of the devices that are finished: those may have been refused or given up. */
function progressText(view: RunView, nowMs: number): string {
  const { doneBytes, totalBytes } = view.bytes();
  const sent = totalBytes > 0 ? [`${percent(doneBytes, totalBytes)} of ${sizeText(totalBytes)} sent`] : [];
  const leftMs = remainingMs(view, nowMs);
  const left = leftMs === null ? [] : [`sending ${clockText(leftMs)} more`];
  return [...sent, `elapsed ${clockText(nowMs - view.startedMs)}`, ...left].join(', ');
}

function everyDevice(view: RunView, nowMs: number, columns: number): PictureLine[] {
  const devices = [...view.devices.values()];
  const wide = widths(devices);
  return devices.map((device) => deviceLine(device, nowMs, columns, wide));
}

function running(view: RunView, nowMs: number, columns: number, room: number): PictureLine[] {
  // Equal reasons share a line; the newest stand last.
  const most = Math.min(MOST_FAILURES, Math.floor(room / 3));
  const shownFailures = most > 0 ? alikeFailures(view.failures).slice(-most) : [];
  // Who owes an answer must not be among those that are only counted.
  const devices = view.running().sort((a, b) => stalled(b, nowMs) - stalled(a, nowMs));
  const slots = room - shownFailures.length;
  const shown = devices.slice(0, devices.length > slots ? Math.max(0, slots - 1) : slots);
  const wide = widths(shown);
  const lines = shown.map((device) => deviceLine(device, nowMs, columns, wide));
  if (shown.length < devices.length)
    lines.push({ text: `  ... and ${devices.length - shown.length} more`, tone: 'dim' });
  for (const alike of shownFailures)
    lines.push({ text: failureText(alike), tone: outcomeTone(alike[0].outcome) });
  return lines;
}

const stalled = (device: DeviceView, nowMs: number): number =>
  silenceMs(device, nowMs) >= SILENCE_MS ? 1 : 0;

interface Widths {
  readonly label: number;
  readonly product: number;
}

function widths(devices: readonly DeviceView[]): Widths {
  const longest = (pick: (device: DeviceView) => string): number =>
    devices.reduce((most, device) => Math.max(most, pick(device).length), 0);
  return { label: longest((d) => d.label), product: longest((d) => d.planned.product) };
}

function deviceLine(device: DeviceView, nowMs: number, columns: number, wide: Widths): PictureLine {
  const { planned, result } = device;
  const label = device.label.padEnd(wide.label);
  // The product is what a narrow screen can spare first.
  const product = columns >= WIDE_COLUMNS ? `${planned.product.padEnd(wide.product)}  ` : '';
  const name = `  ${label}  ${product}${planned.before} → ${planned.target}  `;
  if (result !== null) return { text: name + finishedText(result), tone: outcomeTone(result.outcome) };
  if (device.state === 'queued') return { text: `${name}queued`, tone: 'dim' };
  const silentMs = silenceMs(device, nowMs);
  const text = name + (device.phase ?? '').padEnd(8) + '  ' + activity(device, nowMs, { silentMs, columns });
  return { text: text.trimEnd(), tone: silentMs >= SILENCE_MS ? 'warn' : 'plain' };
}

function activity(
  device: DeviceView,
  nowMs: number,
  { silentMs, columns }: { readonly silentMs: number; readonly columns: number },
): string {
  if (device.wait !== null) {
    const { what, untilMs } = device.wait;
    const left = clockText(untilMs - nowMs);
    // The end of the line may be cut: how long it lasts is worth more than what for.
    return columns < NARROW_COLUMNS
      ? `${left} left for ${what}`
      : `waiting for ${what}, at most ${left} more`;
  }
  const silent = silentMs >= SILENCE_MS ? `no answer for ${Math.floor(silentMs / 1000)} s` : '';
  if (device.phase !== 'download' || device.totalBytes === 0) return silent;
  const { doneBytes, totalBytes } = device;
  const part = percent(doneBytes, totalBytes).padStart(5);
  // How long nothing came is worth more than the picture of it.
  if (columns < NARROW_COLUMNS && silent !== '') return `${part}  ${silent}`;
  const cells = columns >= WIDE_COLUMNS ? 20 : columns >= NARROW_COLUMNS ? 12 : 6;
  const head = `${bar(doneBytes / totalBytes, cells)} ${part}`;
  return `${head}  ${silent || speed(device, nowMs, columns)}`.trimEnd();
}

/** `1.2 MiB/s  0:03 left`, as soon as there is a rate. */
export function speed(device: DeviceView, nowMs: number, columns = WIDE_COLUMNS): string {
  const rate = rateOf(device, nowMs);
  if (rate === null || rate <= 0) return '';
  const leftMs = deviceRemainingMs(device, nowMs) ?? 0;
  return `${columns >= NARROW_COLUMNS ? `${rateText(rate)}  ` : ''}${clockText(leftMs)} left`;
}

/** `42 %`, never rounded up. Nothing of nothing is 100 %. */
export function percent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
}

function bar(fraction: number, cells: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}]`;
}

function finishedText(result: DeviceResult): string {
  const quiet: readonly Outcome[] = ['updated', 'current'];
  const reason = result.reason === null || quiet.includes(result.outcome) ? '' : `: ${result.reason}`;
  const time = result.seconds > 0 ? `  ${secondsText(result.seconds)}` : '';
  return `${result.outcome}${reason}${isFailure(result.outcome) ? '' : time}`;
}

function failureText(alike: Alike): string {
  const names = someNames(alike.map(({ paths, id }) => labelOf(paths[0] ?? id)));
  return `  ${names}  ${finishedText(alike[0])}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}>`;
}
