import * as assert from 'uvu/assert';
import { createInk } from '../../../src/report/ink.ts';
import { wrappedText } from '../../../src/report/wrap.ts';
import { suite } from '../../support/suite.ts';

const test = suite('report/wrap');

const wrapped = (line: string, columns: number): string[] =>
  wrappedText([line], { columns }).split('\n').slice(0, -1);

test('prose is broken between words, and stands a little further in below its beginning', () => {
  assert.equal(wrapped('  next: Wait until the unit has finished, then go on', 30), [
    '  next: Wait until the unit',
    '    has finished, then go on',
  ]);
});

test('below a label the text stays in its column, unless there is no room for it', () => {
  const line = '  send      WRITE BUFFER dmc_offs_defer, bpw 4096, 16 commands';
  assert.equal(wrapped(line, 44), [
    '  send      WRITE BUFFER dmc_offs_defer, bpw',
    '            4096, 16 commands',
  ]);
  assert.equal(wrapped(line, 30)[1], '    dmc_offs_defer, bpw 4096,');
});

test('a command that may be copied is never broken; nor is a word', () => {
  const command = 'runbook verify --accept naa.50014380ab000000 --because TEXT';
  const lines = wrapped(
    `  next: Find out what it runs. If that is the target: ${command}. Then look again`,
    40,
  );
  assert.ok(
    lines.some((line) => line.trim() === `${command}.`),
    lines.join('\n'),
  );
  assert.is(lines.at(-1), '    Then look again');
  for (const [text, whole] of [
    ['see the whole list with: runbook lab power-cycle sg1', 'runbook lab power-cycle sg1'],
    ['to learn more, run this one: runbook devices --probe', 'runbook devices --probe'],
  ] as const)
    assert.ok(wrapped(text, 30).some((line) => line.includes(whole)));
});

test('a colour takes no room', () => {
  const ink = createInk(true);
  const line = `sg1 ${ink('bad', 'failed')}: thirty columns all`;
  assert.equal(wrapped(line, 30), [line]);
  assert.is(wrapped(line, 29).length, 2);
});

test('without a terminal nothing is broken', () => {
  const line = 'word '.repeat(100).trim();
  assert.equal(wrapped(line, Infinity), [line]);
});

test.run();
