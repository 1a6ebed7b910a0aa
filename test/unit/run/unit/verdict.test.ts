import * as assert from 'uvu/assert';
import { refusal } from '../../../../src/base/refusal.ts';
import type { Refusal } from '../../../../src/base/refusal.ts';
import type { PendingEvent } from '../../../../src/run/facts/evidence.ts';
import type { Outcome } from '../../../../src/run/facts/outcome.ts';
import { verdict } from '../../../../src/run/unit/verdict.ts';
import type { Verdict } from '../../../../src/run/unit/verdict.ts';
import type { Sense } from '../../../../src/scsi/sense.ts';
import { suite } from '../../../support/suite.ts';
import { evidenceOf } from './evidence.ts';
import type { EvidenceRow } from './evidence.ts';

const failureAt = (message: string): Refusal => refusal('not-settled', { what: message });

const FAILURE = failureAt('the chunk was refused');

const judged = (row: EvidenceRow): Verdict => verdict(evidenceOf(row));

const attention = (asc: number, ascq: number): Sense =>
  ({
    key: 6,
    asc,
    ascq,
    deferred: false,
    fieldPointer: null,
    progress: null,
  }) as unknown as Sense;

const OLD = { revision: '2.08' };
const GONE = { revision: null, ready: false, problem: failureAt('ENODEV (19)') };
const UNREAD = { ...GONE, problem: refusal('illegal-request', { what: 'INQUIRY: 5/25/00' }) };
const NOT_READY = { ready: false, problem: failureAt('3/0C/00') };
const REPORTED = { reported: failureAt('error in the image (81h)') };
const PATHS = { around: failureAt('2 paths did not come back: a, b') };
const EVENTS: readonly PendingEvent[] = ['activation', 'hard-reset', 'power-cycle'];
const DEFERRED = { waitsFor: EVENTS } as const;
const LOST_ANSWER = { sent: { image: 'last-answer-lost', acceptedChunks: 73 }, failure: FAILURE } as const;
const REFUSED_CHUNK = { sent: { image: 'not-accepted', acceptedChunks: 39 }, failure: FAILURE } as const;
const STAGED =
  /^shows 2\.10 although 39 of 74 chunks were accepted: a staged or a backup image \(the chunk was refused\)$/;

const test = suite('run/verdict');

type Expected = readonly [outcome: Outcome, reason: RegExp | null, pending?: readonly PendingEvent[]];

