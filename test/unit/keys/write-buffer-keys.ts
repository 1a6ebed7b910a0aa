import * as assert from 'uvu/assert';
import { concatBytes } from '../../../src/base/bytes.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { IMAGE, IMAGE_BYTES, sha256 } from './kinds.ts';
import { present } from './kinds.ts';
import type { RehearsedKey, Words } from './rehearsed-key.ts';
import { sentTo } from './sent.ts';
import { tarOf } from './tar.ts';

const AT = 'plays[].download, via: write-buffer';
const END_WITH = 'plays[].download.end-with';
const TIMEOUT = 'plays[].download.timeout';
const OTHERWISE = 'plays[].download.otherwise';

const HALF = IMAGE_BYTES / 2;
/** For the second buffer of a disk that has two. */
const BOOT = standardImage(4096, 7);
const HEADER = new Uint8Array(512).fill(0x48);

const download = (words: Words): { readonly play: Words } => ({ play: { download: words } });
/** A disk of two buffers, each with its image. */
const twoBuffers = (first: Words): { readonly play: Words } => ({
  play: {
    download: [
      present({
        ...{ via: 'write-buffer', mode: 'dmc_offs_defer', bpw: 4096, 'buffer-id': 1 },
        ...{ unproven: 'accepted', ...first },
      }),
      { via: 'write-buffer', mode: 'dmc_offs_defer', bpw: 4096 },
    ],
    activate: ['activate_mc', { 'wait-ready': '30s' }],
  },
});
const TWO_BUFFERS = {
  kind: 'disk',
  devices: [{ persona: 'disk-two-buffers' }],
  images: [
    { name: 'fw.bin', bytes: IMAGE_BYTES, rule: 'standard', revision: '2.10' },
    { name: 'boot', bytes: BOOT.length, rule: 'standard', seed: 7, revision: '2.08' },
  ],
} as const;
const OWN = { sha256: sha256(BOOT) };
/** Byte 8: VENDOR IDENTIFICATION. */
const standard = (equals: string): Words => ({ inquiry: 'standard', offset: 8, equals });
const BOTH = ['E 1@0+4096', 'E 0@0+4096', 'E 0@4096+4096', 'E 0@8192+4096', 'F 0@0+0'];

/** A card whose command of this kind takes a minute. */
const slow = (fault: Words): Pick<RehearsedKey, 'kind' | 'devices'> => ({
  kind: 'card',
  devices: [{ faults: [{ command: 'write-buffer', executed: true, delay: '60s', ...fault }] }],
});

