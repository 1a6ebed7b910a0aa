import * as assert from 'uvu/assert';
import { refusal } from '../../../src/base/refusal.ts';
import { noInk } from '../../../src/report/ink.ts';
import {
  joinedJunit,
  joinedMarkdown,
  joinedText,
  worstFirst,
  type JoinedHost,
} from '../../../src/report/joined-reports.ts';
import { exitOf, type DeviceResult, type ExitName } from '../../../src/run/facts/outcome.ts';
import { suite } from '../../support/suite.ts';
import { resultOf } from './run-events.ts';

const hostOf = (host: string, name: ExitName, more: Partial<JoinedHost> = {}): JoinedHost => ({
  host,
  file: `reports/${host}.json`,
  state: 'ended',
  exit: exitOf(name),
  run: 'r1',
  devices: [resultOf(1)],
  message: null,
  ...more,
});

const unit = (outcome: 'pending' | 'frozen', reason: string): DeviceResult => ({
  ...resultOf(1),
  outcome,
  reason,
  error: refusal('not-confirmed'),
});

const HOSTS = [
  hostOf('h10', 'OK'),
  hostOf('h2', 'OK'),
  hostOf('h3', 'OK', { state: 'not-begun', run: null, devices: [] }),
  hostOf('h4', 'PENDING', { devices: [unit('pending', 'waits')] }),
  hostOf('h5', 'FAILED', { state: 'no-report', devices: [], message: 'no contact | for 600 s' }),
  hostOf('h6', 'FROZEN', { devices: [unit('frozen', 'internal failure')] }),
];

const test = suite('report/joined-reports');

test('failures come first, then what waits, then hosts not begun; names count as people count', () => {
  assert.equal(
    worstFirst(HOSTS).map(({ host }) => host),
    ['h5', 'h6', 'h4', 'h3', 'h2', 'h10'],
  );
});

test('the table has every host, and the reason of each that is not well', () => {
  const lines = joinedText(HOSTS, noInk).split('\n');
  assert.is(lines[0], '6 hosts: 2 failed, 1 waiting for an event, 1 not begun, 2 well');
  assert.match(lines.join('\n'), /h3 +not begun/);
  assert.match(lines.join('\n'), /\nh5: no contact \| for 600 s\n/);
});

test('what is wrong on many hosts is said once, with their count, and the failure stands last', () => {
  const many = Array.from({ length: 40 }, (_, i) =>
    hostOf(`a${i}`, 'PENDING', { devices: [unit('pending', 'waits for a power cycle')] }),
  );
  const frozen = hostOf('b', 'FROZEN', { devices: [unit('frozen', 'internal failure')] });
  const lines = joinedText([frozen, ...many], noInk).split('\n');
  assert.ok(lines.length <= 20, lines.join('\n'));
  assert.is(lines.filter((line) => line.includes('waits for a power cycle')).length, 1);
  assert.match(
    lines.find((line) => line.includes('waits for a power cycle'))!,
    '(40 devices)',
  );
  assert.is(lines.filter((line) => /^b sg1 frozen: internal failure$/.test(line)).length, 1);
  assert.ok(
    lines.findIndex((line) => line.includes('frozen:')) > lines.findIndex((l) => l.includes('waits for')),
  );
});

test('Markdown keeps its table whole', () => {
  const text = joinedMarkdown(HOSTS);
  assert.is(text.split('\n').filter((line) => line.startsWith('| h')).length, HOSTS.length);
  assert.match(text, String.raw`no contact \| for 600 s`);
});

test('JUnit counts what failed, and skips what is open', () => {
  const text = joinedJunit(HOSTS);
  assert.match(text, 'tests="6" failures="2" errors="0" skipped="2"');
  assert.is(text.split('<failure').length - 1, 2);
});

test.run();
