import * as assert from 'uvu/assert';
import { createInk, noInk } from '../../../src/report/ink.ts';
import { reportText } from '../../../src/report/report-text.ts';
import { renderTable } from '../../../src/report/table.ts';
import { wrapWords } from '../../../src/report/wrap.ts';
import { exitOf } from '../../../src/run/facts/outcome.ts';
import { suite } from '../../support/suite.ts';
import { resultOf } from './run-events.ts';

const test = suite('tables and words');

const HEAD = ['NODE', 'ID', 'WHAT'];
const ROWS = [
  ['sg1', 'naa.5001438000000001', 'the quick brown fox jumps over the lazy dog, and then once more'],
];

test('without a terminal nothing is left out and nothing is broken', () => {
  assert.equal(renderTable(HEAD, ROWS, noInk).length, 2);
});

test('a narrow terminal loses the columns that it can spare, in their order, before a line is broken', () => {
  const table = (columns: number): string[] =>
    renderTable(HEAD, ROWS, createInk(false, columns), { spare: [1] });
  assert.equal(table(95)[0], 'NODE  ID                    WHAT');
  assert.equal(table(80), ['NODE  WHAT', `sg1   ${ROWS[0]![2]}`]);
  assert.equal(table(40), [
    'NODE  WHAT',
    'sg1   the quick brown fox jumps over the',
    '      lazy dog, and then once more',
  ]);
  assert.equal(table(26), [
    'NODE  WHAT',
    'sg1',
    '    the quick brown fox',
    '    jumps over the lazy',
    '    dog, and then once',
    '    more',
  ]);
});

test('no word is ever broken, and none is lost', () => {
  for (let columns = 10; columns < 80; columns++) {
    const lines = renderTable([], ROWS, createInk(true, columns), { indent: '  ' });
    assert.equal(lines.join(' ').split(/\s+/).filter(Boolean), ROWS[0]!.join(' ').split(' '));
  }
  assert.equal(wrapWords('  a-word-that-is-longer-than-the-line and more', 20, '  '), [
    '  a-word-that-is-longer-than-the-line',
    '  and more',
  ]);
});

test('the final table of a run fits 80 columns and 60', () => {
  const results = [
    resultOf(1),
    resultOf(2, { product: 'A product with a name', outcome: 'unverified', after: '2.08' }),
  ];
  for (const columns of [60, 80]) {
    const lines = reportText(results, exitOf('UNVERIFIED'), createInk(false, columns)).split('\n');
    const table = lines.slice(0, lines.indexOf(''));
    assert.is(table.length, 3);
    assert.ok(
      table.every((line) => line.length <= columns && /sg|DEVICE/.test(line)),
      table.join('\n'),
    );
    assert.match(table[2]!, /unverified$/);
  }
});

test('of 200 units those that ended alike share a row, and the failure stands last and alone', () => {
  const results = Array.from({ length: 200 }, (_, i) =>
    i === 30
      ? resultOf(31, { outcome: 'failed', after: '2.08', reason: 'refused' })
      : i < 30
        ? resultOf(i + 1)
        : resultOf(i + 1, {
            outcome: 'skipped',
            after: null,
            reason: 'halted',
            bytes: 0,
            chunks: 0,
            seconds: 0,
          }),
  );
  const text = reportText(results, exitOf('HALTED'), noInk);
  const lines = text.split('\n');
  assert.ok(lines.length <= 20, text);
  assert.match(
    lines[1]!,
    /^sg1 sg2 sg3 sg4 \.\.\. \(30 devices\) .* 30 MiB in 7680 commands, 12\.3 s at most$/,
  );
  assert.match(lines[3]!, /^sg31 .* failed /);
  assert.is(reportText(results, exitOf('HALTED'), noInk, true).split('\n').indexOf(''), 201);
});

test('many units that failed alike are told once; a few have their rows', () => {
  const failed = (count: number): string[] => {
    const results = Array.from({ length: 40 }, (_, i) =>
      i < count ? resultOf(i, { outcome: 'failed', reason: 'refused' }) : resultOf(i),
    );
    const lines = reportText(results, exitOf('FAILED'), noInk).split('\n');
    return lines.slice(1, lines.indexOf(''));
  };
  assert.is(failed(8).length, 9);
  assert.is(failed(30).length, 2);
});

test.run();
