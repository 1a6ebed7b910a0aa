import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { ACTIVATION_STEPS } from '../../../src/playbook/steps.ts';
import { suite } from '../../support/suite.ts';
import { SAMPLE, problemsOf, sampleWith, textOf } from './sample.ts';

const test = suite('playbook/load');

test('a playbook without a mistake gives its words, frozen, and the hash of its text', () => {
  const { playbook, diagnostics } = loadPlaybook('x.yml', SAMPLE);
  assert.equal(diagnostics, []);
  assert.is(playbook!.words.plays[0]!.match.product, 'HP SAS EXP Card');
  assert.is(playbook!.sha256, createHash('sha256').update(SAMPLE).digest('hex'));
  assert.ok(Object.isFrozen(playbook!.words.plays[0]!.match.revision));
});

const EXAMPLES = Object.values(ACTIVATION_STEPS).map(({ example }) => example);
const REVISION_LIST = '      revision: ["2.06", "2.08"]';

/** One mistake each: what is replaced, by what, and everything that is said about it. */
const MISTAKES: readonly (readonly [title: string, from: string, to: string, expected: readonly string[]])[] =
  [
    [
      'a revision without quotes',
      'revision: "2.10"',
      'revision: 2.10',
      [
        '14:17 quote: revision must be text, but YAML reads 2.10 as a number, 2.1 | write it in quotes: "2.10"',
      ],
    ],
    [
      'a start revision with a leading zero',
      REVISION_LIST,
      '      revision: ["2.06", 0107]',
      [
        '9:26 quote: entry 2 of revision must be text, but YAML reads 0107 as a number, 107 | write it in quotes: "0107"',
      ],
    ],
    [
      'a vendor that is true',
      'vendor: HP',
      'vendor: true',
      ['7:15 quote: vendor must be text, but YAML reads true as a boolean | write it in quotes: "true"'],
    ],
    [
      'a product that is null',
      'product: HP SAS EXP Card',
      'product: ~',
      ['8:16 quote: product must be text, but YAML reads ~ as null | write it in quotes: "~"'],
    ],
    [
      'a product that is not there',
      'product: HP SAS EXP Card',
      'product:',
      ['8:7 type: product has no value'],
    ],
    [
      'an address that YAML would round',
      REVISION_LIST,
      `${REVISION_LIST}\n      identity: [0x500605b000001234]`,
      [
        '10:18 quote: entry 1 of identity must be text, but YAML reads 0x500605b000001234 as a number, 5766302626366887000 | write it in quotes: "0x500605b000001234"',
      ],
    ],
    [
      'a hash that is all digits',
      '2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9',
      '1'.repeat(64),
      [
        `13:15 quote: sha256 must be text, but YAML reads ${'1'.repeat(64)} as a number, 1.1111111111111112e+63 | write it in quotes: "${'1'.repeat(64)}"`,
      ],
    ],
    [
      'a hash that is cut',
      '98a911d9',
      '98a911',
      ['13:15 format: sha256 must be 64 hex digits; this has 62 characters | `sha256sum FILE` shows them'],
    ],
    [
      'a text where a list is wanted',
      REVISION_LIST,
      '      revision: "2.08"',
      ['9:17 type: revision must be a list, not text | write a list: ["2.08"]'],
    ],
    [
      'an empty list of revisions',
      REVISION_LIST,
      '      revision: []',
      ['9:17 count: revision is empty; it must have at least 1 entry'],
    ],
    [
      'a revision that is listed twice',
      REVISION_LIST,
      '      revision: ["2.06", "2.08", "2.06"]',
      ['9:34 count: revision lists "2.06" twice'],
    ],
    [
      'a misspelt key',
      'vendor: HP',
      'vendr: HP',
      ['7:7 unknown-key: there is no key vendr in match | did you mean vendor?'],
    ],
    [
      'a key that the language does not have',
      'expect: 1..4',
      'when: always',
      [
        '10:5 unknown-key: there is no key when in entry 1 of plays | known keys: name, after, match, expect, firmware, download, activate, verify; keys that begin with x- are ignored',
      ],
    ],
    [
      'a merge key',
      'expect: 1..4',
      '<<: {expect: 1}',
      [
        '10:5 merge-key: << merges nothing here: the keys of the other mapping are not taken in | write the keys out; an alias can stand for a whole value, as in download: *name',
      ],
    ],
    ['a missing key', '      vendor: HP\n', '', ['5:5 missing-key: vendor is missing in match']],
    [
      'a mode by number',
      'mode: dmc_offs_defer',
      'mode: 0xe',
      ['17:13 mode-number: write modes by name, not by number: 0xe | write dmc_offs_defer'],
    ],
    [
      'a mode by number, in quotes',
      'mode: dmc_offs_defer',
      'mode: "7"',
      ['17:13 mode-number: write modes by name, not by number: "7" | write dmc_offs_save'],
    ],
    [
      'a number that is not a download mode',
      'mode: dmc_offs_defer',
      'mode: 0x1c',
      ['17:13 mode-number: write modes by name, not by number: 0x1c | this number is not a download mode'],
    ],
    [
      'activation as a mode',
      'mode: dmc_offs_defer',
      'mode: activate_mc',
      ['17:13 word: mode cannot be activate_mc | activate_mc is a step: write it under activate'],
    ],
    [
      'a prefix of a mode',
      'mode: dmc_offs_defer',
      'mode: dmc_offs_def',
      [
        '17:13 word: mode cannot be dmc_offs_def | did you mean dmc_offs_defer? (one of dmc, dmc_save, dmc_offs, dmc_offs_save, dmc_offs_ev_defer, dmc_offs_defer)',
      ],
    ],
    [
      'an unknown way of sending',
      'via: write-buffer',
      'via: write_buffer',
      [
        '16:12 word: via cannot be write_buffer | did you mean write-buffer? (one of write-buffer, ses, external)',
      ],
    ],
    [
      'no way of sending',
      '      via: write-buffer\n',
      '',
      ['15:5 missing-key: via is missing in download | write via: write-buffer, ses or external'],
    ],
    [
      'an unknown device type',
      'type: enclosure',
      'type: ses',
      [
        '6:13 word: type cannot be ses | one of enclosure, disk, tape, processor, array-controller, host-managed-zoned',
      ],
    ],
    [
      'a size of another tool',
      'bpw: 4096',
      'bpw: 4kB',
      ['18:12 size: bpw must be a size, auto or whole, not 4kB | if 4kB is 4000 bytes, write 4000'],
    ],
    [
      'a size with a fraction',
      'bpw: 4096',
      'bpw: 1.5k',
      [
        '18:12 size: bpw must be a size, auto or whole, not 1.5k | write 4096, 0x1000, 4k, 4KiB or 1MiB; units are powers of 1024',
      ],
    ],
    [
      'a size of nothing',
      'bpw: 4096',
      'bpw: 0',
      ['18:12 range: bpw must be at least 1, not 0 | whole sends all in one command'],
    ],
    [
      'a time without a unit',
      'wait-ready: 2m',
      'wait-ready: 120',
      ['21:21 duration: wait-ready 120 has no unit | write 120s if you mean seconds'],
    ],
    [
      'a time of two units',
      'within: 2m',
      'within: 1m30s',
      ['23:15 duration: within must be a time with its unit, not 1m30s | write 500ms, 300s, 2m or 1h'],
    ],
    [
      'a time-out without a unit',
      'bpw: 4096',
      'bpw: 4096\n      timeout: 300',
      ['19:16 duration: timeout 300 has no unit | write 300s if you mean seconds'],
    ],
    [
      'a time-out of an unknown phase',
      'bpw: 4096',
      'bpw: 4096\n      timeout: {chunks: 3s}',
      ['19:17 unknown-key: there is no key chunks in timeout | did you mean chunk?'],
    ],
    [
      'a number of units in words',
      'expect: 1..4',
      'expect: 1-4',
      ['10:13 expect: expect must be N, A..B or A.., not 1-4 | write 4, 1..4 or 1..'],
    ],
    [
      'a misspelt step',
      '- activate_mc',
      '- activate-mc',
      [
        '20:9 word: entry 1 of activate cannot be activate-mc | did you mean activate_mc? (one of activate_mc, rescan, power-cycle, reboot)',
      ],
    ],
    [
      'a step without its time',
      '- wait-ready: 2m',
      '- wait-ready',
      ['21:9 word: entry 2 of activate cannot be wait-ready | it needs a value: wait-ready: 2m'],
    ],
    [
      'a step with a colon too many',
      '- activate_mc',
      '- activate_mc:',
      [
        '20:9 unknown-key: there is no key activate_mc in entry 1 of activate | write it without a colon: - activate_mc',
      ],
    ],
    [
      'a step that is a number',
      '- activate_mc',
      '- 15',
      [`20:9 type: entry 1 of activate must be a step, not 15 | one of ${EXAMPLES.join(', ')}`],
    ],
    [
      'a number in a command line',
      '- activate_mc',
      '- run: [reseat, 3]',
      ['20:23 quote: entry 2 of run must be text, but YAML reads 3 as a number | write it in quotes: "3"'],
    ],
    [
      'a download in one word',
      '    download:\n      via: write-buffer\n      mode: dmc_offs_defer\n      bpw: 4096\n',
      '    download: dmc_offs_defer\n',
      [
        '15:15 type: download must be a section or a list of sections, not dmc_offs_defer | a section begins with `via:`',
      ],
    ],
    [
      'a buffer id that is too large',
      'bpw: 4096',
      'bpw: 4096\n      buffer-id: 256',
      ['19:18 range: buffer-id must be from 0 to 255, not 256'],
    ],
    [
      'a number in quotes',
      'bpw: 4096',
      'bpw: 4096\n      buffer-id: "3"',
      ['19:18 type: buffer-id must be a whole number, not text | write it without quotes: 3'],
    ],
    [
      'another version',
      'runbook: v1',
      'runbook: v2',
      ['1:10 version: runbook v2 is unknown | this version reads v1'],
    ],
    [
      'no version',
      'runbook: v1\n',
      '',
      ['1:1 missing-key: runbook is missing | the file begins with `runbook: v1`'],
    ],
    [
      'plays that are not a list',
      SAMPLE.slice(SAMPLE.indexOf('plays:')),
      'plays: {name: card}\n',
      ['3:8 type: plays must be a list, not a mapping'],
    ],
    [
      'a play that is not a mapping',
      SAMPLE.slice(SAMPLE.indexOf('plays:')),
      'plays:\n  - card\n',
      ['4:5 type: entry 1 of plays must be a mapping of keys, not text'],
    ],
    [
      'a name with a blank',
      'name: card\n',
      'name: my card\n',
      ['4:11 format: name must be one word, not my card | use letters, digits, dot, dash and underscore'],
    ],
    ['an empty text', 'name: cards', 'name: ""', ['2:7 format: name is empty']],
  ];

