import * as assert from 'uvu/assert';
import { concatBytes } from '../../../src/base/bytes.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { IMAGE, IMAGE_BYTES, sha256 } from './kinds.ts';
import { present } from './kinds.ts';
import type { RehearsedKey, Words } from './rehearsed-key.ts';
import { pagesTo, statusReads } from './sent.ts';
import { tarOf } from './tar.ts';

const AT = 'plays[].download, via: ses';
const END_WITH = 'plays[].download.end-with';
const OTHERWISE = 'plays[].download.otherwise';

const HALF = IMAGE_BYTES / 2;
const HEADER = new Uint8Array(512).fill(0x48);
/** For another subenclosure of a shelf that has three. */
const POWER = standardImage(4096, 7);
const TEXT = Buffer.from('<!DOCTYPE html>'.padEnd(4096));

const download = (words: Words): { readonly play: Words } => ({ play: { download: words } });
const NOT_DEFERRED = {
  play: { download: { mode: 'dmc_offs_defer' }, activate: ['activate_mc', { 'wait-ready': '30s' }] },
};

/** A shelf with three parts: the image of the last section is that of the play. */
const parts = (own: Words): { readonly play: Words } => ({
  play: {
    match: { revision: ['*'] },
    download: [
      present({
        via: 'ses',
        mode: 'dmc_offs_save',
        bpw: 4096,
        subenclosure: 2,
        unproven: 'accepted',
        ...own,
      }),
      { via: 'ses', mode: 'dmc_offs_save', bpw: 4096, subenclosure: 1 },
    ],
  },
});
const triple = (image: Words): Pick<RehearsedKey, 'kind' | 'devices' | 'images'> => ({
  kind: 'shelf',
  devices: [{ persona: 'ses-shelf-triple' }],
  images: [
    { name: 'fw.bin', bytes: IMAGE_BYTES, rule: 'standard', revision: '2.10' },
    { name: 'power', revision: '0301', ...image },
  ],
});
const POWER_IMAGE = { bytes: POWER.length, rule: 'standard', seed: 7 };
const OWN = { sha256: sha256(POWER) };

