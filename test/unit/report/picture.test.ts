import * as assert from 'uvu/assert';
import type { RunEvent } from '../../../src/run/facts/events.ts';
import { picture, type Size } from '../../../src/report/picture.ts';
import { RunView } from '../../../src/report/run-view.ts';
import { suite } from '../../support/suite.ts';
import { finished, idOf, phaseStarted, plannedDevices, progress, runStarted } from './run-events.ts';

const SIZE = { columns: 120, rows: 24 };

/** A view after events, each `[time in ms, event]`. */
function viewAfter(...events: readonly (readonly [number, RunEvent])[]): RunView {
  const view = new RunView();
  for (const [atMs, event] of events) view.handle(event, atMs);
  return view;
}

const texts = (view: RunView, nowMs: number, size: Size = SIZE): string[] =>
  picture(view, nowMs, size).map(({ text }) => text);

const test = suite('picture of a run');

test('one device shows a bar, a percentage, a rate and the remaining time', () => {
  const view = viewAfter(
    [0, runStarted(plannedDevices(1))],
    [0, phaseStarted(1, 'download')],
    [1000, progress(1, 4096)],
    [2000, progress(1, 4096 + 262144)],
    [3000, progress(1, 524288)],
  );
  assert.equal(texts(view, 3000), [
    '1 device: 1 running   50 % of 1 MiB sent, elapsed 0:03, sending 0:02 more',
    '  sg1  HP SAS EXP Card  2.08 → 2.10  download  [##########----------]  50 %  254 KiB/s  0:02 left',
  ]);
});

test('the remaining time is not cut on 80 columns, nor on 60', () => {
  const view = viewAfter(
    [0, runStarted(plannedDevices(1))],
    [0, phaseStarted(1, 'download')],
    [1000, progress(1, 4096)],
    [3000, progress(1, 524288)],
  );
  const line = (columns: number): string | undefined => texts(view, 3000, { columns, rows: 24 }).at(-1);
  assert.is(line(80), '  sg1  2.08 → 2.10  download  [######------]  50 %  254 KiB/s  0:02 left');
  assert.is(line(60), '  sg1  2.08 → 2.10  download  [###---]  50 %  0:02 left');
});

test('a narrow terminal loses the product first, then the end of the line', () => {
  const view = viewAfter([0, runStarted(plannedDevices(1))], [0, phaseStarted(1, 'check')]);
  assert.equal(texts(view, 0, { columns: 80, rows: 24 })[1], '  sg1  2.08 → 2.10  check');
  assert.equal(texts(view, 0, { columns: 20, rows: 24 }).at(-1), '  sg1  2.08 → 2.10>');
});

test('0 columns means 80 and 0 rows means 24', () => {
  const view = viewAfter([0, runStarted(plannedDevices(500))]);
  for (let n = 1; n <= 500; n++) view.handle(phaseStarted(n, 'download'), 0);
  const lines = texts(view, 0, { columns: 0, rows: 0 });
  assert.is(lines.length, 22);
  assert.ok(lines.every((line) => line.length <= 79));
});

test('500 devices on 24 rows: counts, the running ones, how many more, and the last failures', () => {
  const view = viewAfter([0, runStarted(plannedDevices(500))]);
  for (let n = 1; n <= 100; n++) view.handle(phaseStarted(n, 'download'), 0);
  for (let n = 1; n <= 7; n++) view.handle(finished(n, { outcome: 'failed', reason: `reason ${n}` }), 1000);
  const lines = texts(view, 20_000);
  assert.is(lines.length, 22);
  assert.is(lines[0], '500 devices: 7 failed, 93 running, 400 queued   0 % of 500 MiB sent, elapsed 0:20');
  assert.is(lines[16], '  ... and 78 more');
  assert.equal(
    lines.slice(17),
    [3, 4, 5, 6, 7].map((n) => `  sg${n}  failed: reason ${n}`),
  );
});

