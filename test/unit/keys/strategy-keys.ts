import * as assert from 'uvu/assert';
import type { LabDeviceWords } from '../../../src/generated/lab.ts';
import type { RehearsedKey, Words } from './rehearsed-key.ts';
import { sentTo, workOf } from './sent.ts';

const AT = 'strategy';

const strategy = (words: Words): { readonly top: Words } => ({ top: { strategy: words } });

/** Refuses the image with its first chunk. */
const REFUSES: Partial<LabDeviceWords> = { faults: [{ command: 'write-buffer', sense: '5/26/00' }] };
const SLOW: Partial<LabDeviceWords> = { latency: '5ms' };
const CARD = (adapter: number): Partial<LabDeviceWords> => ({ ...SLOW, paths: [{ adapter }] });

const ID = '0x3000000e0100003f';
const module = (process: number, follows?: string): Partial<LabDeviceWords> => ({
  enclosure: { id: ID, process, of: 2, ...(follows !== undefined && { follows }) },
  paths: [{ adapter: 5 + process, behind: [`iom-${process}`] }],
});
const waits = { activate: [] };

/** How many units, in which order, and which risks are taken. */
export const STRATEGY_KEYS: readonly RehearsedKey[] = [
  {
    at: AT,
    key: 'canary',
    shows: 'one unit goes first; where it fails, the others are not begun',
    kind: 'card',
    devices: [REFUSES, {}, {}],
    tries: [
      {
        ...strategy({ canary: 1, concurrent: 3, 'max-failures': 3 }),
        ends: 'failed illegal-request, skipped canary-failed, skipped canary-failed',
        sees: (end) => assert.equal([...sentTo(end, 1), ...sentTo(end, 2)], []),
      },
    ],
  },
  {
    at: AT,
    key: 'canary-accepts',
    shows: 'a first unit that waits for its event releases the others, or holds them back',
    kind: 'card',
    devices: [{}, {}],
    tries: [
      {
        play: waits,
        ...strategy({ canary: 1 }),
        ends: 'pending event-pending, skipped canary-failed',
      },
      {
        play: waits,
        ...strategy({ canary: 1, 'canary-accepts': 'pending' }),
        ends: 'pending event-pending, pending event-pending',
      },
    ],
  },
  {
    at: AT,
    key: 'concurrent',
    shows: 'two units at the same time, or one after the other',
    kind: 'card',
    devices: [SLOW, SLOW],
    tries: [
      {
        ...strategy({ concurrent: 1 }),
        ends: 'updated, updated',
        sees: (end) => assert.ok(workOf(end)[0]![1] < workOf(end)[1]![0]),
      },
      {
        ...strategy({ concurrent: 2 }),
        ends: 'updated, updated',
        sees: (end) => assert.ok(workOf(end)[0]![1] > workOf(end)[1]![0]),
      },
    ],
  },
  {
    at: AT,
    key: 'max-failures',
    shows: 'the first failure halts the run, or so many are accepted',
    kind: 'card',
    devices: [REFUSES, {}],
    tries: [
      { ends: 'failed illegal-request, skipped too-many-failures' },
      { ...strategy({ 'max-failures': 1 }), ends: 'failed illegal-request, updated' },
    ],
  },
  {
    at: AT,
    key: 'on-refusal',
    shows: 'one refused unit stops the run before its first byte, or the others go on',
    kind: 'card',
    devices: [{ revision: '2.02' }, {}],
    tries: [
      {
        ends: 'refused revision-not-listed, skipped run-refused',
        sees: (end) => assert.equal(sentTo(end, 1), []),
      },
      { ...strategy({ 'on-refusal': 'skip' }), ends: 'refused revision-not-listed, updated' },
    ],
  },
  {
    at: AT,
    key: 'redundancy',
    shows: 'the last path to a pool is not taken, unless the outage is accepted',
    kind: 'card',
    devices: [
      { paths: [{ adapter: 6, behind: ['card'] }] },
      {
        persona: 'disk',
        revision: '0001',
        users: ['ZFS pool tank'],
        paths: [{ adapter: 6, behind: ['card'] }],
      },
    ],
    tries: [
      { ends: 'refused last-path' },
      { ...strategy({ redundancy: 'outage-accepted' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'in-use',
    shows: 'a disk that is mounted is not restarted, unless that is accepted',
    kind: 'disk',
    devices: [{ users: ['mounted on /srv'] }],
    tries: [{ ends: 'refused in-use' }, { ...strategy({ 'in-use': 'accepted' }), ends: 'updated' }],
  },
  {
    at: AT,
    key: 'raid-adapter',
    shows: 'a unit behind a RAID adapter is refused, unless that is accepted',
    kind: 'card',
    devices: [{ paths: [{ driver: 'megaraid_sas' }] }],
    tries: [
      { ends: 'refused raid-adapter' },
      { ...strategy({ 'raid-adapter': 'accepted' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'health',
    shows: 'a shelf with a failed power supply is not restarted, unless nobody wants to know',
    kind: 'shelf',
    devices: [{ health: { elements: [{ type: 'power-supply', status: ['ok', 'critical'] }] } }],
    tries: [{ ends: 'refused enclosure-unwell' }, { ...strategy({ health: 'ignore' }), ends: 'updated' }],
  },
  {
    at: AT,
    key: 'proceed-without',
    shows:
      'a page that cannot be read refuses the unit, unless a person goes on without it; the report says so',
    kind: 'shelf',
    devices: [{ health: { page: 'damaged' } }],
    tries: [
      { ends: 'refused fact-unreadable' },
      {
        ...strategy({ 'proceed-without': ['ses-02h'] }),
        ends: 'updated',
        sees: ({ results }) => assert.equal(results[0]!.without, ['ses-02h']),
      },
    ],
  },
  {
    at: AT,
    key: 'partner-sync',
    shows: 'modules that bring each other to one revision: the second is waited for, and not written',
    kind: 'shelf',
    devices: [module(1, '5s'), module(2, '5s')],
    tries: [{ ...strategy({ 'partner-sync': 'both' }), ends: 'updated, current' }],
  },
  {
    at: AT,
    key: 'partner-after',
    shows:
      'the second module is written when the first one runs the new code, or when it waits for its event',
    kind: 'shelf',
    devices: [
      { persona: 'ses-shelf', ...module(1) },
      { persona: 'ses-shelf', ...module(2) },
    ],
    tries: [
      {
        play: { activate: ['power-cycle'] },
        ends: 'pending event-pending, skipped partner-not-updated',
      },
      {
        play: { activate: ['power-cycle'] },
        ...strategy({ 'partner-after': 'pending' }),
        ends: 'pending event-pending, pending event-pending',
      },
    ],
  },
  {
    at: AT,
    key: 'together',
    shows: 'two units of one host adapter are never at work at the same time',
    kind: 'card',
    devices: [CARD(6), CARD(6), CARD(7)],
    tries: [
      {
        ...strategy({ concurrent: 3 }),
        ends: 'updated, updated, updated',
        sees: (end) => assert.ok(workOf(end)[0]![1] > workOf(end)[1]![0]),
      },
      {
        ...strategy({ concurrent: 3, together: 'hba' }),
        ends: 'updated, updated, updated',
        sees: (end) => {
          const [first, second, other] = workOf(end);
          assert.ok(first![1] < second![0] || second![1] < first![0]);
          assert.ok(other![0] < first![1]);
        },
      },
    ],
  },
];
