import * as assert from 'uvu/assert';
import { draftDownload } from '../../../src/cli/draft-download.ts';
import type { Capabilities } from '../../../src/device/capabilities.ts';
import type { SupportedOperationCode } from '../../../src/scsi/report-supported-operation-codes.ts';
import { suite } from '../../support/suite.ts';

const test = suite('cli/draft-download');

const NOTHING: Capabilities = {
  extendedInquiry: null,
  operationCodes: new Map(),
  buffer: null,
  unreadable: [],
};

/** A device that lists these modes, with the time that it may be unreachable. */
function listing(modes: readonly number[], unreachableSeconds = 0): Capabilities {
  const said: SupportedOperationCode = {
    support: 'standard',
    cdbUsage: new Uint8Array(10),
    timeouts: { commandSpecific: unreachableSeconds, nominalSeconds: 0, recommendedSeconds: 0 },
    affects: 'not-said',
  };
  return { ...NOTHING, operationCodes: new Map(modes.map((mode) => [mode, said])) };
}
const stepsOf = (said: Capabilities): string[] => draftDownload(said, []).activate.map(({ step }) => step);

test('page 0Eh in the list of pages means SES, whatever WRITE BUFFER knows', () => {
  assert.is(draftDownload(listing([0x0e]), [0x00, 0x01, 0x0e]).via, 'ses');
  assert.is(draftDownload(listing([0x0e]), [0x00, 0x01]).via, 'write-buffer');
});

/** What a device lists, and the most careful of it. */
const CHOICES: readonly (readonly [number[], string, number | null])[] = [
  [[], 'dmc_offs_defer', 4096],
  [[0x05, 0x07, 0x0d, 0x0e], 'dmc_offs_defer', 4096],
  [[0x05, 0x07, 0x0d], 'dmc_offs_save', 4096],
  [[0x05, 0x0d], 'dmc_offs_ev_defer', 4096],
  [[0x04, 0x05], 'dmc_save', null],
  [[0x04], 'dmc', null],
];
for (const [modes, mode, bpw] of CHOICES) {
  test(`of modes ${modes.join(', ') || 'not said'} it takes ${mode}`, () => {
    const draft = draftDownload(listing(modes), []);
    assert.is(draft.mode, mode);
    assert.is(draft.bpw, bpw);
    assert.is(draft.modeSpecific, mode === 'dmc_offs_ev_defer' ? 4 : null);
  });
}

test('steps are those of the mode, and wait as long as the device asks for', () => {
  assert.equal(stepsOf(NOTHING), ['activate_mc', 'wait-ready: 2m']);
  assert.equal(stepsOf(listing([0x0e], 601)), ['activate_mc', 'wait-ready: 11m']);
  assert.equal(stepsOf(listing([0x07])), ['wait-ready: 2m']);
  assert.equal(stepsOf(listing([0x0d])), ['power-cycle']);
});

test('chunks are a multiple of the boundary that READ BUFFER names', () => {
  const bpw = (offsetBoundaryExponent: number): number | null =>
    draftDownload({ ...NOTHING, buffer: { offsetBoundaryExponent, capacityBytes: 1, exists: true } }, []).bpw;
  assert.equal([0, 9, 12, 15, 0xff].map(bpw), [4096, 4096, 4096, 32768, 4096]);
});

test.run();
