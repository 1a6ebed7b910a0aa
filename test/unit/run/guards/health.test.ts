import * as assert from 'uvu/assert';
import { refusal } from '../../../../src/base/refusal.ts';
import type { EnclosureHealth, HealthFact } from '../../../../src/run/facts/health.ts';
import { healthRefusal, healthWarnings, healthWorse } from '../../../../src/run/guards/health.ts';
import { ElementType } from '../../../../src/ses/element-type.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('run: health of an enclosure');

const REQUIRED = { health: 'required', proceedWithout: [] } as const;
const IGNORE = { health: 'ignore', proceedWithout: [] } as const;
const { powerSupply, cooling, temperatureSensor, sasExpander, arrayDeviceSlot } = ElementType;
const ELECTRONICS = ElementType.enclosureServicesControllerElectronics;

const DOOR = 0x05;

/** Elements of one type, each with its code. */
function present(
  elements: readonly (readonly [type: number, ...codes: number[]])[],
  bits: EnclosureHealth['bits'] = [],
): HealthFact {
  return {
    kind: 'present',
    value: {
      bits,
      elements: elements.flatMap(([elementType, ...codes]) =>
        codes.map((code, index) => ({ subenclosureId: 0, elementType, index, text: '', code })),
      ),
    },
  };
}

type Said = 'refused' | 'warned' | 'well';

function said(fact: HealthFact): Said {
  if (healthRefusal(fact, REQUIRED) !== null) return 'refused';
  return healthWarnings(fact, REQUIRED).length > 0 ? 'warned' : 'well';
}

const RESERVED = [9, 10, 15];

for (const type of [ELECTRONICS, sasExpander, temperatureSensor, arrayDeviceSlot, DOOR, 0x80]) {
  test(`of type ${type}, codes 2 and 4 refuse, 3 warns, and no other says anything`, () => {
    for (const [codes, expected] of [
      [[2, 4], 'refused'],
      [[3], 'warned'],
      [[0, 1, 5, 6, 7, 8, ...RESERVED], 'well'],
    ] as const) {
      for (const code of codes) assert.is(said(present([[type, 1, code]])), expected, `code ${code}`);
    }
  });
}

for (const type of [powerSupply, cooling]) {
  for (const [codes, expected] of [
    [[1, 1], 'well'],
    [[1, 5], 'well'],
    [[1], 'well'],
    [[1, 7], 'well'],
    [[1, 2], 'refused'],
    [[1, 4], 'refused'],
    [[2, 5], 'refused'],
    [[6, 2], 'refused'],
    [[1, 1, 2], 'warned'],
    [[1, 3], 'warned'],
    [[3, 2], 'refused'],
    [[1, 1, 4, 5], 'warned'],
  ] as const) {
    test(`${type === powerSupply ? 'supplies' : 'fans'} with codes ${codes.join(' ')}: ${expected}`, () =>
      assert.is(said(present([[type, ...codes]])), expected));
  }
}

test('supplies do not stand in for fans', () =>
  assert.is(
    said(
      present([
        [powerSupply, 1, 1, 1],
        [cooling, 1, 2],
      ]),
    ),
    'refused',
  ));

test('bits in the header warn', () =>
  assert.is(said(present([[powerSupply, 1, 1]], ['critical'])), 'warned'));

test('a unit without the page, or that was not asked, is not refused; a page that cannot be read refuses', () => {
  assert.is(healthRefusal(undefined, REQUIRED), null);
  assert.is(healthRefusal({ kind: 'absent' }, REQUIRED), null);
  const unreadable: HealthFact = { kind: 'unreadable', why: refusal('bad-answer', { what: 'cut' }) };
  assert.is(healthRefusal(unreadable, REQUIRED)?.code, 'fact-unreadable');
  assert.is(healthRefusal(unreadable, { ...REQUIRED, proceedWithout: ['ses-02h'] }), null);
  assert.is(healthRefusal(unreadable, IGNORE), null);
});

test('health: ignore neither refuses nor warns', () => {
  const bad = present(
    [
      [ELECTRONICS, 2],
      [DOOR, 3],
    ],
    ['critical'],
  );
  assert.is(healthRefusal(bad, IGNORE), null);
  assert.equal(healthWarnings(bad, IGNORE), []);
});

for (const [title, before, now, expected] of [
  ['as before', [[ELECTRONICS, 2]], [[ELECTRONICS, 2]], null],
  ['worse of the same', [[ELECTRONICS, 2]], [[ELECTRONICS, 4]], 'health-worse'],
  ['better', [[ELECTRONICS, 4]], [[ELECTRONICS, 2]], null],
  ['a part that was well', [[ELECTRONICS, 1, 1]], [[ELECTRONICS, 1, 2]], 'health-worse'],
  ['what only warns', [[DOOR, 1]], [[DOOR, 3]], null],
  ['a supply that leaves one', [[powerSupply, 1, 1]], [[powerSupply, 1, 2]], 'health-worse'],
  ['a supply that leaves two', [[powerSupply, 1, 1, 1]], [[powerSupply, 1, 2, 1]], null],
  ['the only supply', [[powerSupply, 1, 5]], [[powerSupply, 2, 5]], 'health-worse'],
  [
    'an element that new code lists',
    [[DOOR, 1]],
    [
      [DOOR, 1],
      [sasExpander, 2],
    ],
    'health-worse',
  ],
  ['an element that new code does not list', [[DOOR, 1, 2]], [[DOOR, 1]], null],
] as const) {
  test(`afterwards: ${title}`, () =>
    assert.is(healthWorse(present(before), present(now))?.code ?? null, expected));
}

test('afterwards: a page that could be read before has to be readable; one that is gone is not asked for', () => {
  const unreadable: HealthFact = { kind: 'unreadable', why: refusal('bad-answer', { what: 'cut' }) };
  const before = present([[DOOR, 1]]);
  assert.is(healthWorse(before, unreadable)?.code, 'health-unknown-after');
  assert.is(healthWorse(before, { kind: 'absent' }), null);
  assert.is(healthWorse({ kind: 'absent' }, unreadable), null);
});

test.run();
