import * as assert from 'uvu/assert';
import { refusal } from '../../../../src/base/refusal.ts';
import type { ResolvedStrategy } from '../../../../src/playbook/resolved.ts';
import { writtenName } from '../../../../src/run/facts/device-name.ts';
import type { DeviceFacts } from '../../../../src/run/facts/inspect.ts';
import type { Decision } from '../../../../src/run/plan/decision.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { NO_MEMORY } from '../../../../src/run/records/remembered-units.ts';
import { suite } from '../../../support/suite.ts';
import { resultOf } from '../../report/run-events.ts';
import { factsOf, pathOf, playbookOf, playOf } from '../builders.ts';
import type { PlayFields } from '../builders.ts';

const NAMELESS = { logicalUnit: null, designators: [], serialNumber: null };
const DISK = { deviceType: 0, vendor: 'SEAGATE', product: 'ST4000' };

interface Case {
  readonly plays?: readonly PlayFields[];
  readonly strategy?: Partial<ResolvedStrategy>;
  readonly facts: readonly DeviceFacts[];
  readonly only?: readonly string[];
  readonly recover?: readonly string[];
}

const planOf = ({ plays = [{}], strategy = {}, facts, only = [], recover = [] }: Case): Plan =>
  makePlan(playbookOf(plays.map(playOf), strategy), facts, {
    only: only.map(writtenName),
    remembered: { ...NO_MEMORY, recover: recover.map(writtenName) },
  });

/** `id play action: reason or code` of every unit, and `!exit play: code` of every refusal, then the work. */
function told(plan: Plan): string[] {
  const short = (id: string): string => id.replace('naa.50014380ab00000', 'card ');
  return [
    ...plan.decisions.map(
      ({ facts, play, action, reason, error }: Decision) =>
        `${short(facts.id)}, ${play ?? '-'}, ${action}: ${error?.code ?? reason}`,
    ),
    ...plan.refusals.map(
      ({ play, unit, error, exit }) =>
        `! ${exit} ${play}: ${unit === null ? '' : `${short(unit)}: `}${error.code}`,
    ),
    `work: ${plan.work.map(({ facts, play }) => `${short(facts.id)} by ${play.name}`).join(', ')}`,
  ];
}

const test = suite('run/plan');

