import * as assert from 'uvu/assert';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { suite } from '../../support/suite.ts';
import { SAMPLE, problemsOf, sampleWith } from './sample.ts';

const test = suite('playbook/checks');

type Change = readonly [from: string, to: string];

const BPW = 'bpw: 4096';
const MODE = 'mode: dmc_offs_defer';
const SECTION = 'via: write-buffer\n      mode: dmc_offs_defer\n      bpw: 4096';
const STEPS = '- activate_mc\n      - wait-ready: 2m';

/** What the schema lets pass and a careful operator does not. */
const DOUBTS: readonly (readonly [title: string, changes: readonly Change[], expected: readonly string[]])[] =
  [
    [
      'a vendor longer than INQUIRY has room for',
      [['vendor: HP', 'vendor: HEWLETT-PACKARD']],
      [
        '7:15 inquiry-field: "HEWLETT-PACKARD" has 15 characters; INQUIRY has room for 8 in the vendor | write what the device shows, or use `*`',
      ],
    ],
    [
      'a product with an umlaut',
      [['HP SAS EXP Card', 'Gehäuse']],
      ['8:16 inquiry-field: "Gehäuse" has characters that are not ASCII; INQUIRY has only ASCII'],
    ],
    [
      'a start revision of five characters',
      [['"2.06"', '"2.060"']],
      [
        '9:18 inquiry-field: "2.060" has 5 characters; INQUIRY has room for 4 in the revision | write what the device shows; verify.aliases says what it means',
      ],
    ],
    [
      'a target of more than four characters',
      [['revision: "2.10"', 'revision: "4.3.0.5"']],
      [
        '14:17 inquiry-field: "4.3.0.5" has 7 characters; INQUIRY has room for 4 in the revision | write what the device shows; verify.aliases says what it means',
      ],
    ],
    [
      'a pattern of revisions',
      [['"2.06"', '"2.*"']],
      ['9:18 wildcard: "2.*" is not a pattern: only "*" alone means any revision | list each revision'],
    ],
    [
      'any revision beside others',
      [['"2.06"', '"*"']],
      [
        '9:18 wildcard: "*" takes every revision; the others beside it mean nothing | list revisions, or "*" alone',
      ],
    ],
    [
      'a target with a wildcard',
      [['revision: "2.10"', 'revision: "2.1*"']],
      ['14:17 wildcard: the target is one revision; `*` is not a wildcard here'],
    ],
    [
      'the target among the start revisions',
      [['"2.06"', '"2.10"']],
      [
        '9:18 target-listed: "2.10" is the target: a unit that shows it is current, so it is not a revision to start from | remove it',
      ],
    ],
    [
      'the target among the start revisions, with padding',
      [
        ['"2.06"', '"2.1 "'],
        ['revision: "2.10"', 'revision: "2.1"'],
      ],
      [
        '9:18 target-listed: "2.1 " is the target: a unit that shows it is current, so it is not a revision to start from | remove it',
      ],
    ],
    [
      'two targets',
      [['within: 2m', 'within: 2m\n      revision: "2.11"']],
      [
        '24:17 target-conflict: verify.revision is "2.11", firmware.revision is "2.10" | remove verify.revision, or say what the device shows: aliases: {"2.11": "2.10"}',
      ],
    ],
    [
      'an alias of more than four characters',
      [['within: 2m', 'aliases: {"04300": "2.10"}']],
      [
        '23:17 inquiry-field: "04300" has 5 characters; INQUIRY has room for 4 in the revision | write what the device shows; verify.aliases says what it means',
      ],
    ],
    [
      'an alias without quotes',
      [['within: 2m', 'aliases: {0430: "2.10"}']],
      ['23:17 quote: YAML does not read the key 0430 as text | write it in quotes: "0430"'],
    ],
    [
      'a revision that never moves, without a witness',
      [['within: 2m', 'revision: unchanged']],
      ['23:17 witness: a revision that does not change proves nothing | add verify.witness'],
    ],
    [
      'a witness that looks at two places',
      [['within: 2m', 'witness: {vpd: 0x83, sysfs: a, equals: b}']],
      [
        '23:7 witness: a witness looks at exactly one place: vpd, inquiry, ses-revision, sysfs or link-rate | write one of them',
      ],
    ],
    [
      'a witness without its value',
      [['within: 2m', 'witness: {sysfs: class/sas_phy/x}']],
      ['23:7 witness: a sysfs witness needs equals'],
    ],
    [
      'a proof that looks nowhere',
      [['type: enclosure', 'type: enclosure\n      proof: [{offset: 4, equals: "0xab"}]']],
      [
        '7:15 proof: a proof looks at exactly one place: vpd or inquiry | write vpd: 0x83 or inquiry: standard',
      ],
    ],
    [
      'half a byte of proof',
      [['type: enclosure', 'type: enclosure\n      proof: [{vpd: 0x83, offset: 4, equals: "0xabc"}]']],
      [
        '7:46 format: 0xabc is not a whole number of bytes in hex | write two hex digits for each byte after 0x',
      ],
    ],
    [
      'a range of units that runs backwards',
      [['1..4', '4..1']],
      ['10:13 expect: expect 4..1 cannot be met by any number of units above 0 | write 4, 1..4 or 1..'],
    ],
    [
      'a URL as the image',
      [['file: PUF21000.bin', 'file: https://example.org/PUF21000.bin']],
      [
        '12:13 remote-file: the image must be a file beside the playbook; runbook downloads nothing | download it, check it, then name the file',
      ],
    ],
    [
      'chunks without a size',
      [[`      ${BPW}\n`, '']],
      [
        '15:5 missing-key: dmc_offs_defer sends chunks: bpw is missing | write a size (4096 if the vendor names none), auto or whole',
      ],
    ],
    [
      'chunks in a mode for whole images',
      [
        [MODE, 'mode: dmc_save'],
        [STEPS, '- rescan'],
      ],
      [
        '18:12 bpw: dmc_save takes the whole image in one command, not chunks of 4096 | remove bpw, or use a mode with offsets',
      ],
    ],
    [
      'an offset in a mode for whole images',
      [
        [SECTION, 'via: write-buffer\n      mode: dmc_save\n      offset: 4k'],
        [STEPS, '- rescan'],
      ],
      [
        '18:15 no-effect: dmc_save sends a single command without an offset: offset has no effect | remove it',
      ],
    ],
    [
      'a last mode beside one command',
      [
        [SECTION, 'via: write-buffer\n      mode: dmc\n      last-mode: dmc_offs_save'],
        [STEPS, '- rescan'],
      ],
      ['18:18 no-effect: dmc sends a single command, so it has no other last one'],
    ],
    [
      'a last mode that is the mode',
      [[BPW, `${BPW}\n      last-mode: dmc_offs_defer`]],
      ['19:18 no-effect: dmc_offs_defer is the mode of all chunks | remove it'],
    ],
    [
      'a last mode for whole images',
      [
        [BPW, `${BPW}\n      last-mode: dmc_save`],
        [STEPS, '- rescan'],
      ],
      ['19:18 no-effect: dmc_save takes a whole image, not the last chunk of one | name a mode with offsets'],
    ],
    [
      'events in a mode without events',
      [[BPW, `${BPW}\n      mode-specific: 4`]],
      [
        '19:22 no-effect: mode-specific has a meaning only with dmc_offs_ev_defer, not with dmc_offs_defer | remove it',
      ],
    ],
    [
      'a stepping buffer id with an unknown number of chunks',
      [[BPW, 'bpw: auto\n      buffer-id-step: 1']],
      [
        '19:23 no-effect: with bpw: auto the number of steps of the buffer id is unknown | write bpw as a number',
      ],
    ],
    [
      'a fill with nothing to fill',
      [[BPW, `${BPW}\n      fill: 0xff`]],
      ['19:13 no-effect: fill fills up to length, but there is no length | add length, or remove fill'],
    ],
    [
      'manufacturing data without acknowledgement',
      [[BPW, `${BPW}\n      region: manufacturing`]],
      [
        '19:15 acknowledge: manufacturing data contains the serial number and the addresses of the device | if you mean it, add acknowledge: manufacturing-data',
      ],
    ],
    [
      'an acknowledgement of nothing',
      [[BPW, `${BPW}\n      acknowledge: manufacturing-data`]],
      ['19:20 no-effect: nothing here touches manufacturing data | remove it'],
    ],
    [
      'a time-out of nothing',
      [[BPW, `${BPW}\n      timeout: {last: 0s}`]],
      ['19:23 duration: 0s is zero | write at least 1ms'],
    ],
    [
      'a time that no timer can hold',
      [['within: 2m', 'within: 1000h']],
      ['23:15 duration: 1000h is too long; the limit is 596h'],
    ],
    [
      'a mode of events without events',
      [[MODE, 'mode: dmc_offs_ev_defer']],
      [
        '15:5 missing-key: dmc_offs_ev_defer starts the image at the events of mode-specific, and it is missing | write mode-specific: 4 (power on), 2 (hard reset), 1 (a vendor event), or a sum of them; 0: activate_mc alone',
      ],
    ],
    [
      'an image that nothing saves',
      [
        [MODE, 'mode: dmc_offs'],
        [STEPS, '- rescan'],
      ],
      [
        '17:13 not-saved: dmc_offs does not save the image: the unit loses it at its next power cycle | use dmc_offs_save; if it is meant, add not-saved: accepted',
      ],
    ],
    [
      'an image that its last chunk does not save',
      [
        [MODE, 'mode: dmc_offs_save\n      last-mode: dmc_offs'],
        [STEPS, '- rescan'],
      ],
      [
        '18:18 not-saved: dmc_offs does not save the image: the unit loses it at its next power cycle | use dmc_offs_save; if it is meant, add not-saved: accepted',
      ],
    ],
    [
      'a fallback that saves nothing',
      [[BPW, `${BPW}\n      otherwise: {when: mode-not-supported, mode: dmc_offs}`]],
      [
        '19:51 not-saved: dmc_offs does not save the image: the unit loses it at its next power cycle | use dmc_offs_save; if it is meant, add not-saved: accepted',
      ],
    ],
    [
      'a risk that is accepted where there is none',
      [[BPW, `${BPW}\n      not-saved: accepted`]],
      ['19:18 no-effect: the command that ends this download saves the image | remove it'],
    ],
    [
      'a fallback to the same mode',
      [[BPW, `${BPW}\n      otherwise: {when: mode-not-supported, mode: dmc_offs_defer}`]],
      ['19:51 otherwise: dmc_offs_defer is the mode that was not supported | name another mode'],
    ],
    [
      'a fallback with an unclear end',
      [
        [
          BPW,
          `${BPW}\n      last-mode: dmc_offs_save\n      otherwise: {when: mode-not-supported, mode: dmc_offs_ev_defer}\n      mode-specific: 4`,
        ],
        [STEPS, '- rescan'],
      ],
      ['20:51 otherwise: with last-mode it is not clear how the fallback would end | write two plays'],
    ],
    [
      'a fallback with chunks of an unknown size',
      [
        [
          SECTION,
          'via: write-buffer\n      mode: dmc_save\n      otherwise: {when: mode-not-supported, mode: dmc_offs_save}',
        ],
        [STEPS, '- rescan'],
      ],
      [
        '18:7 missing-key: dmc_offs_save sends chunks: bpw is missing | write a size (4096 if the vendor names none), auto or whole',
      ],
    ],
    [
      'a chunk beyond 24 bits',
      [[BPW, 'bpw: 16MiB']],
      [
        '18:12 transfer-limit: one WRITE BUFFER carries at most 16777215 bytes (24 bits), not 16777216 | use a smaller bpw',
      ],
    ],
    [
      'an offset beyond 24 bits',
      [[BPW, `${BPW}\n      offset: 0x1000000`]],
      [
        '19:15 transfer-limit: the last chunk would be at offset 16777216; the 24 bits of BUFFER OFFSET end at 16777215 | WRITE BUFFER cannot send this image; use via: ses if the device supports it, or a smaller image',
      ],
    ],
    [
      'a length that runs beyond 24 bits',
      [[BPW, `${BPW}\n      length: 17MiB\n      fill: 0xff`]],
      [
        '18:12 transfer-limit: the last chunk would be at offset 0 + 4351 x 4096 = 17821696; the 24 bits of BUFFER OFFSET end at 16777215 | WRITE BUFFER cannot send this image; use via: ses if the device supports it, or a smaller image',
      ],
    ],
    [
      'a buffer id that would run over',
      [[BPW, `${BPW}\n      length: 16k\n      buffer-id: 254\n      buffer-id-step: 1`]],
      [
        '21:23 buffer-id: the last chunk would go to buffer 254 + 3 x 1 = 257; the highest is 255 | use a larger bpw or a smaller step',
      ],
    ],
    [
      'a size beyond whole numbers',
      [[BPW, 'bpw: 99999999999999999999k']],
      ['18:12 size: bpw 99999999999999999999k is too large'],
    ],
    [
      'an SES chunk beyond a page',
      [[SECTION, 'via: ses\n      mode: dmc_offs_defer\n      bpw: 64KiB']],
      [
        '18:12 ses-page: 65536 bytes and 24 of header are 65560; a diagnostic page holds 65532 | use a bpw of at most 65508',
      ],
    ],
    [
      'an SES chunk that is not a multiple of 4',
      [[SECTION, 'via: ses\n      mode: dmc_offs_defer\n      bpw: 4098']],
      ['18:12 ses-page: offsets in page 0Eh must be multiples of 4; 4098 is 4 x 1024 + 2 | write 4096'],
    ],
    [
      'an SES offset that is not a multiple of 4',
      [[SECTION, 'via: ses\n      mode: dmc_offs_defer\n      bpw: whole\n      offset: 2']],
      ['19:15 ses-page: offsets in page 0Eh must be multiples of 4; 2 is not'],
    ],
    [
      'an SES total that is less than what is sent',
      [
        [
          SECTION,
          'via: ses\n      mode: dmc_offs_defer\n      bpw: 4k\n      length: 8k\n      total-length: 4k',
        ],
      ],
      ['20:21 transfer-limit: total-length 4096 is less than offset and length, 8192'],
    ],
    [
      'activation of what activates by itself',
      [[MODE, 'mode: dmc_offs_save']],
      [
        '20:9 activation: nothing waits for activate_mc: dmc_offs_save activates by itself | remove activate_mc, or use dmc_offs_defer',
      ],
    ],
    [
      'start-unit of a unit that is not a disk',
      [['- activate_mc', '- activate_mc\n      - start-unit: 1m']],
      [
        '21:21 activation: start-unit is for disks: on a unit of type enclosure the same command does something else, or nothing | remove the step',
      ],
    ],
    [
      'activation where both modes activate by themselves',
      [
        [MODE, 'mode: dmc_offs_save'],
        [BPW, `${BPW}\n      otherwise: {when: mode-not-supported, mode: dmc_save, bpw: whole}`],
      ],
      [
        '21:9 activation: nothing waits for activate_mc: dmc_offs_save, dmc_save activates by itself | remove activate_mc, or use dmc_offs_defer',
      ],
    ],
    [
      'two activations',
      [[STEPS, '- activate_mc\n      - activate_mc']],
      ['21:9 activation: activate_mc appears twice; the second one would activate nothing'],
    ],
    [
      'a step after the power cycle',
      [[STEPS, '- activate_mc\n      - power-cycle\n      - rescan']],
      ['21:9 last-step: power-cycle ends the run as pending; no step can follow it | make it the last step'],
    ],
    [
      'two words in one step',
      [[STEPS, '- {wait-ready: 2m, pause: 10s}']],
      [
        '20:9 activation: a step has one key; this one has wait-ready and pause | begin each step with its own dash',
      ],
    ],
    [
      'a step without a word',
      [[STEPS, '- {x-why: none}']],
      ['20:9 activation: this step is empty | begin each step with its own dash'],
    ],
    [
      'a play that does nothing',
      [[SAMPLE.slice(SAMPLE.indexOf('    download:'), SAMPLE.indexOf('    verify:')), '']],
      ['4:5 nothing-to-do: this play neither downloads nor activates anything | add download, or activate'],
    ],
    [
      'a play after one that comes later',
      [['name: card\n', 'name: card\n    after: later\n']],
      ['5:12 play-name: no play before this one is called later | this is the first play'],
    ],
    [
      'a play after itself',
      [['name: card\n', 'name: card\n    after: card\n']],
      ['5:12 play-name: a play cannot come after itself | this is the first play'],
    ],
  ];

