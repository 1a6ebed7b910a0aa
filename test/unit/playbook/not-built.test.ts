import * as assert from 'uvu/assert';
import { notBuilt } from '../../../src/playbook/not-built.ts';
import { suite } from '../../support/suite.ts';
import { loaded, sampleWith } from './sample.ts';

const test = suite('playbook/not-built');

type Change = readonly [from: string, to: string];

const BPW = 'bpw: 4096';
const strategy = (words: string): readonly Change[] => [['name: cards', `name: cards\nstrategy: {${words}}`]];
const section = (words: string): readonly Change[] => [[BPW, `${BPW}\n      ${words}`]];

const found = (changes: readonly Change[]): string[] =>
  notBuilt(loaded(sampleWith(...changes))).map(
    ({ line, column, path, message }) => `${line}:${column} ${path} ${message.split(' is in')[0]!}`,
  );

for (const [title, changes, expected] of [
  [
    'a program',
    [
      [
        `write-buffer\n      mode: dmc_offs_defer\n      ${BPW}`,
        'external\n      run: [a]\n      within: 1m',
      ],
    ],
    '16:7 /plays/0/download/via via: external',
  ],
  ['a section with its own file', section('file: b.bin'), '19:7 /plays/0/download/file file'],
  [
    'a section with its own hash',
    section(`sha256: ${'a'.repeat(64)}`),
    '19:7 /plays/0/download/sha256 sha256',
  ],
  [
    'manufacturing data',
    section('region: manufacturing\n      acknowledge: manufacturing-data'),
    '19:7 /plays/0/download/region region: manufacturing',
  ],
] as const) {
  test(`${title} is named as not built, with its place`, () => {
    assert.equal(found(changes), [expected]);
  });
}

test('more than one section is named once, and so is what is inside of them', () => {
  const two =
    '- {via: write-buffer, mode: dmc_offs_defer, bpw: 4k}\n      - {via: external, run: [flash], within: 5m}';
  assert.equal(found([['via: write-buffer\n      mode: dmc_offs_defer\n      bpw: 4096', two]]), [
    '15:5 /plays/0/download download',
    '17:10 /plays/0/download/1/via via: external',
  ]);
});

test('several are named in the order of the file', () => {
  const changes = section('region: manufacturing\n      acknowledge: manufacturing-data\n      file: b.bin');
  const paths = notBuilt(loaded(sampleWith(...changes))).map(({ path }) => path);
  assert.equal(paths, ['/plays/0/download/region', '/plays/0/download/file']);
});

for (const [title, changes] of [
  ['the sample itself', []],
  ['proof', [['vendor: HP', 'vendor: HP\n      proof: [{vpd: 0x83, offset: 0, equals: "0x00"}]']]],
  [
    'every key of write-buffer',
    [
      ...section(
        'buffer-id: 1\n      buffer-id-step: 0\n      offset: 4k\n      skip: 4k\n      length: 8k\n      fill: 0xff\n      timeout: {first: 1m}\n      end-with: {mode: dmc_offs_defer}\n      otherwise: {when: mode-not-supported, mode: dmc_offs_save}\n      region: firmware\n      mode-specific: 0',
      ),
    ],
  ],
  ['SES', [['write-buffer', 'ses']]],
  ['a member of a package', [['file: PUF21000.bin', 'file: PUF21000.bin\n      member: a']]],
  ['a stripped header', [['file: PUF21000.bin', 'file: PUF21000.bin\n      strip: 512']]],
  ['a section with another member', section('member: b.bin')],
  ['another product', [['file: PUF21000.bin', 'file: PUF21000.bin\n      product: X']]],
  ['aliases', [['within: 2m', 'aliases: {"0210": "2.10"}']]],
  ['a witness', [['within: 2m', 'witness: {ses-revision: 1}']]],
  [
    'a last mode',
    [
      ['mode: dmc_offs_defer', 'mode: dmc_offs\n      last-mode: dmc_offs_save'],
      ['- activate_mc', '- rescan'],
    ],
  ],
  [
    'every activation step',
    [
      [
        '- wait-ready: 2m',
        '- pause: 1s\n      - rescan\n      - reload-driver: mpt3sas\n      - run: [a]\n      - power-cycle',
      ],
    ],
  ],
  [
    'a list of one section',
    [
      [
        '      via: write-buffer\n      mode: dmc_offs_defer\n      bpw: 4096',
        '      - {via: write-buffer, mode: dmc_offs_defer, bpw: 4k}',
      ],
    ],
  ],
  [
    'activation alone',
    [['    download:\n      via: write-buffer\n      mode: dmc_offs_defer\n      bpw: 4096\n', '']],
  ],
  [
    'the strategy that is executed',
    strategy(
      'canary: 1, canary-accepts: pending, together: hba, partner-after: pending, partner-sync: both, concurrent: 4, max-failures: 1, on-refusal: skip, redundancy: outage-accepted',
    ),
  ],
  ['what is in use, and redundancy', strategy('in-use: refuse, redundancy: required')],
  ['compared paths', [['within: 2m', 'paths: same']]],
  ['paths that are ignored', [['within: 2m', 'paths: ignore']]],
] as const satisfies readonly (readonly [string, readonly Change[]])[]) {
  test(`${title} is built`, () => {
    assert.equal(found(changes), []);
  });
}

test.run();
