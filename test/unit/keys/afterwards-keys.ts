import * as assert from 'uvu/assert';
import { concatBytes } from '../../../src/base/bytes.ts';
import { IMAGE, IMAGE_BYTES, sha256 } from './kinds.ts';
import type { RehearsedKey, Words } from './rehearsed-key.ts';
import { sentTo } from './sent.ts';
import { tarOf } from './tar.ts';

const EXTERNAL = 'plays[].download, via: external';
const STEP = 'plays[].activate[]';
const VERIFY = 'plays[].verify';
const WITNESS = 'plays[].verify.witness';

const HEADER = new Uint8Array(512).fill(0x48);
const TOOL = '/usr/local/sbin/flash';

const program = (words: Words = {}, more: Words = {}): { readonly play: Words } => ({
  play: {
    download: {
      via: 'external',
      mode: null,
      bpw: null,
      run: [TOOL, '--region', '0'],
      within: '30m',
      ...words,
    },
    activate: [{ 'wait-ready': '30s' }],
    ...more,
  },
});
/** Byte 8 of the INQUIRY data: VENDOR IDENTIFICATION. */
const vendor = (equals: string): Words => ({ inquiry: 'standard', offset: 8, equals });
/** The program in front of an ordinary section. */
const programs = (first: Words): { readonly play: Words } => ({
  play: {
    download: [
      { via: 'external', run: [TOOL], within: '30m', ...first },
      { via: 'write-buffer', mode: 'dmc_offs_save', bpw: 4096 },
    ],
    activate: [{ 'wait-ready': '30s' }],
  },
});
const steps = (...activate: unknown[]): { readonly play: Words } => ({ play: { activate } });
const verify = (words: Words): { readonly play: Words } => ({ play: { verify: words } });
const STOPPED = [{ command: 'test-unit-ready', sense: '2/04/02', times: 3 }] as const;

/** Its phys are faster with it. */
const FASTER = {
  name: 'fw.bin',
  bytes: IMAGE_BYTES,
  rule: 'standard',
  revision: '2.10',
  'link-rate': '6.0 Gbit',
} as const;

