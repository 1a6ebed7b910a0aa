import * as assert from 'uvu/assert';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DIAGNOSTIC_CODES } from '../../../src/playbook/diagnostic-codes.ts';
import { LINT_CODES } from '../../../src/playbook/lint/lint-codes.ts';
import type { LintCode } from '../../../src/playbook/lint/lint-codes.ts';
import { imageWarnings, lintPlaybook, writerWarnings } from '../../../src/playbook/lint/lint.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import { inProject } from '../../support/paths.ts';
import { folderOfSecondUser, SECOND_USER, testAsRoot } from '../../support/second-user.ts';
import { suite } from '../../support/suite.ts';
import { brief, loaded, sampleWith } from './sample.ts';

const test = suite('playbook/lint');

const CLEAN: readonly (readonly [string, string])[] = [['name: cards\n', 'name: cards\nwhy: CHG-1\n']];
const lint = (...changes: readonly (readonly [string, string])[]): string[] =>
  lintPlaybook(loaded(sampleWith(...CLEAN, ...changes)), null).map(brief);

const STRATEGY = '      within: 2m\n';
const strategy = (words: string): readonly [string, string] => [
  STRATEGY,
  `${STRATEGY}strategy: { ${words} }\n`,
];
const BPW = '      bpw: 4096\n';
const DEFER = 'mode: dmc_offs_defer';
const NO_ACTIVATION: readonly [string, string] = [
  '    activate:\n      - activate_mc\n      - wait-ready: 2m\n',
  '',
];

test('the sample needs a reason, and nothing else', () => {
  assert.equal(lint(), []);
  assert.equal(lintPlaybook(loaded(sampleWith()), null).map(brief), [
    '2:7 no-why: neither a reviewer nor the report can say what this is for | add why: the fault that the firmware fixes, or a change number',
  ]);
});