/** A section that is sent by WRITE BUFFER. */
export const WRITE_BUFFER_KEYS: readonly RehearsedKey[] = [
  {
    at: AT,
    key: 'via',
    shows: 'a card without SES pages takes WRITE BUFFER, and nothing else',
    kind: 'card',
    tries: [
      { ...download({ via: 'ses' }), ends: 'refused page-not-listed' },
      { ...download({ via: 'write-buffer' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'mode',
    shows: 'an older drive knows mode 07h alone; another mode is refused by it, and nothing was written',
    kind: 'disk',
    devices: [{ persona: 'disk-mode-7' }],
    tries: [
      {
        play: { download: { mode: 'dmc_offs_defer' }, activate: ['activate_mc'] },
        ends: 'refused mode-not-supported',
      },
      { ...download({ mode: 'dmc_offs_save' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'last-mode',
    shows: 'a drive that takes all chunks in one mode and wants the last one in another',
    kind: 'disk',
    devices: [{ persona: 'disk-last-mode' }],
    tries: [
      { ...download({ mode: 'dmc_offs', 'not-saved': 'accepted' }), ends: 'failed illegal-request' },
      {
        ...download({ mode: 'dmc_offs', 'last-mode': 'dmc_offs_save' }),
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end), ['6 0@0+4096', '6 0@4096+4096', '7 0@8192+4096']),
      },
    ],
  },
  {
    at: AT,
    key: 'end-with',
    shows: 'a tape drive that starts the image with an empty command of another mode',
    kind: 'tape',
    tries: [
      {
        ...download({ 'end-with': null, bpw: null, 'not-saved': 'accepted' }),
        ends: 'unverified revision-unchanged',
      },
      { ends: 'updated', sees: (end) => assert.is(sentTo(end).at(-1), '5 0@0+0') },
    ],
  },
  {
    at: END_WITH,
    key: 'mode',
    shows: 'the mode of that empty command: one that the drive does not know starts nothing',
    kind: 'tape',
    tries: [
      { ...download({ 'end-with': { mode: 'dmc_offs_save' } }), ends: 'failed illegal-request' },
      { ...download({ 'end-with': { mode: 'dmc_save' } }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'bpw',
    shows: 'so many bytes in each command; whole: all in one',
    kind: 'card',
    tries: [
      {
        ...download({ bpw: '8k' }),
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end), ['E 0@0+8192', 'E 0@8192+4096', 'F 0@0+0']),
      },
      {
        ...download({ bpw: 'whole' }),
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end), ['E 0@0+12288', 'F 0@0+0']),
      },
    ],
  },
  {
    at: AT,
    key: 'file',
    shows: 'a section with its own image: a second buffer gets another file',
    ...TWO_BUFFERS,
    files: { 'boot.bin': BOOT },
    tries: [
      {
        ...twoBuffers({ file: 'boot.bin', ...OWN }),
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end), BOTH),
      },
    ],
  },
  {
    at: AT,
    key: 'witness',
    shows: 'a place that shows the new code of a section, here bytes of the INQUIRY data: they have to agree',
    ...TWO_BUFFERS,
    files: { 'boot.bin': BOOT },
    tries: [
      {
        ...twoBuffers({ file: 'boot.bin', ...OWN, unproven: null, witness: standard('OTHER') }),
        ends: 'failed section-unseen',
      },
      {
        ...twoBuffers({ file: 'boot.bin', ...OWN, unproven: null, witness: standard('LAB') }),
        ends: 'updated',
      },
    ],
  },
  {
    at: AT,
    key: 'unproven',
    shows:
      'a buffer shows no revision: that nothing proves a section has to be accepted, and the report says so',
    ...TWO_BUFFERS,
    files: { 'boot.bin': BOOT },
    tries: [
      { ...twoBuffers({ file: 'boot.bin', ...OWN, unproven: null }), ends: 'invalid unproven' },
      {
        ...twoBuffers({ file: 'boot.bin', ...OWN }),
        ends: 'updated',
        sees: ({ results }) => assert.match(results[0]!.reason!, /unproven: accepted/),
      },
    ],
  },
  {
    at: AT,
    key: 'member',
    shows: 'the own image of a section comes out of a package',
    ...TWO_BUFFERS,
    files: { 'all.tar': tarOf({ 'boot.bin': BOOT, other: HEADER }) },
    tries: [
      { ...twoBuffers({ file: 'all.tar', ...OWN }), ends: 'invalid image-package' },
      { ...twoBuffers({ file: 'all.tar', member: 'boot.bin', ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'strip',
    shows: 'the header in front of the own image of a section is not sent',
    ...TWO_BUFFERS,
    files: { 'boot.bin': concatBytes(HEADER, BOOT) },
    tries: [
      { ...twoBuffers({ file: 'boot.bin', ...OWN }), ends: 'invalid image-hash' },
      { ...twoBuffers({ file: 'boot.bin', strip: 512, ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'is',
    shows: 'the own image of a section looks like text, and is meant',
    kind: 'disk',
    devices: [{ persona: 'disk-two-buffers' }],
    images: [
      { name: 'fw.bin', bytes: IMAGE_BYTES, rule: 'standard', revision: '2.10' },
      { name: 'page', file: 'page.bin', revision: '2.08' },
    ],
    files: { 'page.bin': Buffer.from('<!DOCTYPE html>'.padEnd(4096)) },
    tries: [
      {
        ...twoBuffers({ file: 'page.bin', sha256: sha256(Buffer.from('<!DOCTYPE html>'.padEnd(4096))) }),
        ends: 'invalid image-html',
      },
      {
        ...twoBuffers({
          file: 'page.bin',
          sha256: sha256(Buffer.from('<!DOCTYPE html>'.padEnd(4096))),
          is: 'verbatim',
        }),
        ends: 'updated',
      },
    ],
  },
  {
    at: AT,
    key: 'sha256',
    shows: 'the own image of a section is pinned, too',
    ...TWO_BUFFERS,
    files: { 'boot.bin': BOOT },
    tries: [
      { ...twoBuffers({ file: 'boot.bin', sha256: sha256(HEADER) }), ends: 'invalid image-hash' },
      { ...twoBuffers({ file: 'boot.bin', ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'size',
    shows: 'the size of the own image of a section is checked, too',
    ...TWO_BUFFERS,
    files: { 'boot.bin': BOOT },
    tries: [
      { ...twoBuffers({ file: 'boot.bin', size: 512, ...OWN }), ends: 'invalid image-size' },
      { ...twoBuffers({ file: 'boot.bin', size: BOOT.length, ...OWN }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'buffer-id',
    shows: 'the buffer that the image goes to; one that the unit does not have is refused by it',
    kind: 'disk',
    devices: [{ persona: 'disk-two-buffers' }],
    tries: [
      { ...download({ 'buffer-id': 2 }), ends: 'failed illegal-request' },
      {
        ...download({ 'buffer-id': 0 }),
        ends: 'updated',
        sees: (end) => assert.is(sentTo(end)[0], '7 0@0+4096'),
      },
    ],
  },
  {
    at: AT,
    key: 'buffer-id-step',
    shows: 'a drive whose buffer id grows with each chunk',
    kind: 'disk',
    devices: [{ persona: 'disk-buffer-id-step' }],
    tries: [
      { ends: 'failed illegal-request' },
      {
        ...download({ 'buffer-id-step': 1 }),
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end), ['7 0@0+4096', '7 1@4096+4096', '7 2@8192+4096']),
      },
    ],
  },
  {
    at: AT,
    key: 'offset',
    shows: 'one image in two files: the second goes where the first one ends',
    kind: 'card',
    files: { 'a.bin': IMAGE.subarray(0, HALF), 'b.bin': IMAGE.subarray(HALF) },
    tries: [
      {
        play: {
          firmware: { file: 'a.bin', sha256: sha256(IMAGE.subarray(0, HALF)) },
          download: [
            { via: 'write-buffer', mode: 'dmc_offs_defer', bpw: 4096 },
            {
              ...{ via: 'write-buffer', mode: 'dmc_offs_defer', bpw: 4096, offset: HALF },
              ...{ file: 'b.bin', sha256: sha256(IMAGE.subarray(HALF)) },
            },
          ],
        },
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end), ['E 0@0+4096', 'E 0@4096+4096', 'E 0@8192+4096', 'F 0@0+0']),
      },
    ],
  },
  {
    at: AT,
    key: 'skip',
    shows: 'bytes at the beginning of the image that the unit does not want; the hash is of the whole',
    kind: 'card',
    files: { 'long.bin': concatBytes(HEADER, IMAGE) },
    tries: [
      {
        play: {
          firmware: { file: 'long.bin', sha256: sha256(concatBytes(HEADER, IMAGE)) },
          download: { skip: HEADER.length },
        },
        ends: 'updated',
        sees: (end) => assert.is(sentTo(end)[0], 'E 0@0+4096'),
      },
    ],
  },
  {
    at: AT,
    key: 'length',
    shows: 'bytes behind the image that the unit does not want; the hash is of the whole',
    kind: 'card',
    files: { 'long.bin': concatBytes(IMAGE, HEADER) },
    tries: [
      {
        play: {
          firmware: { file: 'long.bin', sha256: sha256(concatBytes(IMAGE, HEADER)) },
          download: { length: '12KiB' },
        },
        ends: 'updated',
        sees: (end) => assert.is(sentTo(end).at(-2), 'E 0@8192+4096'),
      },
    ],
  },
  {
    at: AT,
    key: 'fill',
    shows: 'a unit that wants a fixed length: the image is filled up with this byte',
    kind: 'card',
    images: [{ name: 'full', file: 'full.bin', revision: '2.10' }],
    files: { 'short.bin': IMAGE, 'full.bin': concatBytes(IMAGE, new Uint8Array(4096).fill(0xff)) },
    tries: [
      {
        play: { firmware: { file: 'short.bin' }, download: { length: '16KiB' } },
        ends: 'invalid image-cut',
      },
      {
        play: { firmware: { file: 'short.bin' }, download: { length: '16KiB', fill: 0xff } },
        ends: 'updated',
      },
    ],
  },
  {
    at: AT,
    key: 'mode-specific',
    shows: 'the event that starts an image of mode 0Dh: here a power on',
    kind: 'disk',
    tries: [
      { ...download({ mode: 'dmc_offs_ev_defer' }), ends: 'invalid missing-key' },
      {
        play: { download: { mode: 'dmc_offs_ev_defer', 'mode-specific': 4 }, activate: ['power-cycle'] },
        ends: 'pending event-pending',
        sees: (end) => {
          assert.is(sentTo(end)[0], 'D/4 0@0+4096');
          assert.equal(end.results[0]!.pending, ['power-cycle']);
        },
      },
    ],
  },
  ...(
    [
      ['first', { nth: 1 }],
      ['chunk', { nth: 2 }],
      ['last', { moment: 'last-chunk' }],
      ['activate', { moment: 'activation' }],
    ] as const
  ).map(([key, fault]): RehearsedKey => ({
    at: TIMEOUT,
    key,
    shows: `the time that the ${key === 'activate' ? 'activation' : `${key} command`} may take before it counts as lost`,
    ...slow(fault),
    tries: [
      {
        ...download({ timeout: { [key]: '90s' } }),
        ends: 'updated',
        sees: ({ tookMs }) => assert.ok(tookMs >= 60_000, `${tookMs} ms`),
      },
      {
        ...download({ timeout: { [key]: '20s' } }),
        // The unit is asked, and the report tells of the answer that was lost at the end.
        ends: key === 'last' || key === 'activate' ? 'updated answer-lost' : 'updated',
        sees: ({ tookMs }) => assert.ok(tookMs < 60_000, `${tookMs} ms`),
      },
    ],
  })),
  {
    at: OTHERWISE,
    key: 'when',
    shows: 'an older card does not know the mode, and gets the image by another one',
    kind: 'card',
    devices: [{ persona: 'hp-sas-expander-old' }],
    tries: [
      { ends: 'refused mode-not-supported' },
      {
        ...download({ otherwise: { when: 'mode-not-supported', mode: 'dmc_offs_save' } }),
        ends: 'updated',
      },
    ],
  },
  {
    at: OTHERWISE,
    key: 'mode',
    shows: 'the mode of the fallback, seen at the card',
    kind: 'card',
    devices: [{ persona: 'hp-sas-expander-old' }],
    tries: [
      {
        ...download({ otherwise: { when: 'mode-not-supported', mode: 'dmc_offs_save' } }),
        ends: 'updated',
        sees: (end) =>
          assert.equal(sentTo(end), ['E 0@0+4096', '7 0@0+4096', '7 0@4096+4096', '7 0@8192+4096']),
      },
    ],
  },
  {
    at: OTHERWISE,
    key: 'bpw',
    shows: 'the fallback has its own chunk size',
    kind: 'card',
    devices: [{ persona: 'hp-sas-expander-old' }],
    tries: [
      {
        ...download({ otherwise: { when: 'mode-not-supported', mode: 'dmc_offs_save', bpw: '8k' } }),
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end), ['E 0@0+4096', '7 0@0+8192', '7 0@8192+4096']),
      },
    ],
  },
  {
    at: AT,
    key: 'not-saved',
    shows:
      'a mode that does not save the image has to be accepted; the unit runs it until its next power cycle',
    kind: 'disk',
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
    key: 'region',
    shows: 'data of this one unit are not written by mistake',
    kind: 'card',
    tries: [
      { ...download({ region: 'manufacturing' }), ends: 'invalid acknowledge' },
      { ...download({ region: 'manufacturing', acknowledge: 'manufacturing-data' }), ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'acknowledge',
    shows: 'the word with which a person takes that risk; alone it has no effect, and is a mistake',
    kind: 'card',
    tries: [
      { ...download({ acknowledge: 'manufacturing-data' }), ends: 'invalid no-effect' },
      { ...download({ region: 'manufacturing', acknowledge: 'manufacturing-data' }), ends: 'updated' },
    ],
  },
];
