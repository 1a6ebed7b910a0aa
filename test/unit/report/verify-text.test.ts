import { refusal } from '../../../src/base/refusal.ts';
import * as assert from 'uvu/assert';
import { noInk } from '../../../src/report/ink.ts';
import { verifyText } from '../../../src/report/verify-text.ts';
import { exitOf } from '../../../src/run/facts/outcome.ts';
import { suite } from '../../support/suite.ts';
import { resultOf } from './run-events.ts';

const verify = suite('report/verify-text');

verify('nothing to verify is said in a sentence', () => {
  assert.match(verifyText([], exitOf('OK'), noInk), /^nothing to verify: no unit waits .*\n$/);
  assert.match(
    verifyText([], exitOf('OK'), noInk, { run: 'r1' }),
    /^nothing to verify: no unit of run r1 waits .*\n$/,
  );
});

const ACCEPTED = {
  unit: 'naa.1',
  run: 'r1',
  accepted: { at: '2026-11-30T03:01:00.000Z', because: 'its power was off on Tuesday', outcome: 'pending' },
} as const;
const SETTLED = 'naa.1: pending since run r1, and settled now by a person: its power was off on Tuesday\n';

verify('what a person has settled is said first, and then what is open still', () => {
  assert.is(
    verifyText([], exitOf('OK'), noInk, { accepted: ACCEPTED }),
    `${SETTLED}nothing is open any more: no unit waits for an event or is unproven\n`,
  );
  const other = { settles: true, thaws: false, lockedBy: null, run: 'r2', result: resultOf(1) };
  const text = verifyText([other], exitOf('OK'), noInk, { accepted: ACCEPTED });
  assert.ok(text.startsWith(`${SETTLED}open still:\n\n`), text);
  assert.not.match(text, 'nothing is open');
});

verify('units are reported as after apply, with the runs that wrote to them', () => {
  const unit = { settles: true, thaws: false, lockedBy: null };
  const error = refusal('event-pending', { runs: 'runs 2.08', events: 'power-cycle', how: 'power-cycle it' });
  const pending = {
    outcome: 'pending',
    after: '2.08',
    pending: ['power-cycle'],
    reason: error.message,
    error,
  } as const;
  const text = verifyText(
    [
      { ...unit, run: 'r1', result: resultOf(1) },
      { ...unit, run: 'r2', result: resultOf(2, pending) },
    ],
    exitOf('PENDING'),
    noInk,
  );
  assert.match(
    text,
    'sg2 pending: written and accepted; runs 2.08 until: power-cycle\n  code: event-pending\n',
  );
  assert.match(text, '  next: Power-cycle it, then: runbook verify');
  assert.match(text, '1 updated, 1 pending');
  assert.match(text, /written by: run r1, run r2\n$/);
});

verify.run();