/** Changes to the sample, and what is said of it: all of it. */
const CASES: readonly (readonly [LintCode, readonly (readonly [string, string])[], readonly string[]])[] = [
  [
    'hidden-character',
    [['vendor: HP\n', 'vendor: HP # \u202enot HP\u2066\n']],
    [
      '8:20 hidden-character: U+202E cannot be seen here, and may show the text around it in another order | remove it, or type the line again',
    ],
  ],
  [
    'wild-match',
    [
      ['vendor: HP', 'vendor: H*'],
      ['product: HP SAS EXP Card', 'product: HP*'],
    ],
    [
      '8:15 wild-match: "H*" matches devices of several vendors | write the vendor as `runbook devices` shows it',
      '9:16 wild-match: "HP*" matches nearly every product | write the product as `runbook devices` shows it; `*` at its end is enough for variants',
    ],
  ],
  [
    'place-as-identity',
    [
      [
        'vendor: HP\n',
        'vendor: HP\n      identity: ["/dev/sg1", "sdb", "6:0:1:0", "naa.50014380032e4c00", "SD12"]\n',
      ],
    ],
    ['"/dev/sg1"', '"sdb"', '"6:0:1:0"'].map(
      (name, index) =>
        `9:${[18, 30, 37][index]} place-as-identity: ${name} is a place: it names no unit that has an identity, and another unit may be there tomorrow | write the designator or the serial number that \`runbook devices --probe\` shows`,
    ),
  ],
  [
    'open-expect',
    [['expect: 1..4', 'expect: 1..']],
    ['11:13 open-expect: expect 1.. has no upper limit | write how many units the host has: 2, or 1..4'],
  ],
  [
    'open-expect',
    [['    expect: 1..4\n', '']],
    [
      '5:11 open-expect: without expect, any number of units is accepted | write how many units the host has: 2, or 1..4',
    ],
  ],
  [
    'unpinned-image',
    [[BPW, `${BPW}      member: fw/b.bin\n`]],
    ['20:15 unpinned-image: fw/b.bin is sent whatever it contains | runbook pin writes its sha256'],
  ],
  [
    'self-activating',
    [[DEFER, 'mode: dmc_offs_save'], NO_ACTIVATION],
    [
      '18:13 self-activating: with dmc_offs_save the device restarts at the last chunk | use dmc_offs_defer if the device supports it; otherwise say why not (x-accept)',
    ],
  ],
  [
    'self-activating',
    [[BPW, `${BPW}      last-mode: dmc_offs_save\n`], NO_ACTIVATION],
    [
      '20:18 self-activating: with dmc_offs_save the device restarts at the last chunk | use dmc_offs_defer if the device supports it; otherwise say why not (x-accept)',
    ],
  ],
  [
    'large-bpw',
    [['bpw: 4096', 'bpw: 64k\n      otherwise: { when: mode-not-supported, mode: dmc_offs_save, bpw: 33k }']],
    [
      '19:12 large-bpw: chunks of 65536 bytes are more than 32 KiB | write the size that the vendor names, or 4096',
      '20:72 large-bpw: chunks of 33792 bytes are more than 32 KiB | write the size that the vendor names, or 4096',
    ],
  ],
  [
    'short-timeout',
    [[BPW, `${BPW}      timeout: { first: 59s, last: 60s }\n`]],
    [
      '20:25 short-timeout: 59s can end while the device is still working, and the download fails | remove it: the default is at least 300s',
    ],
  ],
  [
    'blind-download',
    [
      ['via: write-buffer', 'via: ses'],
      [BPW, `${BPW}      status-reads: none\n`],
    ],
    [
      '20:21 blind-download: what the device says about the download is not read | remove it, unless this shelf is known to reset on that read; then say so in x-accept',
    ],
  ],
  [
    'manufacturing',
    [[BPW, `${BPW}      region: manufacturing\n      acknowledge: manufacturing-data\n`]],
    [
      '20:15 manufacturing: serial number and addresses of the unit may be lost | save the output of `runbook devices --probe` first',
    ],
  ],
  [
    'never-activated',
    [NO_ACTIVATION],
    [
      '18:13 never-activated: the new code waits, but no step of this play activates it | add activate_mc, or power-cycle if a person does that later',
    ],
  ],
  [
    'not-saved-accepted',
    [
      ['      mode: dmc_offs_defer\n', '      mode: dmc_offs\n      not-saved: accepted\n'],
      ['      - activate_mc\n', ''],
    ],
    [
      '18:13 self-activating: with dmc_offs the device restarts at the last chunk | use dmc_offs_defer if the device supports it; otherwise say why not (x-accept)',
      '19:18 not-saved-accepted: the unit loses the image at its next power cycle | use a mode that saves, if the device supports one; otherwise say what the image is for (x-accept)',
    ],
  ],
  [
    'unproven-accepted',
    [[BPW, `${BPW}      unproven: accepted\n`]],
    [
      '20:17 unproven-accepted: nothing shows whether this section runs | name a witness, if the device shows its version anywhere; otherwise say how it is found out (x-accept)',
    ],
  ],
  [
    'no-wait-ready',
    [['      - wait-ready: 2m\n', '']],
    [
      '21:9 no-wait-ready: the device restarts here, but nothing waits for it | add wait-ready with a time: - wait-ready: 2m',
    ],
  ],
  [
    'paths-ignored',
    [[STRATEGY, `${STRATEGY}      paths: ignore\n`]],
    [
      '25:14 paths-ignored: a unit whose drives do not come back counts as updated | remove it: the default is same',
    ],
  ],
  [
    'outage-accepted',
    [strategy('redundancy: outage-accepted')],
    [
      '25:25 outage-accepted: drives behind a unit may be gone while it restarts | remove it if every drive has a second path; otherwise stop using the drives first',
    ],
  ],
  [
    'raid-adapter-accepted',
    [strategy('raid-adapter: accepted')],
    [
      '25:27 raid-adapter-accepted: a RAID adapter may drop or change what is sent | remove it: plain SAS devices of hpsa, smartpqi and aacraid do not need it',
    ],
  ],
  [
    'facts-given-up',
    [strategy('proceed-without: [vpd-86h]')],
    [
      '25:30 facts-given-up: vpd-86h: a mode that the unit does not take is noticed only when the unit refuses it | remove what each unit can be asked for; a page that a unit does not have needs no word here',
    ],
  ],
  [
    'in-use-accepted',
    [strategy('in-use: accepted')],
    [
      '25:21 in-use-accepted: disks that are mounted or in use do not stop the work | remove it: the default is refuse',
    ],
  ],
  [
    'refusals-skipped',
    [strategy('on-refusal: skip')],
    [
      '25:25 refusals-skipped: a unit that is not as expected does not stop the run | remove it: the default is halt; `apply --only` picks units',
    ],
  ],
  [
    'failures-allowed',
    [strategy('max-failures: 2')],
    [
      '25:27 failures-allowed: the run continues after 2 failed | write 0: then the first failure stops the run',
    ],
  ],
  [
    'no-canary',
    [strategy('concurrent: 9')],
    ['25:25 no-canary: 9 units start at once, before one has shown that the upgrade works | add canary: 1'],
  ],
];
for (const [code, changes, said] of CASES) {
  test(`${code} is said at its place, alone: ${changes[0]![1].trim() || 'left out'}`, () =>
    assert.equal(lint(...changes), said));
}

