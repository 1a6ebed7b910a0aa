import * as assert from 'uvu/assert';
import { programText } from '../../../src/base/program-facts.ts';
import { documentOf } from '../../../src/report/documents.ts';
import { failureFacts } from '../../../src/report/failure-text.ts';
import { createInk, noInk } from '../../../src/report/ink.ts';
import { reportText } from '../../../src/report/report-text.ts';
import { ALL_ACCEPTED } from '../../../src/run/facts/evidence.ts';
import { exitOf, type DeviceResult, type Outcome } from '../../../src/run/facts/outcome.ts';
import { refusal } from '../../../src/base/refusal.ts';
import { suite } from '../../support/suite.ts';
import { resultOf } from './run-events.ts';
import { obeys } from './schemas.ts';

const test = suite('report');

test('a good run is a table and one line', () => {
  const results = [
    resultOf(1),
    resultOf(2, {
      before: '2.10',
      outcome: 'current',
      reason: 'runs 2.10 already',
      bytes: 0,
      chunks: 0,
      seconds: 0,
    }),
  ];
  assert.equal(reportText(results, exitOf('OK'), noInk).split('\n'), [
    'DEVICE  ID                    PRODUCT          BEFORE  AFTER  OUTCOME',
    'sg1     naa.5001438000000001  HP SAS EXP Card  2.08    2.10   updated  1 MiB in 256 commands, 12.3 s',
    'sg2     naa.5001438000000002  HP SAS EXP Card  2.10    2.10   current',
    '',
    '1 updated, 1 current',
    'exit 0 (OK): done, or nothing to do',
    '',
  ]);
});

test('whatever is not good has a code and one next step', () => {
  for (const outcome of OUTCOMES) {
    const result = resultOf(1, { outcome, reason: 'because' });
    const lines = reportText([result], exitOf('PENDING'), noInk).split('\n');
    assert.ok(lines.includes(`  code: ${result.error!.code}`), outcome);
    assert.ok(lines.includes(`  next: ${result.error!.next}`), outcome);
  }
});

test('a failure names layer, CDB, offset, sense and one next step', () => {
  const failed = resultOf(1, {
    after: '2.08',
    outcome: 'failed',
    reason: 'runs 2.08 still: WRITE BUFFER (dmc_offs) at offset 8192: ILLEGAL REQUEST',
    error: {
      code: 'illegal-request',
      layer: 'device',
      message: 'WRITE BUFFER (dmc_offs) at offset 8192: ILLEGAL REQUEST',
      next: 'Check the image.',
      cdb: '3b060000200000100000',
      offset: 8192,
      sense: {
        key: 5,
        asc: 0x26,
        ascq: 0,
        text: 'ILLEGAL REQUEST, invalid field in parameter list (5/26/00)',
      },
    },
  });
  const lines = reportText([failed], exitOf('FAILED'), noInk).split('\n');
  assert.equal(lines.slice(3), [
    'sg1 failed: runs 2.08 still: WRITE BUFFER (dmc_offs) at offset 8192: ILLEGAL REQUEST',
    '  code: illegal-request',
    '  layer: device',
    '  CDB: 3b 06 00 00 20 00 00 10 00 00',
    '  offset: 8192 (002000h)',
    '  sense: ILLEGAL REQUEST, invalid field in parameter list (5/26/00)',
    '  next: Check the image.',
    '',
    '1 failed',
    'exit 1 (FAILED): a device failed after work on it began',
    '',
  ]);
});

test('where something that was sent failed, the run is named with the way to it', () => {
  const earlier = resultOf(1, { outcome: 'failed', reason: 'ended badly before', error: null });
  const failed = { ...earlier, sent: ALL_ACCEPTED };
  const lines = (results: readonly DeviceResult[]): string[] =>
    reportText(results, exitOf('FAILED'), noInk, false, '20260101T000000Z-abcd').trimEnd().split('\n');
  assert.is(lines([failed]).at(-2), 'what was sent and answered: runbook history 20260101T000000Z-abcd');
  // Nothing was sent, and nothing is kept: the end is that of an earlier run.
  for (const result of [resultOf(1), earlier]) assert.not.match(lines([result]).join('\n'), 'history');
});