test('no screen is too small: never more than rows − 2 lines, and at least one', () => {
  const view = viewAfter([0, runStarted(plannedDevices(40))]);
  for (let n = 1; n <= 40; n++) view.handle(phaseStarted(n, 'download'), 0);
  for (let n = 1; n <= 9; n++) view.handle(finished(n, { outcome: 'lost', reason: 'gone' }), 0);
  view.handle({ type: 'stop-requested', signal: 'SIGINT', effect: 'stopping' }, 0);
  for (let rows = 1; rows <= 60; rows++) {
    const lines = texts(view, 0, { columns: 80, rows });
    assert.ok(lines.length <= Math.max(1, rows - 2), `${rows} rows: ${lines.length} lines`);
    assert.ok(lines.length >= 1);
  }
});

test('a bounded wait counts down', () => {
  const view = viewAfter(
    [0, runStarted(plannedDevices(1))],
    [0, phaseStarted(1, 'activate')],
    [1000, { type: 'waiting', device: idOf(1), what: 'ready', withinMs: 120_000 }],
  );
  assert.is(
    texts(view, 46_000)[1],
    '  sg1  HP SAS EXP Card  2.08 → 2.10  activate  waiting for ready, at most 1:15 more',
  );
});

test('on a narrow terminal the time of a wait is not cut', () => {
  const view = viewAfter(
    [0, runStarted(plannedDevices(1))],
    [0, phaseStarted(1, 'verify')],
    [0, { type: 'waiting', device: idOf(1), what: 'revision 2.10 and everything else', withinMs: 60_000 }],
  );
  assert.is(
    texts(view, 10_000, { columns: 60, rows: 12 }).at(-1),
    '  sg1  2.08 → 2.10  verify    0:50 left for revision 2.10 >',
  );
});

test('failures with the same reason share a line, the newest stands last', () => {
  const view = viewAfter([0, runStarted(plannedDevices(100))]);
  for (const n of [1, 2, 3, 5, 6, 7]) view.handle(finished(n, { outcome: 'failed', reason: 'refused' }), 0);
  view.handle(finished(4, { outcome: 'lost', reason: 'gone' }), 0);
  assert.equal(texts(view, 0).slice(-2), [
    '  sg1 sg2 sg3 sg5 ... (6 devices)  failed: refused',
    '  sg4  lost: gone',
  ]);
});

test('once it is over and a report follows, only the counts stay', () => {
  const view = viewAfter([0, runStarted(plannedDevices(2))], [0, finished(1)], [0, finished(2)]);
  assert.is(picture(view, 0, SIZE, true).length, 3);
  view.isOver = true;
  assert.is(picture(view, 0, SIZE, true).length, 1);
  assert.is(picture(view, 0, SIZE).length, 3);
});

test('a device that owes an answer is named from 30 s on, a wait is not', () => {
  const view = viewAfter([0, runStarted(plannedDevices(2))], [0, phaseStarted(1, 'download')]);
  view.handle(progress(1, 4096), 1000);
  assert.not.match(texts(view, 30_999)[1]!, 'no answer');
  assert.match(texts(view, 31_000)[1]!, /\[-+\]\s+0 % {2}no answer for 30 s$/);
  assert.is(picture(view, 31_000, SIZE)[1]!.tone, 'warn');
  view.handle({ type: 'waiting', device: idOf(1), what: 'ready', withinMs: 120_000 }, 31_000);
  assert.not.match(texts(view, 90_000)[1]!, 'no answer');
});

test('a download that begins again from 0 forgets the old rate', () => {
  const view = viewAfter(
    [0, runStarted(plannedDevices(1))],
    [0, phaseStarted(1, 'download')],
    [1000, progress(1, 4096)],
    [2000, progress(1, 524288)],
    [3000, progress(1, 4096)],
  );
  assert.match(texts(view, 3000)[1]!, /0 %$/);
});

test('a finished device keeps its line with the verdict and its reason', () => {
  const view = viewAfter(
    [0, runStarted(plannedDevices(3))],
    [0, finished(1)],
    [0, finished(2, { outcome: 'unverified', after: '2.08', reason: 'the revision did not change' })],
  );
  assert.equal(texts(view, 0).slice(1), [
    '  sg1  HP SAS EXP Card  2.08 → 2.10  updated  12.3 s',
    '  sg2  HP SAS EXP Card  2.08 → 2.10  unverified: the revision did not change',
    '  sg3  HP SAS EXP Card  2.08 → 2.10  queued',
  ]);
});

