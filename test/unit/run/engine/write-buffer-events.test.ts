import * as assert from 'uvu/assert';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRunEnd } from '../lab-run.ts';

const test = suite('run/write-buffer-procedure: what an image waits for');

/** A disk whose mode 0Dh waits for the events of MODE SPECIFIC, and whose activation is answered but not done. */
const activatedInVain = (modeSpecific: number): Promise<LabRunEnd> =>
  runLab({
    devices: [{ persona: 'disk' }],
    plays: [
      playOf({
        match: { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK' },
        download: [sectionOf({ mode: 'dmc_offs_ev_defer', modeSpecific })],
      }),
    ],
    faults: { 0: [{ when: { moment: 'activation' }, answer: { status: 0 } }] },
  });

for (const [modeSpecific, events] of [
  // The activation was accepted already: to activate it is not advice any more.
  [4, ['power-cycle']],
  [2, ['hard-reset']],
  [6, ['hard-reset', 'power-cycle']],
] as const) {
  test(`mode 0Dh with MODE SPECIFIC ${modeSpecific}: pending names ${events.join(', ')}`, async () => {
    const [result] = (await activatedInVain(modeSpecific)).results;
    assert.is(result!.outcome, 'pending');
    assert.equal(result!.pending, events);
  });
}

test.run();