for (const [title, from, to, expected] of MISTAKES) {
  test(`${title} is one mistake with its place and a way out`, () => {
    assert.equal(problemsOf(sampleWith([from, to])), expected);
  });
}

test('all mistakes come at once, in the order of the file, with their lines', () => {
  const text = sampleWith(
    ['vendor: HP', 'vendr: HP'],
    ['revision: "2.10"', 'revision: 2.10'],
    ['bpw: 4096', 'bpw: 4kB'],
  );
  assert.is(
    textOf(text),
    [
      'x.yml:7:7: error: there is no key vendr in match [unknown-key]',
      '   7 |       vendr: HP',
      '     |       ^^^^^',
      '     = did you mean vendor?',
      'x.yml:14:17: error: revision must be text, but YAML reads 2.10 as a number, 2.1 [quote]',
      '  14 |       revision: 2.10',
      '     |                 ^^^^',
      '     = write it in quotes: "2.10"',
      'x.yml:18:12: error: bpw must be a size, auto or whole, not 4kB [size]',
      '  18 |       bpw: 4kB',
      '     |            ^^^',
      '     = if 4kB is 4000 bytes, write 4000',
    ].join('\n'),
  );
});

test('mistakes in the schema do not hide those that only a careful reader finds', () => {
  const problems = problemsOf(
    sampleWith(['vendor: HP', 'vendor: 7'], ['expect: 1..4', 'expect: 4..1'], ['      bpw: 4096\n', '']),
  );
  assert.equal(
    problems.map((text) => text.split(':').slice(0, 2).join(':')),
    ['7:15 quote', '10:13 expect', '15:5 missing-key'],
  );
});

test('a mistake in an anchor is reported once, where it is written', () => {
  const text = sampleWith(
    ['revision: ["2.06", "2.08"]', 'revision: &r [2.06, "2.08"]'],
    ['    expect: 1..4', '    x-note: *r\n    expect: 1..4'],
  );
  assert.is(problemsOf(text).length, 1);
  assert.match(problemsOf(text)[0]!, /^9:21 quote/);
});

test('keys that begin with x- are free everywhere', () => {
  const text = sampleWith(
    ['name: cards', 'name: cards\nx-owner: storage'],
    ['vendor: HP', 'vendor: HP\n      x-part: 468406-B21'],
    ['bpw: 4096', 'bpw: 4096\n      x-a: {b: [1, ~]}'],
    ['- wait-ready: 2m', '- {wait-ready: 2m, x-why: slow}'],
  );
  assert.equal(problemsOf(text), []);
});

test('what YAML reads as text needs no quotes', () => {
  assert.equal(problemsOf(sampleWith(['["2.06", "2.08"]', '[A124, 1.0a]'])), []);
});

test('a file that is not a mapping is one mistake', () => {
  assert.equal(problemsOf('hello\n'), ['1:1 type: the file must be a mapping of keys, not text']);
});

test.run();