/** Each sentence of what makes a verdict, as evidence and what is said of it. */
const TABLE: readonly (readonly [title: string, evidence: EvidenceRow, expected: Expected])[] = [
  // (a) the image
  ['everything accepted, and the target runs', {}, ['updated', null]],
  [
    'only the answer to the last command was lost, and the target runs',
    LOST_ANSWER,
    ['updated', /despite an error on the way: the chunk was refused/],
  ],
  ['a chunk was refused, and the target is shown', REFUSED_CHUNK, ['failed', STAGED]],
  [
    'a chunk was refused, the target is shown after a restart',
    { ...REFUSED_CHUNK, started: true },
    ['failed', STAGED],
  ],
  [
    'everything accepted, then the device reported a failure of its flash memory',
    { sent: { image: 'not-accepted' }, failure: failureAt('4/3F/80') },
    ['failed', /^shows 2\.10 although 4\/3F\/80: a staged or a backup image$/],
  ],
  [
    'the program of the vendor ended badly, and the target is shown',
    {
      sent: { image: 'not-accepted', acceptedChunks: 0, chunks: 0 },
      failure: failureAt('flash ended with exit status 1'),
    },
    ['failed', /^shows 2\.10 although flash ended with exit status 1: a staged or a backup image$/],
  ],
  [
    'nobody knows how much was accepted',
    { sent: { image: 'unknown' }, failure: FAILURE },
    ['unverified', /^shows 2\.10, but how much of the image was accepted is not known/],
  ],
  [
    'a section before the last did not end well',
    { missing: 'section 1 of 2 did not end well', failure: FAILURE },
    ['failed', /^runs 2\.10, but section 1 of 2 did not end well: the chunk was refused$/],
  ],
  // (b) what verify names
  [
    'the old revision, and nothing says why',
    { seen: OLD },
    ['unverified', /^everything was accepted, but the device still shows 2\.08$/],
  ],
  ['a third revision', { seen: { revision: '1.00' } }, ['failed', /^runs 1\.00, neither 2\.08 nor 2\.10$/]],
  [
    'the witness alone decides, and agrees',
    { wanted: { byWitness: true }, seen: { ...OLD, witness: true } },
    ['updated', null],
  ],
  [
    'the witness alone decides, and does not agree',
    { wanted: { byWitness: true, target: '2.08' }, seen: { ...OLD, witness: false } },
    ['unverified', /the witness does not agree yet/],
  ],
  [
    'the target was shown before its power cycle, and a power on was reported since: a person settles it',
    { sent: { waitsFor: ['power-cycle'] }, attentions: [attention(0x29, 0x01)] },
    ['pending', /shows 2\.10, and may have started; .*29\/01/, ['power-cycle']],
  ],
  ['the witness disagrees', { seen: { witness: false } }, ['degraded', /the witness disagrees/]],
  ['another product', { seen: { product: 'X' } }, ['degraded', /is "X" still, not "HP SAS EXP Card"/]],
  ['another vendor', { seen: { vendor: '' } }, ['degraded', /vendor .* is "" still, not "HP"/]],
  [
    'another serial number',
    { seen: { serial: { before: 'S1', now: 'S2' } } },
    ['degraded', /was "S1" and is "S2"/],
  ],
  [
    'another serial number that may change',
    {
      wanted: { serialMayChange: true },
      seen: { serial: { before: 'S1', now: 'S2' } },
      changes: [{ what: 'serial-number', before: 'S1', after: 'S2' }],
    },
    ['updated', /"S1" → "S2"/],
  ],
  // (c) ready
  [
    'the target, and not ready',
    { seen: NOT_READY },
    ['degraded', /^runs 2\.10, but is not ready: 3\/0C\/00$/],
  ],
  [
    'the old revision, and not ready',
    { seen: { ...OLD, ...NOT_READY } },
    ['failed', /^runs 2\.08 still and is not ready: 3\/0C\/00$/],
  ],
  ['gone', { seen: GONE }, ['lost', /^did not come back: ENODEV \(19\)$/]],
  [
    'it answers, and does not show what it runs',
    { seen: UNREAD },
    ['unverified', /^answers, and does not show what it runs: INQUIRY: 5\/25\/00$/],
  ],
  [
    'it answers, and does not show what it runs, after a refused chunk',
    { ...REFUSED_CHUNK, seen: UNREAD },
    ['failed', /what it runs: INQUIRY: 5\/25\/00; before that: the chunk was refused$/],
  ],
  [
    'a target that was shown before, and a restart that may have been any of its events',
    { sent: DEFERRED, attentions: [attention(0x29, 0x00)] },
    ['pending', /hard-reset, power-cycle/, ['hard-reset', 'power-cycle']],
  ],
  [
    'the same where the activation was refused',
    {
      sent: { ...DEFERRED, activation: 'refused', failedStep: 'activate_mc' },
      attentions: [attention(0x29, 0x00)],
      failure: FAILURE,
    },
    ['pending', /hard-reset, power-cycle/, ['hard-reset', 'power-cycle']],
  ],
  [
    'a target that was shown before, and a reset from outside: only a power cycle is left',
    { sent: DEFERRED, attentions: [attention(0x29, 0x02)] },
    ['pending', /it starts at: power-cycle/, ['power-cycle']],
  ],
  // (d) what speaks against it now
  [
    'paths that did not come back',
    { seen: PATHS },
    ['degraded', /^runs 2\.10, but 2 paths did not come back/],
  ],
  [
    'another identity',
    { seen: { change: 'identity changed: a before, b now' } },
    ['degraded', /identity changed: a before, b now; runs 2\.10/],
  ],
  [
    'another identity, and the old revision',
    { seen: { ...OLD, change: 'identity changed' } },
    ['degraded', /runs 2\.08/],
  ],
  [
    'another device type',
    { seen: { change: 'is of device type 1Fh now' } },
    ['degraded', /device type 1Fh now/],
  ],
  [
    'page 0Eh reports a failure, and the target is shown',
    { seen: REPORTED },
    ['failed', /^shows 2\.10, although the device reports: error in the image \(81h\)$/],
  ],
  [
    'page 0Eh reports a failure, and the old revision is shown',
    { seen: { ...OLD, ...REPORTED } },
    ['failed', /^shows 2\.08 still, and the device reports/],
  ],
  [
    'the target is shown, and the device says that it waits (0/00/22, 12h)',
    { seen: { pending: ['power-cycle'] } },
    [
      'pending',
      /^written and accepted; shows 2\.10, but says that an image waits; it starts at: power-cycle$/,
      ['power-cycle'],
    ],
  ],
  [
    'it waits, and is not ready on that account (2/04/1E)',
    { sent: DEFERRED, seen: { ...NOT_READY, pending: ['activation'] } },
    ['pending', /it starts at: activation/, ['activation']],
  ],
  [
    'after an accepted activation that the device did not follow it is not "activate it"',
    {
      sent: { ...DEFERRED, activation: 'accepted' },
      seen: { pending: ['activation', 'hard-reset', 'power-cycle'] },
    },
    ['pending', /it starts at: hard-reset, power-cycle/, ['hard-reset', 'power-cycle']],
  ],
  [
    'everything that could start it was done, and it still says that it waits',
    { sent: { waitsFor: ['activation'], activation: 'accepted' }, seen: { pending: ['activation'] } },
    ['unverified', /says that an image waits although everything that starts it was done/],
  ],
  // ended deferred, and nothing started it
  [
    'ended deferred, nothing activated it, the target is shown',
    { sent: DEFERRED },
    [
      'pending',
      /^written and accepted; shows 2\.10, but no activation or hard-reset or power-cycle of it was seen/,
      EVENTS,
    ],
  ],
  [
    'mode 0Dh waits for the events that it chose, and the activation',
    { sent: { waitsFor: ['activation', 'power-cycle'] } },
    ['pending', /./, ['activation', 'power-cycle']],
  ],
  [
    'it went away behind the last chunk: it started by itself',
    { sent: DEFERRED, started: true },
    ['updated', null],
  ],
  ['the activation was accepted', { sent: { ...DEFERRED, activation: 'accepted' } }, ['updated', null]],
  [
    'the answer to the activation was lost',
    { sent: { ...DEFERRED, activation: 'answer-lost' }, failure: FAILURE },
    ['updated', /despite/],
  ],
  [
    'the activation was refused, and the target is shown: it is not what runs',
    { sent: { ...DEFERRED, activation: 'refused', failedStep: 'activate_mc' }, failure: FAILURE },
    [
      'failed',
      /^shows 2\.10, but was not activated: the chunk was refused; the image starts at: hard-reset, power-cycle$/,
    ],
  ],
  [
    'the power cycle of the playbook has not happened, and the target is shown',
    { sent: { steps: ['power-cycle'] } },
    [
      'pending',
      /^written and accepted; shows 2\.10, but no power-cycle of it was seen; it starts at/,
      ['power-cycle'],
    ],
  ],
  [
    'nor does a restart of its own make up for it',
    { sent: { steps: ['power-cycle'] }, started: true, attentions: [attention(0x29, 0x04)] },
    ['pending', /./, ['power-cycle']],
  ],
  [
    'a power on was reported since',
    { sent: { steps: ['power-cycle'] }, started: true, attentions: [attention(0x29, 0x01)] },
    ['updated', null],
  ],
  [
    'one section waits for an event of which the target is not proof',
    { partsWaitFor: ['power-cycle'] },
    ['pending', /a section waits until: power-cycle/, ['power-cycle']],
  ],
  // VPD 86h is a capability
  [
    'VPD 86h wants a reset, and the target is there',
    { sent: { helps: ['hard-reset', 'power-cycle'] } },
    ['updated', null],
  ],
  [
    'VPD 86h wants a reset, and the revision is unchanged',
    { sent: { helps: ['hard-reset', 'power-cycle'] }, seen: OLD },
    ['pending', /runs 2\.08 until: hard-reset, power-cycle$/, ['hard-reset', 'power-cycle']],
  ],
  // nothing waits
  [
    '5/2C/00 or 85h to the activation, and the target is shown',
    { sent: { ...DEFERRED, activation: 'nothing-waited' } },
    ['updated', null],
  ],
  [
    '5/2C/00 or 85h to the activation, and the old revision: no advice to power-cycle',
    {
      sent: { ...DEFERRED, activation: 'nothing-waited' },
      seen: OLD,
      failure: failureAt('5/2C/00'),
    },
    ['failed', /^runs 2\.08 still: 5\/2C\/00; no image waits on it$/],
  ],
  [
    '5/2C/00 to the activation, and the unit says that an image waits: what it says now counts',
    {
      sent: { ...DEFERRED, activation: 'nothing-waited' },
      seen: { ...OLD, pending: ['activation', 'hard-reset', 'power-cycle'] },
      failure: failureAt('5/2C/00'),
    },
    [
      'pending',
      /^written and accepted; runs 2\.08 until: hard-reset, power-cycle$/,
      ['hard-reset', 'power-cycle'],
    ],
  ],
  [
    'a lost activation, and the unit says that the image waits: it may be activated again',
    {
      sent: { ...DEFERRED, activation: 'answer-lost' },
      seen: { ...OLD, pending: ['activation', 'hard-reset', 'power-cycle'] },
      failure: failureAt('no answer'),
    },
    ['pending', /^written and accepted; runs 2\.08 until: activation, hard-reset, power-cycle$/, EVENTS],
  ],
  [
    '29/00, and the unit says that it waits still: the events of its mode stay',
    {
      sent: { ...DEFERRED },
      seen: { ...OLD, pending: ['activation', 'hard-reset', 'power-cycle'] },
      attentions: [attention(0x29, 0)],
    },
    ['pending', /until: activation, hard-reset, power-cycle; since the last chunk it reported/, EVENTS],
  ],
  [
    'a last answer that was lost, a deferred image, and the target: a staged revision, or the whole image',
    { ...LOST_ANSWER, sent: { ...LOST_ANSWER.sent, ...DEFERRED } },
    [
      'unverified',
      /^shows 2\.10, but how much of the image was accepted is not known: the chunk was refused$/,
    ],
  ],
  // frozen
  [
    '4/44 on the way, the old revision',
    { frozen: true, seen: OLD, ...REFUSED_CHUNK },
    ['frozen', /^reports an internal failure, runs 2\.08: the chunk was refused$/],
  ],
  [
    '4/44 or 83h now, beside the target',
    { seen: { internalFailure: true } },
    ['frozen', /^reports an internal failure, runs 2\.10$/],
  ],
  ['4/44, and it does not answer', { frozen: true, seen: GONE }, ['frozen', /does not answer/]],
  // the old revision
  [
    'a chunk was refused',
    { ...REFUSED_CHUNK, seen: OLD },
    ['failed', /^runs 2\.08 still: the chunk was refused$/],
  ],
  [
    'a chunk was refused: never pending',
    { ...REFUSED_CHUNK, seen: { ...OLD, pending: ['activation'] } },
    ['failed', /an image waits on it for: activation$/],
  ],
  ['everything accepted, and it waits by its mode', { sent: DEFERRED, seen: OLD }, ['pending', /./, EVENTS]],
  [
    'everything accepted, and it waits by its own word',
    { seen: { ...OLD, ready: false, pending: ['power-cycle'] } },
    ['pending', /./, ['power-cycle']],
  ],
  [
    'a step of the playbook is left',
    { sent: { ...DEFERRED, activation: 'accepted', steps: ['reboot'] }, seen: OLD },
    ['pending', /./, ['reboot']],
  ],
  [
    'a step failed after a complete deferred download: the image starts at the events of its mode',
    {
      sent: { ...DEFERRED, failedStep: 'rescan' },
      seen: OLD,
      failure: failureAt('rescan: in use'),
    },
    [
      'failed',
      /^runs 2\.08 still: rescan: in use; the image starts at: activation, hard-reset, power-cycle$/,
    ],
  ],
  [
    'the answer to the last command was lost: only the device can say that it waits',
    { ...LOST_ANSWER, sent: { ...LOST_ANSWER.sent, ...DEFERRED }, seen: { ...OLD, pending: ['activation'] } },
    ['pending', /./, ['activation']],
  ],
  [
    'the answer to the last command was lost, and the device says nothing',
    { ...LOST_ANSWER, sent: { ...LOST_ANSWER.sent, ...DEFERRED }, seen: OLD },
    ['failed', /the image may be complete, and become active at the next reset or power cycle$/],
  ],
  [
    'the old revision after a reset: said, and the reset is not asked for again',
    { sent: { helps: ['hard-reset', 'power-cycle'] }, seen: OLD, attentions: [attention(0x29, 0x02)] },
    ['pending', /until: power-cycle; since the last chunk it reported .*29\/02/, ['power-cycle']],
  ],
  [
    'the old revision after a power on, and nothing else is left',
    { sent: { helps: ['power-cycle'] }, seen: OLD, attentions: [attention(0x29, 0x01)] },
    ['unverified', /still shows 2\.08; since the last chunk it reported .*29\/01/],
  ],
];