/** A section that is sent by page 0Eh. */
export const SES_KEYS: readonly RehearsedKey[] = [
  {
    at: AT,
    key: 'via',
    shows: 'a shelf that takes microcode by page 0Eh does not take WRITE BUFFER',
    kind: 'shelf',
    tries: [
      { ...download({ via: 'write-buffer' }), ends: 'refused mode-not-supported' },
      { ...download({ via: 'ses' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'mode',
    shows: 'a shelf that only defers refuses another mode',
    kind: 'shelf',
    devices: [{ persona: 'ses-shelf-deferred' }],
    tries: [{ ends: 'refused mode-not-supported' }, { ...NOT_DEFERRED, ends: 'updated' }],
  },
  {
    at: AT,
    key: 'last-mode',
    shows: 'the last page has another mode: here it is the only one, of a shelf that knows no other',
    kind: 'shelf',
    devices: [{ persona: 'ses-shelf' }],
    tries: [
      {
        ...download({ mode: 'dmc_offs', bpw: 'whole', 'not-saved': 'accepted' }),
        ends: 'refused mode-not-supported',
      },
      {
        ...download({ mode: 'dmc_offs', 'last-mode': 'dmc_offs_save', bpw: 'whole' }),
        ends: 'pending event-pending',
      },
    ],
  },
  {
    at: AT,
    key: 'end-with',
    shows: 'an empty page of another mode behind the last chunk',
    kind: 'shelf',
    tries: [{ ...download({ 'end-with': { mode: 'dmc_offs_save' } }), ends: 'updated' }],
  },
  {
    at: END_WITH,
    key: 'mode',
    shows: 'the mode of that empty page',
    kind: 'shelf',
    tries: [{ ...download({ 'end-with': { mode: 'dmc_offs_save' } }), ends: 'updated' }],
  },
  {
    at: AT,
    key: 'bpw',
    shows: 'so many bytes of the image in each page',
    kind: 'shelf',
    tries: [
      {
        ...download({ bpw: '8k' }),
        ends: 'updated',
        sees: (end) => assert.equal(pagesTo(end), [8192, 4096]),
      },
    ],
  },
  {
    at: AT,
    key: 'file',
    shows: 'a section with its own image: another subenclosure gets another file',
    ...triple(POWER_IMAGE),
    files: { 'power.bin': POWER },
    tries: [
      {
        ...parts({ file: 'power.bin', ...OWN }),
        ends: 'updated',
        sees: (end) => assert.equal(pagesTo(end), [4096, 4096, 4096, 4096]),
      },
    ],
  },
  {
    at: AT,
    key: 'member',
    shows: 'the own image of a section comes out of a package',
    ...triple(POWER_IMAGE),
    files: { 'all.tar': tarOf({ 'power.bin': POWER, other: HEADER }) },
    tries: [
      { ...parts({ file: 'all.tar', ...OWN }), ends: 'invalid image-package' },
      { ...parts({ file: 'all.tar', member: 'power.bin', ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'strip',
    shows: 'the header in front of the own image of a section is not sent',
    ...triple(POWER_IMAGE),
    files: { 'power.bin': concatBytes(HEADER, POWER) },
    tries: [
      { ...parts({ file: 'power.bin', ...OWN }), ends: 'invalid image-hash' },
      { ...parts({ file: 'power.bin', strip: 512, ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'is',
    shows: 'the own image of a section looks like text, and is meant',
    ...triple({ file: 'page.bin' }),
    files: { 'page.bin': TEXT },
    tries: [
      { ...parts({ file: 'page.bin', sha256: sha256(TEXT) }), ends: 'invalid image-html' },
      { ...parts({ file: 'page.bin', sha256: sha256(TEXT), is: 'verbatim' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'sha256',
    shows: 'the own image of a section is pinned, too',
    ...triple(POWER_IMAGE),
    files: { 'power.bin': POWER },
    tries: [
      { ...parts({ file: 'power.bin', sha256: sha256(HEADER) }), ends: 'invalid image-hash' },
      { ...parts({ file: 'power.bin', ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'size',
    shows: 'the size of the own image of a section is checked, too',
    ...triple(POWER_IMAGE),
    files: { 'power.bin': POWER },
    tries: [
      { ...parts({ file: 'power.bin', size: 512, ...OWN }), ends: 'invalid image-size' },
      { ...parts({ file: 'power.bin', size: POWER.length, ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'buffer-id',
    shows: 'the buffer that the image goes to; one that the shelf does not have is refused by it',
    kind: 'shelf',
    tries: [
      { ...download({ 'buffer-id': 9 }), ends: 'failed field-rejected' },
      { ...download({ 'buffer-id': 0 }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'buffer-id-step',
    shows: 'the buffer id grows with each page; a shelf that keeps one buffer refuses the second page',
    kind: 'shelf',
    tries: [
      { ...download({ 'buffer-id-step': 1 }), ends: 'failed field-rejected' },
      { ...download({ 'buffer-id-step': 0 }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'offset',
    shows: 'one image in two files: the second goes where the first one ends',
    kind: 'shelf',
    files: { 'a.bin': IMAGE.subarray(0, HALF), 'b.bin': IMAGE.subarray(HALF) },
    tries: [
      {
        play: {
          firmware: { file: 'a.bin', sha256: sha256(IMAGE.subarray(0, HALF)) },
          download: [
            { via: 'ses', mode: 'dmc_offs_save', bpw: 4096, 'total-length': IMAGE_BYTES },
            {
              ...{ via: 'ses', mode: 'dmc_offs_save', bpw: 4096, 'total-length': IMAGE_BYTES, offset: HALF },
              ...{ file: 'b.bin', sha256: sha256(IMAGE.subarray(HALF)) },
            },
          ],
        },
        ends: 'updated',
        sees: (end) => assert.equal(pagesTo(end), [4096, 4096, 4096]),
      },
    ],
  },
  {
    at: AT,
    key: 'total-length',
    shows:
      'the length of the whole, which the shelf waits for: without it the first file counts as a whole image, and is refused',
    kind: 'shelf',
    files: { 'a.bin': IMAGE.subarray(0, HALF) },
    tries: [
      {
        play: { firmware: { file: 'a.bin', sha256: sha256(IMAGE.subarray(0, HALF)) } },
        ends: 'failed image-rejected',
      },
      { ...download({ 'total-length': '12KiB' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'skip',
    shows: 'bytes at the beginning of the image that the shelf does not want; the hash is of the whole',
    kind: 'shelf',
    files: { 'long.bin': concatBytes(HEADER, IMAGE) },
    tries: [
      {
        play: {
          firmware: { file: 'long.bin', sha256: sha256(concatBytes(HEADER, IMAGE)) },
          download: { skip: HEADER.length },
        },
        ends: 'updated',
      },
    ],
  },
  {
    at: AT,
    key: 'length',
    shows: 'bytes behind the image that the shelf does not want; the hash is of the whole',
    kind: 'shelf',
    files: { 'long.bin': concatBytes(IMAGE, HEADER) },
    tries: [
      {
        play: {
          firmware: { file: 'long.bin', sha256: sha256(concatBytes(IMAGE, HEADER)) },
          download: { length: '12KiB' },
        },
        ends: 'updated',
      },
    ],
  },
  {
    at: AT,
    key: 'fill',
    shows: 'a shelf that wants a fixed length: the image is filled up with this byte',
    kind: 'shelf',
    images: [{ name: 'full', file: 'full.bin', revision: '2.10' }],
    files: { 'short.bin': IMAGE, 'full.bin': concatBytes(IMAGE, new Uint8Array(4096).fill(0xff)) },
    tries: [
      {
        play: { firmware: { file: 'short.bin' }, download: { length: '16KiB', fill: 0xff } },
        ends: 'updated',
      },
    ],
  },
  {
    at: AT,
    key: 'subenclosure',
    shows: 'the part of a shelf that gets the image, and whose revision proves it',
    kind: 'shelf',
    devices: [{ persona: 'ses-shelf-triple' }],
    tries: [
      {
        play: { match: { revision: ['*'] }, download: { subenclosure: 1 } },
        ends: 'updated',
        sees: ({ results }) => assert.equal([results[0]!.before, results[0]!.after], ['0200', '2.10']),
      },
    ],
  },
  {
    at: AT,
    key: 'status-reads',
    shows: 'none: a shelf that forgets its download when it is asked is not asked',
    kind: 'shelf',
    devices: [{ persona: 'ses-shelf-non' }],
    tries: [
      { ...download({ 'status-reads': 'between' }), ends: 'failed drops-when-read' },
      { ...download({ 'status-reads': 'none' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'final-status',
    shows: 'skip: a shelf that restarts at once is not asked after its last page',
    kind: 'shelf',
    devices: [{ persona: 'ses-shelf-ealsd' }],
    tries: [
      {
        ...download({ 'final-status': 'skip' }),
        ends: 'updated',
        sees: (end) => assert.ok(statusReads(end) <= 4, `${statusReads(end)}`),
      },
    ],
  },
  {
    at: AT,
    key: 'timeout',
    shows: 'the time that a page may take before it counts as lost',
    kind: 'shelf',
    devices: [{ faults: [{ command: 'send-diagnostic', nth: 2, executed: true, delay: '60s' }] }],
    tries: [
      {
        ...download({ timeout: '90s' }),
        ends: 'updated',
        sees: ({ tookMs }) => assert.ok(tookMs >= 60_000, `${tookMs} ms`),
      },
      {
        ...download({ timeout: '20s' }),
        ends: 'updated',
        sees: ({ tookMs }) => assert.ok(tookMs < 60_000, `${tookMs} ms`),
      },
    ],
  },
  {
    at: OTHERWISE,
    key: 'when',
    shows: 'a shelf that does not know the mode gets the image by another one',
    kind: 'shelf',
    devices: [{ persona: 'ses-shelf-deferred' }],
    tries: [
      {
        play: {
          download: { otherwise: { when: 'mode-not-supported', mode: 'dmc_offs_defer' } },
          activate: ['activate_mc', { 'wait-ready': '30s' }],
        },
        ends: 'updated',
      },
    ],
  },
  {
    at: OTHERWISE,
    key: 'bpw',
    shows: 'the fallback has its own chunk size',
    kind: 'shelf',
    devices: [{ persona: 'ses-shelf-deferred' }],
    tries: [
      {
        play: {
          download: { otherwise: { when: 'mode-not-supported', mode: 'dmc_offs_defer', bpw: '8k' } },
          activate: ['activate_mc', { 'wait-ready': '30s' }],
        },
        ends: 'updated',
        sees: (end) => assert.equal(pagesTo(end).slice(0, 3), [4096, 8192, 4096]),
      },
    ],
  },
  {
    at: AT,
    key: 'not-saved',
    shows:
      'a mode that does not save the image has to be accepted; the shelf runs it until its next power cycle',
    kind: 'shelf',
    tries: [
      { ...download({ mode: 'dmc_offs' }), ends: 'invalid not-saved' },
      {
        ...download({ mode: 'dmc_offs', 'not-saved': 'accepted' }),
        ends: 'updated',
        sees: ({ host, results }) => {
          assert.match(results[0]!.reason!, /not saved/);
          host.devices[0]!.powerCycle();
          assert.is(host.devices[0]!.shownRevision, '2.08');
        },
      },
    ],
  },
  {
    at: AT,
    key: 'revision',
    shows: 'the part of the shelf that a section goes to shows its own revision, or the unit is not updated',
    ...triple(POWER_IMAGE),
    tries: [
      { ...parts({ file: 'power', ...OWN, unproven: null }), ends: 'invalid unproven' },
      {
        ...parts({ file: 'power', ...OWN, unproven: null, revision: '0302' }),
        ends: 'failed section-unseen',
      },
      { ...parts({ file: 'power', ...OWN, unproven: null, revision: '0301' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'witness',
    shows: 'another place that shows the new code of a section, here the subenclosure that it goes to',
    ...triple(POWER_IMAGE),
    tries: [
      {
        ...parts({ file: 'power', ...OWN, unproven: null, witness: { 'ses-revision': 2, equals: '0302' } }),
        ends: 'failed section-unseen',
      },
      {
        ...parts({ file: 'power', ...OWN, unproven: null, witness: { 'ses-revision': 2, equals: '0301' } }),
        ends: 'updated',
      },
    ],
  },
  {
    at: AT,
    key: 'unproven',
    shows: 'a section without a proof has to be accepted, and the report says so',
    ...triple(POWER_IMAGE),
    tries: [
      { ...parts({ file: 'power', ...OWN, unproven: null }), ends: 'invalid unproven' },
      {
        ...parts({ file: 'power', ...OWN }),
        ends: 'updated',
        sees: ({ results }) => assert.match(results[0]!.reason!, /unproven: accepted/),
      },
    ],
  },
  ...(['region', 'acknowledge'] as const).map((key): RehearsedKey => ({
    at: AT,
    key,
    shows:
      key === 'region'
        ? 'data of this one unit are not written by mistake'
        : 'the word with which a person takes that risk',
    kind: 'shelf',
    tries: [
      { ...download({ region: 'manufacturing' }), ends: 'invalid acknowledge' },
      { ...download({ region: 'manufacturing', acknowledge: 'manufacturing-data' }), ends: 'updated' },
    ],
  })),
];
