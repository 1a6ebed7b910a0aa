import * as assert from 'uvu/assert';
import { refusal } from '../../../src/base/refusal.ts';
import { noInk } from '../../../src/report/ink.ts';
import { statusText } from '../../../src/report/status-text.ts';
import type { RememberedStatus } from '../../../src/report/status-text.ts';
import { memoryOf, NOTHING_REMEMBERED } from '../../../src/run/records/memory.ts';
import type { UnitMemory } from '../../../src/run/records/memory.ts';
import type { UnitRecord } from '../../../src/run/records/unit-record.ts';
import type { SubenclosureStatus } from '../../../src/run/facts/status.ts';
import { suite } from '../../support/suite.ts';
import { factsOf } from '../run/builders.ts';

const test = suite('report/status-text');

const SUBENCLOSURE: SubenclosureStatus = {
  subenclosureId: 0,
  descriptor: {
    subenclosureId: 0,
    relativeProcessId: 1,
    processCount: 2,
    logicalIdentifier: '50014380ab00003f',
    vendor: 'HP',
    product: 'D6000',
    revision: '0107',
    vendorSpecific: new Uint8Array(0),
  },
  microcode: {
    subenclosureId: 0,
    status: 0x12,
    additionalStatus: 0,
    maximumImageBytes: 0x100000,
    expectedBufferId: 0,
    expectedOffsetBytes: 4096,
  },
  text: 'complete, starts at power on (12h)',
  startsAt: ['power-cycle'],
};

const LOCKED = {
  lockedBy: { run: null, pid: 7, since: null },
  failure: refusal('not-ready', { what: 'another run is working on this unit' }),
};

const NOTHING = memoryOf(NOTHING_REMEMBERED, factsOf(1).id);

const unit = (fields: Partial<RememberedStatus> = {}): RememberedStatus => ({
  facts: factsOf(1),
  generationCode: 7,
  subenclosures: [SUBENCLOSURE],
  deferredImageWaits: false,
  notAsked: null,
  lockedBy: null,
  failure: null,
  memory: NOTHING,
  ...fields,
});

const text = (fields: Partial<RememberedStatus> = {}): string => statusText([unit(fields)], noInk);

test('one shelf', () => {
  assert.is(
    text(),
    [
      '/dev/sg1  naa.50014380ab000001  HP HP SAS EXP Card  revision 2.08',
      '  generation code 7',
      '  subenclosure 0 (primary): HP D6000 revision 0107, 50014380ab00003f, process 1 of 2',
      '    complete, starts at power on (12h)',
      '    largest image 1 MiB, expects buffer 0 at offset 4096, additional status 0',
      '',
    ].join('\n'),
  );
});

test('what is remembered stands above what is seen, and instead of it where another run has the lock', () => {
  const last = {
    run: '20261120T101500Z-1a2b',
    at: '2026-11-20T10:17:00.000Z',
    outcome: 'pending' as const,
    before: '2.08',
    target: '2.10',
    after: '2.08',
    pending: ['hard-reset' as const, 'power-cycle' as const],
  };
  const record = {
    ...last,
    unit: NOTHING.unit,
    frozen: { run: last.run, at: last.at, reason: null },
  } as Partial<UnitRecord>;
  const memory: UnitMemory = {
    ...NOTHING,
    atWork: { run: '20261121T101500Z-3c4d', text: 'partly sent' },
    record: record as UnitRecord,
  };
  assert.equal(
    text({ ...LOCKED, memory })
      .split('\n')
      .slice(1),
    [
      '  run 20261121T101500Z-3c4d is working on it: partly sent',
      '  frozen since run 20261120T101500Z-1a2b: do not reset it, do not power it off',
      '  last run 20261120T101500Z-1a2b (2026-11-20 10:17): pending, 2.08 → 2.10, waits for hard-reset or power-cycle',
      '  another run is working on this unit',
      '',
    ],
  );
});

test('units stand apart by an empty line', () => {
  assert.is(statusText([unit(), unit()], noInk).split('\n\n').length, 2);
});

test('what is not reported is said in words', () => {
  const microcode = { ...SUBENCLOSURE.microcode!, maximumImageBytes: 0, expectedOffsetBytes: 0xffffffff };
  const shown = text({ subenclosures: [{ ...SUBENCLOSURE, microcode }] });
  assert.match(shown, 'largest image not reported, expects buffer 0 at offset any');
});

test('a subenclosure without a descriptor, and one without a status', () => {
  const shown = text({
    subenclosures: [
      { ...SUBENCLOSURE, descriptor: null },
      { ...SUBENCLOSURE, subenclosureId: 3, microcode: null, text: null, startsAt: [] },
    ],
  });
  assert.match(shown, /^ {2}subenclosure 0 \(primary\)$/m);
  assert.match(shown, /^ {2}subenclosure 3 \(secondary\): HP D6000/m);
  assert.match(shown, /^ {4}no microcode status$/m);
});

test('a waiting image, a failure with its next step, a lock', () => {
  assert.match(text({ deferredImageWaits: true }), /^ {2}a deferred image waits for its activation$/m);
  const failed = text({
    failure: refusal('not-ready', { what: 'no answer' }, { next: 'Look at its cable.' }),
  });
  assert.match(failed, /^ {2}no answer$/m);
  assert.match(failed, 'Look at its cable.');
  assert.match(failed, 'subenclosure 0', 'what else is known is shown');
  const locked = text({ ...LOCKED, subenclosures: [] });
  assert.match(locked, /^ {2}another run is working on this unit$/m);
  assert.not.match(locked, 'no page for microcode');
});

test('a unit without pages for microcode', () => {
  assert.match(text({ subenclosures: [], generationCode: null }), 'no microcode page (0Eh)');
});

test('page 0Eh that was not asked is told with the reason, and not as missing', () => {
  const notAsked = 'run r1 left this unit open, and runbook verify asks and keeps what it says';
  const descriptorAlone = { ...SUBENCLOSURE, microcode: null, text: null, startsAt: [] };
  for (const subenclosures of [[descriptorAlone], []]) {
    const shown = text({ notAsked, subenclosures, generationCode: null });
    assert.match(shown, `  microcode status (page 0Eh) not asked: ${notAsked}`);
    assert.not.match(shown, /no microcode (page|status)/);
  }
});

test('strings of a device cannot write to the terminal', () => {
  const descriptor = { ...SUBENCLOSURE.descriptor!, product: 'A\u001b[2JB' };
  assert.not.match(text({ subenclosures: [{ ...SUBENCLOSURE, descriptor }] }), '\u001b');
});

test.run();
