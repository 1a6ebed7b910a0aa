import * as assert from 'uvu/assert';
import { doctorText, type Finding } from '../../../src/report/doctor-text.ts';
import { createInk, noInk } from '../../../src/report/ink.ts';
import { suite } from '../../support/suite.ts';

const FINDINGS: readonly Finding[] = [
  {
    check: 'kernel',
    status: 'ok',
    found: 'Linux 6.12 with everything that a long line could say of it',
    next: null,
  },
  {
    check: 'sg-driver',
    status: 'problem',
    found: 'there is no sg driver',
    next: 'Load it: runbook devices --probe',
  },
];

const test = suite('report/doctor-text');

test('each finding has what to do below it', () => {
  assert.equal(doctorText(FINDINGS, noInk).split('\n').slice(1, 5), [
    'problem  sg-driver  there is no sg driver',
    '         next: Load it: runbook devices --probe',
    '',
    '1 problem, 0 warnings',
  ]);
});

test('on a narrow terminal a finding takes several lines, and what to do stays below its own', () => {
  const lines = doctorText(FINDINGS, createInk(false, 48)).trimEnd().split('\n');
  assert.ok(
    lines.every((line) => line.length <= 48),
    lines.join('\n'),
  );
  const next = lines.findIndex((line) => line.includes('next: Load it'));
  assert.match(lines[next - 1]!, 'there is no sg driver');
});

test.run();
