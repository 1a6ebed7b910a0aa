import * as assert from 'uvu/assert';
import type { LabDeviceWords } from '../../../src/generated/lab.ts';
import { requireServable } from '../../../src/served-lab/servable.ts';
import { ServedError } from '../../../src/served-lab/served-error.ts';
import { suite } from '../../support/suite.ts';

const test = suite('simulator/served/servable');

function refusal(words: Partial<LabDeviceWords>): string {
  try {
    requireServable({ lab: 'v1', devices: [{ persona: 'disk', revision: '0001', ...words }] });
    return 'served';
  } catch (error) {
    if (!(error instanceof ServedError)) throw error;
    return error.message;
  }
}

for (const [title, words, told] of [
  ['a late answer', { faults: [{ command: 'inquiry', delay: '2s' }] }, 'served'],
  ['sense', { faults: [{ command: 'inquiry', sense: '6/29/00' }] }, 'served'],
  ['no answer', { faults: [{ command: 'inquiry', 'host-status': 3 }] }, 'served'],
  ['a module', { enclosure: { id: '0x3000000e0100003f', process: 1 } }, 'served'],
  [
    'another host status',
    { faults: [{ command: 'inquiry', 'host-status': 7 }] },
    '/devices/0/faults/0: the kernel would not show `host-status` of a served device',
  ],
  [
    'a device that leaves',
    { faults: [{ command: 'inquiry', leaves: { for: '2s' } }] },
    '/devices/0/faults/0: the kernel would not show `leaves` of a served device',
  ],
  [
    'a device that leaves at its restart',
    { restart: { leaves: { for: '2s' } } },
    '/devices/0/restart/leaves: the kernel does not lose a served device',
  ],
  [
    'paths that are lost',
    { restart: { 'lost-paths': 1 } },
    '/devices/0/restart/lost-paths: the kernel does not lose a served device',
  ],
] as const) {
  test(`${title}: ${told === 'served' ? 'served' : 'refused, and named'}`, () => {
    assert.is(refusal(words as Partial<LabDeviceWords>), told);
  });
}

test.run();