test('sense data that the message tells already has no line of its own', () => {
  const sense = { key: 5, asc: 0x26, ascq: 0, text: 'ILLEGAL REQUEST (5/26/00)' };
  const facts = {
    code: 'illegal-request',
    layer: 'device',
    next: 'Look.',
    cdb: null,
    offset: null,
    sense,
  } as const;
  assert.equal(failureFacts({ ...facts, message: 'WRITE BUFFER: ILLEGAL REQUEST (5/26/00)' }), [
    '  code: illegal-request',
    '  layer: device',
    '  next: Look.',
  ]);
});

const OUTCOMES: readonly Outcome[] = [
  'pending',
  'unverified',
  'refused',
  'failed',
  'degraded',
  'lost',
  'frozen',
  'skipped',
];
for (const outcome of OUTCOMES) {
  test(`${outcome} comes with exactly one next step`, () => {
    const result = resultOf(1, {
      outcome,
      reason: 'because',
      pending: outcome === 'pending' ? ['power-cycle'] : null,
    });
    const text = reportText([result], exitOf('FAILED'), noInk);
    assert.is(text.split('\n').filter((line) => line.startsWith('  next: ')).length, 1, text);
  });
}

test('an update that met an error on the way says so', () => {
  const text = reportText(
    [resultOf(1, { reason: 'runs 2.10, despite an error on the way' })],
    exitOf('OK'),
    noInk,
  );
  assert.match(text, 'sg1 updated: runs 2.10, despite an error on the way');
});

const HALTED = refusal('canary-failed', { unit: 'naa.1', outcome: 'failed', inRun: '' });

test('equal things are told once, with their count; what failed stands last', () => {
  const skipped = Array.from({ length: 99 }, (_, i) =>
    resultOf(i + 2, {
      outcome: 'skipped',
      reason: HALTED.message,
      error: HALTED,
      after: null,
      ...{ bytes: 0, chunks: 0, seconds: 0 },
    }),
  );
  const error = refusal('illegal-request', { what: 'the chunk was refused' });
  const failed = resultOf(1, { outcome: 'failed', reason: 'the chunk was refused', error, after: '2.08' });
  const lines = reportText([failed, ...skipped], exitOf('HALTED'), noInk).split('\n');
  assert.is(lines.length, 16, lines.join('\n'));
  assert.match(lines[4]!, /^sg2 sg3 sg4 sg5 \.\.\. \(99 devices\) skipped: the canary naa\.1 ended failed$/);
  assert.equal(lines.slice(5, 12), [
    '  code: canary-failed',
    `  next: ${HALTED.next}`,
    '',
    'sg1 failed: the chunk was refused',
    '  code: illegal-request',
    '  layer: device',
    `  next: ${error.next}`,
  ]);
});

test('colours change no width and only mark the outcome', () => {
  const plain = reportText([resultOf(1)], exitOf('OK'), noInk);
  const colored = reportText([resultOf(1)], exitOf('OK'), createInk(true));
  assert.match(colored, '\x1b[32mupdated\x1b[0m');
  assert.is(colored.replaceAll(/\x1b\[\d+m/g, ''), plain);
});

test('with -v it names the program', () => {
  assert.match(reportText([resultOf(1)], exitOf('OK'), noInk, true), `\nrunbook ${programText()}\n`);
  assert.not.match(reportText([resultOf(1)], exitOf('OK'), noInk), 'commit');
});

test('the JSON document obeys its schema, whatever the outcome', () => {
  const devices: DeviceResult[] = [...OUTCOMES, 'updated' as const, 'current' as const].map((outcome, i) =>
    resultOf(i + 1, {
      outcome,
      before: null,
      after: null,
      pending: outcome === 'pending' ? ['reboot'] : null,
    }),
  );
  const playbook = { file: 'a.yml', sha256: 'ab'.repeat(32), name: 'A' };
  obeys(
    'report',
    documentOf('runbook.report/1', 'apply', 'HALTED', { body: { run: 'r', playbook, devices } }),
  );
});

test('what the playbook went on without stands in the report, once for all units', () => {
  const results = [
    { ...resultOf(0, { outcome: 'updated' }), without: ['request-sense', 'operation-codes'] as const },
    { ...resultOf(1, { outcome: 'updated' }), without: ['request-sense'] as const },
  ];
  const text = reportText(results, exitOf('OK'), noInk, false);
  assert.match(text, /^went on without REQUEST SENSE \([^)]+\): an image of unknown origin/m);
  assert.match(text, /^went on without REPORT SUPPORTED OPERATION CODES \([^)]+\): /m);
});

test.run();