/** Near the border, on the right side of it. */
const QUIET: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['a product with a wildcard at its end', [['HP SAS EXP Card', 'HP SAS EXP*']]],
  [
    'a wild match of units that are named',
    [['vendor: HP', 'vendor: "*"\n      identity: ["naa.5001438000000001"]']],
  ],
  ['32 KiB', [['bpw: 4096', 'bpw: 32k']]],
  ['60 s', [[BPW, `${BPW}      timeout: 60s\n`]]],
  [
    'a deferred download that a power cycle activates',
    [['- activate_mc\n      - wait-ready: 2m', '- power-cycle']],
  ],
  ['eight at once, or more behind a canary', [strategy('concurrent: 9, canary: 1')]],
  [
    'the mode of a fallback',
    [[BPW, `${BPW}      otherwise: { when: mode-not-supported, mode: dmc_offs_save }\n`]],
  ],
];
for (const [name, changes] of QUIET)
  test(`${name} gives no warning`, () => assert.equal(lint(...changes), []));

test('an image in one command is a warning above 64 KiB, once its size is known', async () => {
  const said = async (bytes: number): Promise<string[]> => {
    const image = new Uint8Array(bytes).fill(1);
    const playbook = loaded(sampleWith(...CLEAN, ['bpw: 4096', 'bpw: whole']));
    const images = new Map([['PUF21000.bin', image]]);
    const { diagnostics } = await resolvePlaybook(playbook, { directory: '/nonexistent', labImages: images });
    const hash = /write sha256: ([0-9a-f]{64})/.exec(diagnostics[0]?.hint ?? '')![1]!;
    const pinned = loaded(
      sampleWith(...CLEAN, ['bpw: 4096', 'bpw: whole'], [/sha256: (.*)/.exec(sampleWith())![1]!, hash]),
    );
    const { resolved } = await resolvePlaybook(pinned, { directory: '/nonexistent', labImages: images });
    assert.not.equal(resolved, null);
    return lintPlaybook(pinned, resolved).map(brief);
  };
  assert.equal(await said(64 * 1024), []);
  assert.equal(await said(64 * 1024 + 1), [
    '19:12 whole-image: 65537 bytes go in one command (dmc_offs_defer) | use a mode with offsets and bpw: 4096, unless the vendor says that one command is right',
  ]);
});

