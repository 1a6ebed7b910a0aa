import * as assert from 'uvu/assert';
import type { Refusal } from '../../../../src/base/refusal.ts';
import { ANSWERS, MICROCODE_STATUS, STEPS } from '../../../../src/base/refusals/answers.ts';
import { afterSending } from '../../../../src/base/refusals/next-step.ts';
import { SENSE_RULES } from '../../../../src/device/sense-table.ts';
import { endOf, verdict } from '../../../../src/run/unit/verdict.ts';
import { suite } from '../../../support/suite.ts';
import { evidenceOf } from './evidence.ts';
import type { EvidenceRow } from './evidence.ts';

const test = suite('run/next-step');

const TEXTS = [
  ...new Set([
    ...Object.values({ ...ANSWERS, ...MICROCODE_STATUS, ...STEPS }).map(({ next }): string => next),
    ...SENSE_RULES.flatMap(({ next }) => next ?? []),
  ]),
];

/** The next step that the report tells when this was met on the way. */
function told(next: string, rest: Pick<EvidenceRow, 'sent' | 'seen'>): string {
  const failure = { code: 'answer-lost', layer: 'host-adapter', message: 'x', next } as unknown as Refusal;
  const evidence = evidenceOf({ ...rest, failure });
  return endOf(verdict(evidence), evidence.seen, failure).error!.next;
}

const FAILED = [
  { seen: { revision: '2.08' }, sent: { image: 'not-accepted', acceptedChunks: 39 } },
  { seen: { revision: '2.08' }, sent: { image: 'last-answer-lost', acceptedChunks: 73 } },
  { seen: { revision: '2.08' }, sent: { image: 'unknown' } },
  { sent: { image: 'not-accepted', acceptedChunks: 39 } },
  { sent: { image: 'unknown' } },
] as const;

test('a unit that took something and ended badly is not to be updated by the same command again', () => {
  for (const next of TEXTS) {
    for (const evidence of FAILED) {
      const said = told(next, evidence);
      assert.not.match(said, /run the playbook again/i);
      if (/run the playbook again/i.test(next)) assert.match(said, /runbook (verify|history).* --retry/);
    }
  }
});

test('a unit that runs its new code needs nothing; a key that would have avoided the trouble is told', () => {
  for (const next of TEXTS) {
    const said = told(next, { sent: { image: 'last-answer-lost', acceptedChunks: 73 } });
    assert.is(said, next.includes('`') ? next : 'Nothing: the unit runs the new code.');
  }
});

test('what is left of an advice reads as one', () => {
  const again = 'Once it is understood (runbook history), --retry sends the image again.';
  assert.is(
    afterSending(ANSWERS['answer-lost'].next, true),
    `Check cables, expanders and the kernel log (dmesg), then look again with runbook verify. ${again}`,
  );
  assert.is(
    afterSending(ANSWERS['no-sense'].next, false),
    'Look again with runbook verify; if it happens again, compare with sg_inq and sg_requests.',
  );
  assert.is(afterSending('Unlock the unit first.', true), 'Unlock the unit first.');
});

test.run();