test('a reason cannot move the cursor', () => {
  const view = viewAfter(
    [0, runStarted(plannedDevices(1))],
    [0, finished(1, { outcome: 'failed', reason: '\x1b[2Jgone\n' })],
  );
  assert.match(texts(view, 0)[1]!, 'failed: ?[2Jgone?');
});

test('what was sent counts, not what is finished', () => {
  const view = viewAfter([0, runStarted(plannedDevices(2))], [0, phaseStarted(1, 'download')]);
  view.handle(progress(1, 4096), 1000);
  view.handle(finished(1, { outcome: 'failed', reason: 'refused', bytes: 4096, chunks: 1 }), 1000);
  view.handle(finished(2, { outcome: 'skipped', reason: 'halted', bytes: 0, chunks: 0 }), 1000);
  assert.is(texts(view, 3000)[0], '2 devices: 1 failed, 1 skipped   0 % of 2 MiB sent, elapsed 0:03');
});

test('a stalled device loses its rate, is counted at the top, and never hides behind the others', () => {
  const view = viewAfter([0, runStarted(plannedDevices(40))]);
  for (let n = 1; n <= 40; n++) view.handle(phaseStarted(n, 'download'), 0);
  for (let at = 1000; at <= 60_000; at += 1000)
    for (let n = 1; n <= 39; n++) view.handle(progress(n, 4096 * (at / 1000)), at);
  const lines = texts(view, 60_000, { columns: 80, rows: 12 });
  assert.match(lines[0]!, '40 devices: 40 running (1 without an answer)');
  assert.match(lines[2]!, /^ {2}sg40 .* no answer for 60 s$/);
  assert.not.match(lines[2]!, '/s ');
});

test('a rate fades while nothing comes', () => {
  const view = viewAfter([0, runStarted(plannedDevices(1))], [0, phaseStarted(1, 'download')]);
  view.handle(progress(1, 4096), 1000);
  view.handle(progress(1, 4096 + 131072), 2000);
  assert.match(texts(view, 2000)[1]!, ' 128 KiB/s ');
  assert.match(texts(view, 9000)[1]!, ' 16 KiB/s ');
});

const STOP =
  'SIGINT: no other device is started; 3 devices are half written and will be finished first. ' +
  'A device with half an image may never start again; kill -KILL ends runbook, not that risk';

test('what a signal does is never cut, and goes when it is over', () => {
  const view = viewAfter([0, runStarted(plannedDevices(12))], [0, phaseStarted(1, 'download')]);
  view.handle({ type: 'stop-requested', signal: 'SIGINT', effect: STOP }, 1000);
  for (const columns of [60, 80, 120]) {
    const lines = picture(view, 60_000, { columns, rows: 12 });
    const told = lines.filter(({ tone, text }) => tone === 'warn' && !text.includes('no answer'));
    assert.is(told.map(({ text }) => text.trim()).join(' '), STOP);
    assert.ok(lines.every(({ text }) => text.length < columns && !text.endsWith('>')));
  }
  view.isOver = true;
  assert.not.match(texts(view, 60_000).join('\n'), 'SIGINT');
});

test('the answer to ^Z is told for a while', () => {
  const view = viewAfter([0, runStarted(plannedDevices(1))]);
  view.handle({ type: 'stop-requested', signal: 'SIGTSTP', effect: 'SIGTSTP ignored' }, 1000);
  assert.match(texts(view, 10_999).join('\n'), 'SIGTSTP');
  assert.not.match(texts(view, 11_000).join('\n'), 'SIGTSTP');
});

test('what a run leaves is not started, and nothing is promised of it', () => {
  const view = viewAfter([0, runStarted(plannedDevices(2))], [0, phaseStarted(1, 'download')]);
  view.handle(progress(1, 1 << 20), 3000);
  assert.match(texts(view, 4000)[0]!, /1 queued .* sending 0:04 more$/);
  view.isOver = true;
  assert.match(texts(view, 4000)[0]!, /1 not started .* elapsed 0:04$/);
});

test('a locale of ASCII gets ASCII', () => {
  const view = viewAfter([0, runStarted(plannedDevices(1))], [0, phaseStarted(1, 'check')]);
  assert.is(texts(view, 0, { ...SIZE, ascii: true })[1], '  sg1  HP SAS EXP Card  2.08 -> 2.10  check');
});

test.run();