const TABLE: readonly (readonly [title: string, given: Case, expected: readonly string[]])[] = [
  [
    'an older revision is updated',
    { facts: [factsOf(1)] },
    ['card 1, cards, update: 2.08 → 2.10', 'work: card 1 by cards'],
  ],
  [
    'the target revision is current, even where match.revision does not list it',
    { facts: [factsOf(1, { revision: '2.10' })] },
    ['card 1, cards, current: runs 2.10 already', 'work: '],
  ],
  [
    'a revision that is not listed is refused, and stops the play',
    { facts: [factsOf(1), factsOf(2, { revision: '1.52' })] },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 2, cards, refused: revision-not-listed',
      '! REFUSED cards: card 2: revision-not-listed',
      'work: card 1 by cards',
    ],
  ],
  [
    'on-refusal: skip lets the others go on',
    { facts: [factsOf(1), factsOf(2, { revision: '1.52' })], strategy: { onRefusal: 'skip' } },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 2, cards, refused: revision-not-listed',
      'work: card 1 by cards',
    ],
  ],
  [
    'revision ["*"] starts from anything',
    { plays: [{ match: { revision: ['*'] } }], facts: [factsOf(1, { revision: '0.01' })] },
    ['card 1, cards, update: 0.01 → 2.10', 'work: card 1 by cards'],
  ],
  [
    'units of other kinds are left alone, with the reason of the play of their type',
    {
      plays: [
        {},
        {
          name: 'disks',
          match: { type: 'disk', deviceType: 0, vendor: 'HGST', product: '*' },
          expect: { min: 0, max: null },
        },
      ],
      facts: [factsOf(1), factsOf(2, DISK), factsOf(3, { product: 'D2700' }), factsOf(4, { deviceType: 1 })],
    },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 2, -, not-selected: vendor is "SEAGATE", not "HGST"',
      'card 3, -, not-selected: product is "D2700", not "HP SAS EXP Card"',
      'card 4, -, not-selected: is not of type enclosure',
      'work: card 1 by cards',
    ],
  ],
  [
    'nothing matches',
    { facts: [factsOf(1, DISK)] },
    ['card 1, -, not-selected: is not of type enclosure', '! NOMATCH cards: nothing-matches', 'work: '],
  ],
  [
    'nothing at all, and the playbook allows it',
    { plays: [{ expect: { min: 0, max: 4 } }], facts: [] },
    ['work: '],
  ],
  [
    'fewer than expected, and current units count',
    { plays: [{ expect: { min: 3, max: 3 } }], facts: [factsOf(1), factsOf(2, { revision: '2.10' })] },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 2, cards, current: runs 2.10 already',
      '! REFUSED cards: expect-differs',
      'work: card 1 by cards',
    ],
  ],
  [
    'more than expected',
    { plays: [{ expect: { min: 1, max: 1 } }], facts: [factsOf(1), factsOf(2)] },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 2, cards, update: 2.08 → 2.10',
      '! REFUSED cards: expect-differs',
      'work: card 1 by cards, card 2 by cards',
    ],
  ],
  [
    'no usable identity',
    { facts: [factsOf(1, { id: '/dev/sg1', identity: NAMELESS })] },
    ['/dev/sg1, cards, refused: no-identity', '! REFUSED cards: /dev/sg1: no-identity', 'work: '],
  ],
  [
    'no usable identity, but named by its serial number',
    {
      plays: [{ match: { identity: ['SN1'] } }],
      facts: [factsOf(1, { id: 'sn.SN1', identity: { ...NAMELESS, serialNumber: 'SN1' } })],
    },
    ['sn.SN1, cards, update: 2.08 → 2.10', 'work: sn.SN1 by cards'],
  ],
  [
    'one serial number over two paths and no designator: perhaps one unit, and not written to',
    {
      plays: [{ match: { identity: ['SN1'] } }],
      facts: [1, 2].map((n) => factsOf(n, { id: 'sn.SN1', identity: { ...NAMELESS, serialNumber: 'SN1' } })),
      strategy: { onRefusal: 'skip' },
    },
    ['sn.SN1, cards, refused: ambiguous-identity', 'sn.SN1, cards, refused: ambiguous-identity', 'work: '],
  ],
  [
    'one serial number over two paths, one of them without a designator: what has none is not written to',
    {
      plays: [{ match: { identity: ['SN1'] } }],
      facts: [factsOf(1), factsOf(2, { id: 'sn.SN1', identity: { ...NAMELESS, serialNumber: 'SN1' } })],
      strategy: { onRefusal: 'skip' },
    },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'sn.SN1, cards, refused: ambiguous-identity',
      'work: card 1 by cards',
    ],
  ],
  [
    'the same, where the page of the designator could not be read over the other path, and the playbook goes on without',
    {
      plays: [{ match: { identity: ['SN1'] } }],
      facts: [
        factsOf(1, { identity: { ...NAMELESS, serialNumber: 'SN1', unread: ['vpd-83h'] } }),
        factsOf(2, { id: 'sn.SN1', identity: { ...NAMELESS, serialNumber: 'SN1' } }),
      ],
      strategy: { onRefusal: 'skip', proceedWithout: ['vpd-83h'] },
    },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'sn.SN1, cards, refused: ambiguous-identity',
      'work: card 1 by cards',
    ],
  ],
  [
    'another product with the same serial number is another unit',
    {
      plays: [{ match: { identity: ['SN1'] } }],
      facts: [
        factsOf(1, { product: 'OTHER' }),
        factsOf(2, { id: 'sn.SN1', identity: { ...NAMELESS, serialNumber: 'SN1' } }),
      ],
    },
    [
      'card 1, -, not-selected: product is "OTHER", not "HP SAS EXP Card"',
      'sn.SN1, cards, update: 2.08 → 2.10',
      'work: sn.SN1 by cards',
    ],
  ],
  [
    'a unit that did not answer',
    { facts: [factsOf(1, { identity: null, problem: refusal('answer-lost', { what: 'no answer' }) })] },
    ['card 1, cards, refused: answer-lost', '! REFUSED cards: card 1: answer-lost', 'work: '],
  ],
  [
    'match.identity narrows',
    {
      plays: [{ match: { identity: ['0x50014380AB000002'] } }],
      facts: [factsOf(1), factsOf(2)],
    },
    [
      'card 1, -, not-selected: is not among match.identity',
      'card 2, cards, update: 2.08 → 2.10',
      'work: card 2 by cards',
    ],
  ],
  [
    'two plays on one unit are a mistake, whatever on-refusal says',
    { plays: [{}, { name: 'again' }], facts: [factsOf(1)], strategy: { onRefusal: 'skip' } },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 1, again, refused: selected-twice',
      '! REFUSED again: card 1: selected-twice',
      'work: card 1 by cards',
    ],
  ],
  [
    '--only does not excuse it either',
    { plays: [{}, { name: 'again' }], facts: [factsOf(1)], only: ['sg1'] },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 1, again, refused: selected-twice',
      '! REFUSED again: card 1: selected-twice',
      'work: card 1 by cards',
    ],
  ],
  [
    '--only leaves the others alone, and a refused one among them halts nothing',
    { facts: [factsOf(1), factsOf(2), factsOf(3, { revision: '1.52' })], only: ['/dev/sg2', 'sg3'] },
    [
      'card 1, cards, not-selected: not named by --only',
      'card 2, cards, update: 2.08 → 2.10',
      'card 3, cards, refused: revision-not-listed',
      'work: card 2 by cards',
    ],
  ],
  [
    '--only names something that is not there, or that no play selects',
    { facts: [factsOf(1), factsOf(2, DISK)], only: ['sg9', '6:0:2:0'] },
    [
      'card 1, cards, not-selected: not named by --only',
      'card 2, -, not-selected: is not of type enclosure',
      '! NOMATCH : only-unknown',
      '! NOMATCH : only-not-selected',
      'work: ',
    ],
  ],
  [
    '--recover names something that is not there: the others are not upgraded for it',
    { facts: [factsOf(1)], recover: ['sg9'] },
    ['card 1, cards, update: 2.08 → 2.10', '! NOMATCH : recover-unknown', 'work: card 1 by cards'],
  ],
  [
    '--only does not change how many are expected',
    { plays: [{ expect: { min: 2, max: 2 } }], facts: [factsOf(1), factsOf(2)], only: ['SN1'] },
    [
      'card 1, cards, update: 2.08 → 2.10',
      'card 2, cards, not-selected: not named by --only',
      'work: card 1 by cards',
    ],
  ],
  [
    'rescan would remove a disk: refused',
    {
      plays: [{ activate: [{ step: 'activate_mc' }, { step: 'rescan' }] }],
      facts: [factsOf(1, { paths: [pathOf(1, { blockNode: '/dev/sdb' })] })],
    },
    ['card 1, cards, refused: step-removes-disk', '! REFUSED cards: card 1: step-removes-disk', 'work: '],
  ],
  [
    'reload-driver would remove the disk of another unit: refused',
    {
      plays: [{ activate: [{ step: 'reload-driver', driver: 'mpt3sas' }] }],
      facts: [factsOf(1), factsOf(2, { ...DISK, paths: [pathOf(2, { blockNode: '/dev/sdb' })] })],
    },
    [
      'card 1, cards, refused: step-removes-disk',
      'card 2, -, not-selected: is not of type enclosure',
      '! REFUSED cards: card 1: step-removes-disk',
      'work: ',
    ],
  ],
];

