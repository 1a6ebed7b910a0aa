import * as assert from 'uvu/assert';
import type { Document } from '../../../src/report/documents.ts';
import { htmlOf } from '../../../src/report/html/page.ts';
import { planMarkdown } from '../../../src/report/plan-markdown.ts';
import { readReport } from '../../../src/report/read-report.ts';
import { TimelineRecorder } from '../../../src/report/timeline.ts';
import { suite } from '../../support/suite.ts';
import { fleetDocument, jbod, recorded } from './page-documents.ts';
import { idOf, phaseStarted, plannedDevices, progress, resultOf, runStarted } from './run-events.ts';
import { FAILURE, reportDocument, TROUBLED } from './run-records.ts';
import { obeys } from './schemas.ts';

const test = suite('HTML report');

/** What a reader without a browser sees: the text between the tags, and titles of pictures. */
const textOf = (page: string): string =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

const at = (page: string, text: string): number => {
  assert.match(page, text);
  return page.indexOf(text);
};

test('verdict, trouble, devices, timeline, topology, facts: in this order', () => {
  const document = { ...reportDocument(TROUBLED, 'HALTED'), timeline: recorded(), topology: jbod() };
  obeys('report', document);
  const page = htmlOf(document);
  const order = [
    '<div class="verdict is-bad">',
    'What went wrong, and what to do',
    '<h2>Devices</h2>',
    '<h2>Timeline</h2>',
    '<h2>Topology</h2>',
    'What this stands on',
  ].map((text) => at(page, text));
  assert.equal(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('the page is made of the JSON report alone', () => {
  const document = { ...reportDocument(TROUBLED, 'HALTED'), timeline: recorded(), topology: jbod() };
  const kept = readReport(JSON.stringify(document));
  assert.is(kept.fault, null, JSON.stringify(kept));
  assert.is(htmlOf((kept as { value: Document }).value), htmlOf(document));
});

test('nothing comes from elsewhere, and nothing runs', () => {
  const page = htmlOf({ ...reportDocument(TROUBLED, 'HALTED'), timeline: recorded(), topology: jbod() });
  assert.not.match(page, /<script|<link|<img|<iframe|\ssrc=|\shref=|url\(|@import|@font-face|\son\w+=/i);
  assert.match(page, 'default-src &#39;none&#39;');
});

test('what a device says stays text, and what is hidden in it is shown', () => {
  const evil = '</td><script>alert(1)</script>\u202e"\'&';
  const result = resultOf(1, { product: evil, outcome: 'failed', reason: `said ${evil}`, error: FAILURE });
  const topology = jbod();
  const units = topology.units.map((unit) => ({ ...unit, product: evil, users: [evil] }));
  const page = htmlOf({ ...reportDocument([result], 'FAILED'), topology: { ...topology, units } });
  assert.not.match(page, /<script|\u202e/);
  assert.match(page, '&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]&quot;&#39;&amp;');
  assert.match(page, 'aria-label');
});

test('the verdict is one sentence with the numbers of the document, the worst first', () => {
  const sentence = (
    devices: Parameters<typeof reportDocument>[0],
    exit: 'OK' | 'HALTED' | 'FROZEN',
  ): string => /<div class="verdict[^>]*><p[^>]*>([^<]*)</.exec(htmlOf(reportDocument(devices, exit)))![1]!;
  assert.is(sentence([resultOf(1), resultOf(2)], 'OK'), '2 devices were updated.');
  assert.is(
    sentence(
      [resultOf(1), resultOf(2, { outcome: 'skipped' }), resultOf(3, { outcome: 'failed' })],
      'HALTED',
    ),
    '1 device failed, 1 was not begun, 1 was updated.',
  );
  assert.is(
    sentence([resultOf(1, { outcome: 'frozen' })], 'FROZEN'),
    '1 device is frozen: do not reset it, do not power it off.',
  );
});

test('equal reasons stand once, with their next step', () => {
  const skipped = Array.from({ length: 99 }, (_, i) =>
    resultOf(i + 2, { outcome: 'skipped', reason: 'the canary failed', error: FAILURE }),
  );
  const text = textOf(
    htmlOf(reportDocument([resultOf(1, { outcome: 'failed', reason: 'refused' }), ...skipped], 'HALTED')),
  );
  assert.is(text.split('the canary failed').length, 2);
  assert.match(text, 'sg9 and 91 more (99 together): skipped');
  assert.ok(at(text, 'sg1: failed') < at(text, 'and 91 more'));
});

test('what goes dark is said and drawn: another path, or the only one', () => {
  const both = reportDocument([resultOf(1), resultOf(2)]);
  assert.match(
    textOf(htmlOf({ ...both, topology: jbod() })),
    'While sg1 restarts: 24 paths to 24 drives go dark; every drive keeps another path.',
  );
  const topology = jbod();
  const single = topology.units.map((unit) =>
    unit.type === 'disk' ? { ...unit, paths: unit.paths.slice(0, 1) } : unit,
  );
  const page = htmlOf({ ...both, topology: { ...topology, units: single } });
  assert.match(textOf(page), '24 lose their only path, in use by ZFS pool tank.');
  assert.is(page.split('class="cross"').length - 1, 48);
  assert.match(page, '4×12G');
});

test('the timeline has phases, waits, gaps, restarts and remarks, and no row where nothing was begun', () => {
  const { units, durationMs } = recorded();
  assert.is(durationMs, 51_000);
  assert.equal(units, [
    {
      ...{ id: idOf(1), play: 'hp-sas-expander', totalBytes: 1 << 20 },
      phases: [
        { what: 'check', startMs: 0, endMs: 100 },
        { what: 'download', startMs: 100, endMs: 46_100 },
        { what: 'activate', startMs: 46_100, endMs: 51_000 },
      ],
      waits: [{ what: 'ready', startMs: 46_200, endMs: 51_000 }],
      gaps: [{ startMs: 700, endMs: 45_000 }],
      sent: [
        { atMs: 200, bytes: 4096 },
        { atMs: 700, bytes: 524288 },
        { atMs: 45_000, bytes: 8192 },
        { atMs: 46_000, bytes: 1 << 20 },
      ],
      marks: [{ atMs: 50_000, text: 'the download restarted' }],
    },
  ]);
});

test('a long download keeps few samples, its restart and its end', () => {
  let nowMs = 0;
  const recorder = new TimelineRecorder({ nowMs: () => nowMs, sleep: () => Promise.resolve() });
  recorder.handle(runStarted(plannedDevices(1)));
  recorder.handle(phaseStarted(1, 'download'));
  for (let chunk = 1; chunk <= 5000; chunk++) {
    nowMs += 100;
    recorder.handle(progress(1, chunk <= 3000 ? chunk * 50 : (chunk - 3000) * 100, 200_000));
  }
  const { sent } = recorder.timeline.units[0]!;
  assert.ok(sent.length <= 60, `${sent.length}`);
  assert.is(sent.at(-1)!.bytes, 200_000);
  assert.ok(sent.some(({ bytes }, i) => bytes < (sent[i - 1]?.bytes ?? 0)));
});

test('of 200 enclosures the picture has the worst, and the rest is said once', () => {
  const { units, ...more } = jbod();
  const card = { ...units[0]!, enclosure: null, ownExpanders: [] };
  const cards = Array.from({ length: 200 }, (_, n) => ({ ...card, id: idOf(n + 1) }));
  const results = cards.map((_, n) =>
    resultOf(n + 1, n === 150 ? { outcome: 'failed', reason: 'refused', error: FAILURE } : {}),
  );
  const page = htmlOf({ ...reportDocument(results, 'FAILED'), topology: { ...more, units: cards } });
  assert.match(textOf(page), 'The picture has 24 of 200 enclosures and groups of drives');
  assert.is(page.split('class="box at-good"').length - 1, 23);
  assert.is(page.split('class="box at-bad"').length - 1, 1);
  assert.is(page.split('While one of').length - 1, 1);
});

test('300 hosts are a summary below 2 MB, those with trouble first', () => {
  const document = fleetDocument(300);
  obeys('report', document);
  const page = htmlOf(document);
  assert.ok(Buffer.byteLength(page) < 2_000_000, `${Buffer.byteLength(page)} bytes`);
  assert.match(
    textOf(page),
    '43 devices are refused, 300 would be updated, 257 run the target already on 300 hosts.',
  );
  assert.is(textOf(page).split('a fan is gone').length, 2);
  assert.ok(at(page, '<td>store7</td>') < at(page, '<td>store1</td>'));
  assert.match(planMarkdown(document), '| store7 | 1 refused, 1 to update |');
});

test('what is not a report is told with the place', () => {
  const problem = (text: string): string => {
    const read = readReport(text);
    return read.fault === null ? 'none' : read.message;
  };
  assert.match(problem('{'), 'is not JSON');
  assert.match(problem('[]'), 'is not a report or a plan or plans of several hosts');
  assert.match(
    problem('{"format": "runbook.plan/2"}'),
    'has the format runbook.plan/2; this version reads runbook.plan/1',
  );
  const document = reportDocument(TROUBLED, 'HALTED');
  assert.is(problem(JSON.stringify({ ...document, devices: [{}] })), 'is damaged at /devices/0/id');
  assert.is(
    problem(JSON.stringify({ ...document, topology: { adapters: 1 } })),
    'is damaged at /topology/adapters',
  );
});

test.run();