for (const [title, changes, expected] of DOUBTS) {
  test(`${title} is doubted`, () => {
    assert.equal(problemsOf(sampleWith(...changes)), expected);
  });
}

test('two plays of one name are doubted', () => {
  const play = SAMPLE.slice(SAMPLE.indexOf('  - name'));
  assert.equal(problemsOf(SAMPLE + play), [
    '24:11 play-name: play 1 has the same name, card | give each play its own name',
  ]);
});

test('a misspelt `after` names the plays before it', () => {
  const play = SAMPLE.slice(SAMPLE.indexOf('  - name')).replace('name: card', 'name: next\n    after: crad');
  assert.equal(problemsOf(SAMPLE + play), [
    '25:12 play-name: no play before this one is called crad | before it: card',
  ]);
});

test('any start revision is a warning, and the playbook is good', () => {
  const { playbook, diagnostics } = loadPlaybook('x.yml', sampleWith(['["2.06", "2.08"]', '["*"]']));
  assert.ok(playbook);
  assert.equal(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [['any-revision', 'warning']],
  );
});

/** What is unusual and right. */
const ACCEPTED: readonly (readonly [title: string, changes: readonly Change[]])[] = [
  [
    'wildcards in vendor and product',
    [
      ['vendor: HP', 'vendor: "*"'],
      ['HP SAS EXP Card', '"HP * Card"'],
    ],
  ],
  ['none or more units', [['1..4', '0..']]],
  ['exactly four units', [['1..4', '4']]],
  [
    'a long target that an alias explains',
    [
      ['revision: "2.10"', 'revision: "4.3.0.5"'],
      ['within: 2m', 'aliases: {"0430": "4.3.0.5"}'],
    ],
  ],
  [
    'verify.revision as the device shows it',
    [
      ['revision: "2.10"', 'revision: "4.3.0.5"'],
      ['within: 2m', 'revision: "0430"\n      aliases: {"0430": "4.3.0.5"}'],
    ],
  ],
  [
    'a revision that never moves, with a witness',
    [
      ['within: 2m', 'revision: unchanged\n      witness: {vpd: 0x83, offset: 4, equals: "0xab"}'],
      ['"2.06"', '"2.10"'],
    ],
  ],
  ['the whole image in one command', [[BPW, 'bpw: whole']]],
  [
    'a mode for whole images without bpw',
    [
      [SECTION, 'via: write-buffer\n      mode: dmc_save'],
      [STEPS, '- wait-ready: 1m'],
    ],
  ],
  [
    'tape: chunks of dmc, and an empty dmc_save at the end',
    [
      [MODE, 'mode: dmc\n      end-with: {mode: dmc_save}'],
      [STEPS, '- wait-ready: 1m'],
    ],
  ],
  [
    'mode 6 for all chunks and 7 for the last',
    [
      [MODE, 'mode: dmc_offs\n      last-mode: dmc_offs_save'],
      [STEPS, '- wait-ready: 1m'],
    ],
  ],
  [
    'a deferred mode with a fallback that activates by itself',
    [[BPW, `${BPW}\n      otherwise: {when: mode-not-supported, mode: dmc_offs_save}`]],
  ],
  [
    'a fallback to one command',
    [[BPW, `${BPW}\n      otherwise: {when: mode-not-supported, mode: dmc_save}`]],
  ],
  ['events with the mode of events', [[MODE, 'mode: dmc_offs_ev_defer\n      mode-specific: 7']]],
  ['no event, where that is said', [[MODE, 'mode: dmc_offs_ev_defer\n      mode-specific: 0']]],
  [
    'an image that is not saved, where that is accepted',
    [
      [MODE, 'mode: dmc_offs\n      not-saved: accepted'],
      [STEPS, '- rescan'],
    ],
  ],
  ['16 MiB in chunks', [[BPW, 'bpw: 1MiB\n      length: 16MiB\n      fill: 0xff']]],
  [
    'activation of a waiting image',
    [[SAMPLE.slice(SAMPLE.indexOf('    download:'), SAMPLE.indexOf('    activate:')), '']],
  ],
  [
    'a list of sections',
    [
      [
        `      ${SECTION}`,
        '      - {via: write-buffer, mode: dmc_offs_defer, bpw: 4k, length: 4k}\n      - {via: write-buffer, mode: dmc_offs_defer, bpw: 4k, skip: 4k}',
      ],
    ],
  ],
  [
    'a download by a program',
    [[SECTION, 'via: external\n      run: [/usr/sbin/flash, -f]\n      within: 10m']],
  ],
  [
    'manufacturing data, acknowledged',
    [[BPW, `${BPW}\n      region: manufacturing\n      acknowledge: manufacturing-data`]],
  ],
  ['a power cycle at the end', [[STEPS, '- activate_mc\n      - power-cycle']]],
  [
    'SES with the largest page',
    [
      [
        SECTION,
        'via: ses\n      mode: dmc_offs_save\n      bpw: 65508\n      status-reads: none\n      final-status: skip\n      subenclosure: 2',
      ],
      [STEPS, '- wait-ready: 1m'],
    ],
  ],
  ['times for each phase', [[BPW, `${BPW}\n      timeout: {first: 5m, chunk: 30s, last: 2h, activate: 1h}`]]],
];

for (const [title, changes] of ACCEPTED) {
  test(`${title} is accepted`, () => {
    assert.equal(problemsOf(sampleWith(...changes)), []);
  });
}

test.run();
