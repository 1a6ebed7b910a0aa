import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { problemsOf, sampleWith } from './sample.ts';

/**
 * Each mode with each row of steps: a step that a person does must be able to start what was sent. Where it cannot, the run would
 * wait forever, and the playbook is not valid.
 */
const test = suite('playbook: runs that would never end');

const NOT_SAVED = 'does not save it, so the unit runs it at once and loses it at the power cycle';
const BY_ITSELF = 'activates by itself';

const MODES = [
  { words: 'mode: dmc\n      not-saved: accepted', saved: false, deferred: false },
  { words: 'mode: dmc_save', saved: true, deferred: false },
  { words: 'mode: dmc_offs\n      bpw: 4096\n      not-saved: accepted', saved: false, deferred: false },
  { words: 'mode: dmc_offs_save\n      bpw: 4096', saved: true, deferred: false },
  { words: 'mode: dmc_offs_defer\n      bpw: 4096', saved: true, deferred: true },
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((events) => ({
    words: `mode: dmc_offs_ev_defer\n      bpw: 4096\n      mode-specific: ${events}`,
    saved: true,
    deferred: true,
    powerOn: events >= 4,
  })),
];

const STEPS = [
  ['power-cycle'],
  ['reboot'],
  ['activate_mc', 'power-cycle'],
  ['activate_mc', 'wait-ready: 2m'],
  ['wait-ready: 2m'],
  ['wait-ready: 2m', 'power-cycle'],
];

for (const { words, saved, deferred, powerOn = true } of MODES as readonly {
  words: string;
  saved: boolean;
  deferred: boolean;
  powerOn?: boolean;
}[]) {
  for (const steps of STEPS) {
    const title = `${words.replaceAll(/\n +/g, ', ')}; ${steps.join(', ')}`;
    test(title, () => {
      const text = sampleWith(
        ['mode: dmc_offs_defer\n      bpw: 4096', words],
        ['- activate_mc\n      - wait-ready: 2m', steps.map((step) => `- ${step}`).join('\n      ')],
      );
      const told = problemsOf(text);
      const [activated, cycled] = [steps.includes('activate_mc'), steps.includes('power-cycle')];
      const wanted = [
        ...(activated && !deferred ? [BY_ITSELF] : []),
        ...(cycled && !saved ? [NOT_SAVED] : []),
        ...(cycled && !powerOn && !activated ? ['leaves out power on'] : []),
      ];
      assert.is(told.length, wanted.length, told.join('\n'));
      for (const part of wanted)
        assert.ok(
          told.some((one) => one.includes(part)),
          told.join('\n'),
        );
      for (const one of told) assert.match(one, /^\d+:\d+ activation: .* \| ./);
    });
  }
}

test('a fallback and an earlier section that are not saved are lost at the power cycle, too', () => {
  const steps: readonly [string, string] = ['- activate_mc\n      - wait-ready: 2m', '- power-cycle'];
  const section = 'via: write-buffer\n      mode: dmc_offs_defer\n      bpw: 4096';
  const fallback = sampleWith(steps, [
    section,
    `${section}\n      not-saved: accepted\n      otherwise: { when: mode-not-supported, mode: dmc_offs }`,
  ]);
  assert.match(problemsOf(fallback).join(), `dmc_offs ${NOT_SAVED}`);
  const list = sampleWith(steps, [
    section,
    [
      '- { via: write-buffer, mode: dmc_offs, bpw: 4096, not-saved: accepted, unproven: accepted, buffer-id: 1 }',
      '- { via: write-buffer, mode: dmc_offs_save, bpw: 4096 }',
    ].join('\n      '),
  ]);
  assert.match(problemsOf(list).join(), `dmc_offs ${NOT_SAVED}`);
});

test.run();
