import * as assert from 'uvu/assert';
import { refusal } from '../../../../src/base/refusal.ts';
import type { Verification } from '../../../../src/microcode/verification.ts';
import { verdict } from '../../../../src/run/unit/verdict.ts';
import type { Verdict, Work } from '../../../../src/run/unit/verdict.ts';
import { suite } from '../../../support/suite.ts';

const FAILURE = refusal('illegal-request', { what: 'the chunk was refused' });

function judged(work: Partial<Work>, seen: Partial<Verification>): Verdict {
  return verdict(
    {
      before: '2.08',
      target: '2.10',
      written: 'complete',
      frozen: false,
      waitsFor: [],
      failure: null,
      ...work,
    },
    {
      revision: '2.10',
      product: 'HP SAS EXP Card',
      ready: true,
      identityChanged: false,
      internalFailure: false,
      identity: null,
      pending: [],
      problem: null,
      ...seen,
    },
  );
}

const OLD = { revision: '2.08' };
const GONE = { revision: null, ready: false, problem: refusal('device-gone', { what: 'ENODEV (19)' }) };
const NOT_READY = { ready: false, problem: refusal('medium-error', { what: '3/0C/00' }) };
const LOST_ANSWER = { written: 'uncertain', failure: FAILURE } as const;
const BROKEN = { written: 'incomplete', failure: FAILURE } as const;
const EVENTS = ['activation', 'hard-reset', 'power-cycle'] as const;

const test = suite('run/verdict');

const TABLE: readonly (readonly [string, Partial<Work>, Partial<Verification>, Verdict])[] = [
  ['the target runs', {}, {}, { outcome: 'updated', reason: null, pending: null }],
  [
    'the target runs, although an answer was lost',
    LOST_ANSWER,
    {},
    {
      outcome: 'updated',
      reason: 'runs 2.10, in spite of an error on the way: the chunk was refused',
      pending: null,
    },
  ],
  [
    'the target runs, although the download failed',
    BROKEN,
    {},
    {
      outcome: 'updated',
      reason: 'runs 2.10, in spite of an error on the way: the chunk was refused',
      pending: null,
    },
  ],
  [
    'the target runs, but is not ready',
    {},
    NOT_READY,
    { outcome: 'degraded', reason: 'runs 2.10, but is not ready: 3/0C/00', pending: null },
  ],
  [
    'the target runs, but on another unit',
    {},
    { identityChanged: true },
    { outcome: 'degraded', reason: 'runs 2.10, but another identity is here than before', pending: null },
  ],
  [
    'another unit, with the old revision',
    {},
    { ...OLD, identityChanged: true },
    { outcome: 'degraded', reason: 'another identity is here than before; runs 2.08', pending: null },
  ],
  ['gone', {}, GONE, { outcome: 'lost', reason: 'did not come back: ENODEV (19)', pending: null }],
  [
    'gone after an internal failure',
    { frozen: true, ...BROKEN },
    GONE,
    {
      outcome: 'frozen',
      reason: 'reports an internal failure and does not answer: the chunk was refused',
      pending: null,
    },
  ],
  [
    'an internal failure, the old code runs',
    { frozen: true, ...BROKEN },
    OLD,
    {
      outcome: 'frozen',
      reason: 'reports an internal failure, runs 2.08: the chunk was refused',
      pending: null,
    },
  ],
  [
    'an internal failure beside the target revision is no success',
    { frozen: true, ...BROKEN },
    {},
    {
      outcome: 'frozen',
      reason: 'reports an internal failure, runs 2.10: the chunk was refused',
      pending: null,
    },
  ],
  [
    'an internal failure that only the last look met',
    {},
    { ready: false, internalFailure: true },
    { outcome: 'frozen', reason: 'reports an internal failure, runs 2.10', pending: null },
  ],
  [
    'a third revision',
    {},
    { revision: '1.00' },
    { outcome: 'failed', reason: 'runs 1.00, neither 2.08 nor 2.10', pending: null },
  ],
  [
    'the download failed',
    BROKEN,
    OLD,
    { outcome: 'failed', reason: 'runs 2.08 still: the chunk was refused', pending: null },
  ],
  [
    'the activation failed and the image waits: failed, and told',
    BROKEN,
    { ...OLD, pending: ['activation', 'hard-reset'] },
    {
      outcome: 'failed',
      reason: 'runs 2.08 still: the chunk was refused; an image waits on it for: activation, hard-reset',
      pending: null,
    },
  ],
  [
    'a failed download is never pending',
    { ...BROKEN, waitsFor: EVENTS },
    OLD,
    { outcome: 'failed', reason: 'runs 2.08 still: the chunk was refused', pending: null },
  ],
  [
    'everything accepted, and it waits by what was sent',
    { waitsFor: ['power-cycle'] },
    OLD,
    {
      outcome: 'pending',
      reason: 'written and accepted; runs 2.08 until: power-cycle',
      pending: ['power-cycle'],
    },
  ],
  [
    'everything accepted, and it waits by its own word',
    {},
    { ...OLD, ready: false, pending: ['power-cycle'] },
    {
      outcome: 'pending',
      reason: 'written and accepted; runs 2.08 until: power-cycle',
      pending: ['power-cycle'],
    },
  ],
  [
    'a lost answer: only the device can say that it waits',
    { ...LOST_ANSWER, waitsFor: EVENTS },
    { ...OLD, pending: ['activation'] },
    {
      outcome: 'pending',
      reason: 'written and accepted; runs 2.08 until: activation',
      pending: ['activation'],
    },
  ],
  [
    'a lost answer, and the device says nothing',
    { ...LOST_ANSWER, waitsFor: EVENTS },
    OLD,
    {
      outcome: 'failed',
      reason:
        'runs 2.08 still: the chunk was refused; the image may become active at the next reset or power cycle',
      pending: null,
    },
  ],
  [
    'everything accepted, nothing changed, and it is not ready',
    {},
    { ...OLD, ...NOT_READY },
    { outcome: 'failed', reason: 'runs 2.08 still and is not ready: 3/0C/00', pending: null },
  ],
  [
    'everything accepted, and nothing changed',
    {},
    OLD,
    {
      outcome: 'unverified',
      reason: 'everything was accepted, but the device still shows 2.08',
      pending: null,
    },
  ],
];

for (const [title, work, seen, expected] of TABLE) {
  test(`${title}: ${expected.outcome}`, () => assert.equal(judged(work, seen), expected));
}

test('`updated` always means: the target revision, ready, the same unit, no internal failure', () => {
  const yesNo = [false, true];
  for (const written of ['complete', 'uncertain', 'incomplete'] as const)
    for (const revision of ['2.08', '2.10', '1.00', null])
      for (const ready of yesNo)
        for (const identityChanged of yesNo)
          for (const internalFailure of yesNo)
            for (const frozen of yesNo) {
              const { outcome } = judged(
                { written, frozen },
                { revision, ready, identityChanged, internalFailure },
              );
              const proven = revision === '2.10' && ready && !identityChanged && !internalFailure && !frozen;
              assert.is(outcome === 'updated', proven);
              if (outcome === 'failed') assert.is.not(revision, '2.10');
            }
});

test.run();