/** A vendor's own program, the steps after the download, and what proves success. */
export const AFTERWARDS_KEYS: readonly RehearsedKey[] = [
  {
    at: EXTERNAL,
    key: 'via',
    shows: 'the own program of a vendor brings the image in; the verdict still comes from a fresh look',
    kind: 'card',
    tries: [{ ...program(), ends: 'updated', sees: (end) => assert.equal(sentTo(end), []) }],
  },
  ...(['witness', 'unproven'] as const).map((key): RehearsedKey => ({
    at: EXTERNAL,
    key,
    shows:
      key === 'witness'
        ? 'what the program of the first of two sections brings is shown by a second place'
        : 'nothing shows what the program of the first of two sections brings: that has to be accepted',
    kind: 'card',
    tries: [
      { ...programs({}), ends: 'invalid unproven' },
      ...(key === 'witness'
        ? [{ ...programs({ witness: vendor('OTHER') }), ends: 'failed section-unseen' }]
        : []),
      {
        ...programs(key === 'witness' ? { witness: vendor('HP') } : { unproven: 'accepted' }),
        ends: 'updated',
      },
    ],
  })),
  {
    at: EXTERNAL,
    key: 'run',
    shows: 'the program gets exactly these words, and the unit in its environment',
    kind: 'card',
    tries: [
      {
        ...program(),
        ends: 'updated',
        sees: ({ host }) => {
          const [first] = host.recorded;
          assert.ok(first?.action === 'run');
          assert.equal(first.argv, [TOOL, '--region', '0']);
          assert.is(first.environment?.['RUNBOOK_NODE'], '/dev/sg0');
        },
      },
    ],
  },
  {
    at: EXTERNAL,
    key: 'within',
    shows: 'so long the program may take',
    kind: 'card',
    tries: [
      {
        ...program({ within: '10m' }),
        ends: 'updated',
        sees: ({ host }) => {
          const [first] = host.recorded;
          assert.ok(first?.action === 'run' && first.timeoutMs === 600_000);
        },
      },
    ],
  },
  ...(
    [
      ['file', 'own.bin', {}, 'the program gets the image of the section'],
      ['member', 'all.tar', { member: 'fw.bin' }, 'the image of the section comes out of a package'],
      [
        'strip',
        'with-header.bin',
        { strip: 512 },
        'the program gets the image without the header in front of it',
      ],
      ['is', 'own.bin', { is: 'verbatim' }, 'the image is taken as it is, whatever it looks like'],
      ['sha256', 'own.bin', {}, 'the image of the section is pinned, too'],
      ['size', 'own.bin', { size: '12KiB' }, 'the image of the section has this size'],
    ] as const
  ).map(([key, file, words, shows]): RehearsedKey => ({
    at: EXTERNAL,
    key,
    shows,
    kind: 'card',
    files: {
      'own.bin': IMAGE,
      'all.tar': tarOf({ 'fw.bin': IMAGE, other: HEADER }),
      'with-header.bin': concatBytes(HEADER, IMAGE),
    },
    tries: [
      { ...program({ file, ...words, sha256: sha256(HEADER) }), ends: 'invalid image-hash' },
      { ...program({ file, ...words, sha256: sha256(IMAGE) }), ends: 'updated' },
    ],
  })),
  {
    at: STEP,
    key: 'activate_mc',
    shows: 'a deferred image starts; without the step it waits',
    kind: 'card',
    tries: [
      { ...steps(), ends: 'pending event-pending' },
      { ...steps('activate_mc'), ends: 'updated' },
    ],
  },
  {
    at: STEP,
    key: 'rescan',
    shows: 'the kernel finds the unit again, and shows the new revision',
    kind: 'card',
    tries: [
      {
        ...steps('activate_mc', { 'wait-ready': '30s' }, 'rescan'),
        ends: 'updated',
        sees: ({ host }) => assert.equal(host.recorded, [{ action: 'rescan', node: '/dev/sg0' }]),
      },
    ],
  },
  {
    at: STEP,
    key: 'power-cycle',
    shows: 'a person does it: the run ends, and a later run finds the unit up to date',
    kind: 'disk',
    devices: [{ persona: 'disk-power-cycle' }],
    before: { play: { activate: ['power-cycle'] }, then: 'power-cycle' },
    tries: [{ ...steps('power-cycle'), ends: 'current' }],
  },
  {
    at: STEP,
    key: 'reboot',
    shows: 'a person does it: the run ends with a unit that waits for it',
    kind: 'card',
    tries: [{ ...steps('reboot'), ends: 'pending event-pending' }],
  },
  {
    at: STEP,
    key: 'wait-ready',
    shows: 'a card that needs its time to start is waited for before the next step',
    kind: 'card',
    tries: [
      {
        ...steps('activate_mc', { 'wait-ready': '30s' }, { run: ['/bin/true'] }),
        ends: 'updated',
        sees: ({ tookMs }) => assert.ok(tookMs >= 2000, `${tookMs} ms`),
      },
    ],
  },
  {
    at: STEP,
    key: 'start-unit',
    shows: 'a disk that is stopped is started',
    kind: 'disk',
    devices: [{ faults: [...STOPPED] }],
    tries: [
      {
        ...steps({ 'start-unit': '30s' }),
        ends: 'updated',
        sees: ({ host }) => assert.ok(host.devices[0]!.log.some(({ cdb }) => cdb[0] === 0x1b)),
      },
    ],
  },
  {
    at: STEP,
    key: 'pause',
    shows: 'nothing is asked of the unit for so long',
    kind: 'card',
    tries: [
      {
        ...steps('activate_mc', { pause: '45s' }, { 'wait-ready': '30s' }),
        ends: 'updated',
        sees: ({ tookMs }) => assert.ok(tookMs >= 45_000, `${tookMs} ms`),
      },
    ],
  },
  {
    at: STEP,
    key: 'reload-driver',
    shows: 'the driver of the host adapter is unloaded and loaded',
    kind: 'card',
    tries: [
      {
        ...steps('activate_mc', { 'reload-driver': 'mpt3sas' }, { 'wait-ready': '30s' }),
        ends: 'updated',
        sees: ({ host }) => assert.equal(host.recorded, [{ action: 'reload-driver', driver: 'mpt3sas' }]),
      },
    ],
  },
  {
    at: STEP,
    key: 'run',
    shows: 'a program of this host is a step: no shell, exactly these words',
    kind: 'card',
    tries: [
      {
        ...steps('activate_mc', { run: ['/usr/local/sbin/reseat', '--slot', '3'] }, { 'wait-ready': '30s' }),
        ends: 'updated',
        sees: ({ host }) => {
          const [first] = host.recorded;
          assert.ok(first?.action === 'run');
          assert.equal(first.argv, ['/usr/local/sbin/reseat', '--slot', '3']);
        },
      },
    ],
  },
  {
    at: VERIFY,
    key: 'revision',
    shows: 'unchanged: a card whose revision never moves is proven by its witness alone',
    kind: 'card',
    devices: [{ persona: 'hp-sas-expander-mute', 'link-rate': '3.0 Gbit' }],
    images: [FASTER],
    tries: [
      { ends: 'unverified restart-without-effect' },
      {
        ...verify({ revision: 'unchanged', witness: { 'link-rate': '6.0 Gbit' } }),
        ends: 'updated',
      },
    ],
  },
  {
    at: VERIFY,
    key: 'aliases',
    shows: 'what the unit shows stands for what the vendor calls it',
    kind: 'card',
    tries: [
      { play: { firmware: { revision: '2.1.0' } }, ends: 'invalid inquiry-field' },
      {
        play: { firmware: { revision: '2.1.0' }, verify: { aliases: { '2.10': '2.1.0' } } },
        ends: 'updated',
      },
    ],
  },
  {
    at: VERIFY,
    key: 'within',
    shows: 'a unit that needs longer to start has its time',
    kind: 'card',
    devices: [{ restart: { 'ready-after': '90s' } }],
    tries: [
      { play: { activate: ['activate_mc'], verify: { within: '30s' } }, ends: 'degraded not-ready' },
      { play: { activate: ['activate_mc'], verify: { within: '2m' } }, ends: 'updated' },
    ],
  },
  {
    at: VERIFY,
    key: 'paths',
    shows: 'a drive behind the unit that does not come back is not a success, unless the playbook says so',
    kind: 'card',
    devices: [
      { paths: [{ adapter: 6, behind: ['card'] }], restart: { 'lost-paths': 1 } },
      { persona: 'disk', revision: '0001', paths: [{ adapter: 6, behind: ['card'] }] },
    ],
    tries: [
      { top: { strategy: { redundancy: 'outage-accepted' } }, ends: 'degraded paths-missing' },
      {
        ...verify({ paths: 'ignore' }),
        top: { strategy: { redundancy: 'outage-accepted' } },
        ends: 'updated',
      },
    ],
  },
  ...(
    [
      [
        'vpd',
        { vpd: 0x80, offset: 4, equals: 'S1' },
        { vpd: 0x80, offset: 4, equals: 'S2' },
        'bytes of a VPD page',
      ],
      [
        'inquiry',
        { inquiry: 'standard', offset: 32, equals: '2.10' },
        { inquiry: 'standard', offset: 32, equals: '2.11' },
        'bytes of the INQUIRY data',
      ],
      [
        'offset',
        { vpd: 0x80, offset: 5, equals: '1' },
        { vpd: 0x80, offset: 4, equals: '1' },
        'bytes at this place',
      ],
      [
        'equals',
        { vpd: 0x80, offset: 4, equals: '0x5331' },
        { vpd: 0x80, offset: 4, equals: '0x5332' },
        'bytes in hex, or text',
      ],
      [
        'sysfs',
        { sysfs: '{device}/phy', equals: 'new' },
        { sysfs: '{device}/phy', equals: 'other' },
        'an attribute of sysfs, of each unit by itself',
      ],
      ['link-rate', { 'link-rate': '6.0 Gbit' }, { 'link-rate': '12.0 Gbit' }, 'the link rate of its phys'],
    ] as const
  ).map(([key, agrees, disagrees, what]): RehearsedKey => ({
    at: WITNESS,
    key,
    shows: `a second proof beside the revision: ${what}`,
    kind: 'card',
    devices: [{ serial: 'S1', sysfs: { phy: 'new' }, 'link-rate': '3.0 Gbit' }],
    images: [
      { name: 'fw.bin', bytes: IMAGE_BYTES, rule: 'standard', revision: '2.10', 'link-rate': '6.0 Gbit' },
    ],
    tries: [
      { ...verify({ witness: disagrees }), ends: 'degraded witness-differs' },
      { ...verify({ witness: agrees }), ends: 'updated' },
    ],
  })),
  {
    at: WITNESS,
    key: 'ses-revision',
    shows: 'a second proof beside the revision: that of a subenclosure',
    kind: 'shelf',
    tries: [
      { ...verify({ witness: { 'ses-revision': 0, equals: '2.11' } }), ends: 'degraded witness-differs' },
      { ...verify({ witness: { 'ses-revision': 0, equals: '2.10' } }), ends: 'updated' },
    ],
  },
];