for (const [title, given, expected] of TABLE) {
  test(title, () => assert.equal(told(planOf(given)), expected));
}

test('a unit that the look of verify has just seen at its target is current, whatever it showed before that', () => {
  const [facts, play] = [factsOf(1), playOf()];
  const result = resultOf(1, { id: facts.id, outcome: 'updated', after: '2.10' });
  const judged = new Map([
    [facts.id, { run: 'r1', imageSha256: play.imageSha256, isInterrupted: true, result }],
  ]);
  const plan = makePlan(playbookOf([play]), [facts], { only: [], remembered: { ...NO_MEMORY, judged } });
  assert.equal(told(plan), ['card 1, cards, current: runs 2.10 already', 'work: ']);
});

test('the same playbook and the same facts give the same plan', () => {
  const given = { facts: [factsOf(1), factsOf(2, { revision: '2.10' })] };
  assert.equal(planOf(given), planOf(given));
});

test('what is refused at its last check halts the rest, unless the playbook or --only says otherwise', () => {
  assert.is(planOf({ facts: [factsOf(1)] }).haltOnRefusal, true);
  assert.is(planOf({ facts: [factsOf(1)], strategy: { onRefusal: 'skip' } }).haltOnRefusal, false);
  assert.is(planOf({ facts: [factsOf(1)], only: ['sg1'] }).haltOnRefusal, false);
});

test.run();