for (const [title, evidence, [outcome, reason, pending = null]] of TABLE) {
  test(`${title}: ${outcome}`, () => {
    const found = judged(evidence);
    assert.is(found.outcome, outcome, found.reason ?? '');
    assert.equal(found.pending, pending);
    if (reason === null) assert.is(found.reason, null);
    else assert.match(found.reason!, reason);
  });
}

test('a frozen unit, and one where nothing waits, is never advised to be power-cycled', () => {
  for (const [title, evidence] of TABLE) {
    const { outcome, why, reason } = judged(evidence);
    const next = why?.next ?? '';
    if (outcome === 'frozen') assert.match(next, /Do not reset it and do not power it off/, title);
    if (evidence.sent?.activation === 'nothing-waited' && evidence.seen?.pending === undefined)
      assert.not.match(`${reason} ${next}`, /power-cycle/, title);
  }
});

test('`updated` always means: whole image, target, ready, the same unit, and nothing against it', () => {
  const yesNo = [false, true];
  let updated = 0;
  for (const image of ['accepted', 'last-answer-lost', 'last-denied', 'not-accepted', 'unknown'] as const)
    for (const revision of ['2.08', '2.10', '1.00', null])
      for (const ready of yesNo)
        for (const change of [null, 'another'])
          for (const internalFailure of yesNo)
            for (const reported of yesNo)
              for (const pending of [[], ['power-cycle']] as const)
                for (const waitsFor of [[], EVENTS])
                  for (const activation of [
                    'not-sent',
                    'accepted',
                    'denied',
                    'refused',
                    'nothing-waited',
                  ] as const)
                    for (const started of yesNo) {
                      const { outcome } = judged({
                        sent: { image, waitsFor, activation },
                        seen: {
                          revision,
                          ready,
                          change,
                          internalFailure,
                          pending,
                          ...(reported && REPORTED),
                        },
                        started,
                      });
                      const isWhole = image === 'accepted' || image === 'last-answer-lost';
                      const isWell = ready && change === null && !internalFailure && !reported;
                      const runs =
                        pending.length === 0 &&
                        (waitsFor.length === 0 ||
                          started ||
                          !['not-sent', 'denied', 'refused'].includes(activation));
                      const proven = isWhole && revision === '2.10' && isWell && runs;
                      assert.is(outcome === 'updated', proven);
                      if (proven) updated++;
                    }
  assert.ok(updated > 0);
});

test.run();