test('an image that looks like something else is a warning, unless it is meant', async () => {
  const image = new Uint8Array(65536).fill(1);
  const sha256 = createHash('sha256').update(image).digest('hex');
  const said = async (...words: readonly (readonly [string, string])[]): Promise<string[]> => {
    const pin = [/sha256: (.*)/.exec(sampleWith())![1]!, sha256] as const;
    const playbook = loaded(sampleWith(...CLEAN, pin, ...words));
    const images = new Map([['PUF21000.bin', image]]);
    const { resolved } = await resolvePlaybook(playbook, { directory: '/nonexistent', labImages: images });
    return imageWarnings(playbook, resolved!).map(brief);
  };
  assert.equal(await said(), [
    '13:13 doubtful-image: the image has 65536 bytes that are all 01h | compare it with what the vendor gives; if the device takes it as it is, write is: verbatim beside it',
  ]);
  const meant = (word: string): readonly [string, string] => [
    'file: PUF21000.bin',
    `file: PUF21000.bin\n      ${word}`,
  ];
  assert.equal(await said(meant('is: verbatim')), []);
  assert.equal(await said(meant('x-accept: { doubtful-image: a test }')), []);
});

testAsRoot(test)('root is told who else can change the playbook, the image and a program', async () => {
  const theirs = folderOfSecondUser();
  const file = path.join(theirs, 'a.yml');
  const program = path.join(mkdtempSync(path.join(tmpdir(), 'ours-')), 'tool');
  writeFileSync(file, '');
  writeFileSync(program, '', { mode: 0o755 });
  const step: readonly [string, string] = [
    '      - activate_mc\n',
    `      - activate_mc\n      - run: [${program}]\n`,
  ];
  const said = (): string[] =>
    writerWarnings({ ...loaded(sampleWith(...CLEAN, step)), file }).map(
      ({ path: at, message }) => `${at}: ${message}`,
    );
  const user = `can be changed by user ${SECOND_USER}, at ${theirs}`;
  const folder = [`/runbook: this playbook ${user}`, `/plays/0/firmware/file: the image ${user}`];
  assert.equal(said(), folder);
  chmodSync(program, 0o777);
  assert.equal(said(), [
    ...folder,
    `/plays/0/activate/1/run: the program can be changed by every user, at ${program}`,
  ]);
});

test('x-accept with a reason silences its code, in its mapping and below', () => {
  const accept = (reason: string): string[] =>
    lint(strategy(`redundancy: outage-accepted, in-use: accepted, x-accept: { outage-accepted: ${reason} }`));
  assert.is(accept('window of CHG-1').length, 1);
  assert.match(accept('window of CHG-1')[0]!, 'in-use-accepted');
  assert.is(accept('" "').length, 2, 'an empty reason is none');
  assert.is(accept('true').length, 2, 'true is not a reason');
  const root: readonly [string, string] = [
    'why: CHG-1',
    'why: CHG-1\nx-accept: { no-canary: small shelves }',
  ];
  assert.equal(lint(root, strategy('concurrent: 9')), []);
});

test('every code is shown by a case, and none is a code of validate', () => {
  const shown = new Set<string>([
    ...CASES.map(([code]) => code),
    'no-why',
    'whole-image',
    'doubtful-image',
    'others-can-write',
  ]);
  assert.equal([...shown].sort(), Object.keys(LINT_CODES).sort());
  assert.equal(
    Object.keys(LINT_CODES).filter((code) => Object.hasOwn(DIAGNOSTIC_CODES, code)),
    [],
  );
});

test('docs/lint.md has a section for every code, which begins with what the program knows of it', () => {
  const text = readFileSync(inProject('docs/lint.md'), 'utf8');
  const sections = [...text.matchAll(/^## `([a-z-]+)`\n\n([^\n]+(?:\n[^\n]+)*)\n\n[^#]/gm)].map(
    ([, code, meaning]) => [code, meaning!.replaceAll('\n', ' ')],
  );
  assert.equal(Object.fromEntries(sections), {
    'any-revision': DIAGNOSTIC_CODES['any-revision'],
    ...LINT_CODES,
  });
});

test.run();
