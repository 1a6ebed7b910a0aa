import * as assert from 'uvu/assert';
import { concatBytes } from '../../../src/base/bytes.ts';
import type { LabImageWords } from '../../../src/generated/lab.ts';
import { IMAGE, IMAGE_BYTES, sha256 } from './kinds.ts';
import type { RehearsedKey } from './rehearsed-key.ts';
import { sentTo } from './sent.ts';
import { tarOf } from './tar.ts';

const AT = 'plays[].firmware';
const HEADER = new Uint8Array(64).fill(0x48);
/** What Linux programs begin with. */
const ELF = concatBytes(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), IMAGE.subarray(8));

const brings = (more: Partial<LabImageWords>): readonly LabImageWords[] => [
  { name: 'fw.bin', bytes: IMAGE_BYTES, rule: 'standard', revision: '2.10', ...more },
];

/** What a play says of its image, and of what it changes. */
export const FIRMWARE_KEYS: readonly RehearsedKey[] = [
  {
    at: AT,
    key: 'file',
    shows: 'the image is the file beside the playbook; another name is a mistake before anything is sent',
    kind: 'card',
    files: { 'mine.bin': IMAGE },
    tries: [
      { play: { firmware: { file: 'none.bin' } }, ends: 'invalid image-missing' },
      { play: { firmware: { file: 'mine.bin' } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'member',
    shows: 'the image is taken out of the package, and nothing in it is run',
    kind: 'card',
    files: { 'fw.tar': tarOf({ 'fw/image.bin': IMAGE, readme: HEADER }) },
    tries: [
      { play: { firmware: { file: 'fw.tar' } }, ends: 'invalid image-package' },
      { play: { firmware: { file: 'fw.tar', member: 'fw/image.bin' } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'strip',
    shows: 'the header of the vendor in front of the image is not sent',
    kind: 'card',
    files: { 'with-header.bin': concatBytes(HEADER, IMAGE) },
    tries: [
      { play: { firmware: { file: 'with-header.bin' } }, ends: 'invalid image-hash' },
      { play: { firmware: { file: 'with-header.bin', strip: 64 } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'is',
    shows: 'an image that looks like a program is taken only where a person says that it is meant',
    kind: 'card',
    images: [{ name: 'fw.bin', file: 'elf.bin', revision: '2.10' }],
    files: { 'elf.bin': ELF },
    tries: [
      { play: { firmware: { sha256: sha256(ELF) } }, ends: 'invalid image-foreign' },
      { play: { firmware: { sha256: sha256(ELF), is: 'verbatim' } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'sha256',
    shows: 'a file that is not the one that was pinned is not sent',
    kind: 'card',
    tries: [
      { play: { firmware: { sha256: sha256(HEADER) } }, ends: 'invalid image-hash' },
      { play: { firmware: { sha256: sha256(IMAGE) } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'size',
    shows: 'an image of another size than the playbook says is a mistake, although its hash is right',
    kind: 'card',
    tries: [
      { play: { firmware: { size: 4096 } }, ends: 'invalid image-size' },
      { play: { firmware: { size: '12KiB' } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'revision',
    shows: 'success is this revision, and no other',
    kind: 'card',
    tries: [
      { play: { firmware: { revision: '2.11' } }, ends: 'failed other-revision' },
      { play: { firmware: { revision: '2.10' } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'product',
    shows: 'new code may bring another product name; one that nobody announced is degraded',
    kind: 'card',
    images: brings({ product: 'NEW CARD' }),
    tries: [
      { ends: 'degraded product-changed' },
      { play: { firmware: { product: 'NEW CARD' } }, ends: 'updated' },
    ],
  },
  {
    at: AT,
    key: 'vendor',
    shows: 'new code may bring another vendor name; one that nobody announced is degraded',
    kind: 'card',
    images: brings({ vendor: 'HPE' }),
    tries: [{ ends: 'degraded vendor-changed' }, { play: { firmware: { vendor: 'HPE' } }, ends: 'updated' }],
  },
  {
    at: AT,
    key: 'serial',
    shows: 'new code may show another serial number under the same designator; the report has both',
    kind: 'card',
    devices: [{ serial: 'Z1Z0ABCD0000', 'new-serial': 'Z1Z0ABCD' }],
    tries: [
      { ends: 'degraded serial-changed' },
      {
        play: { firmware: { serial: 'may-change' } },
        ends: 'updated',
        sees: ({ results }) =>
          assert.equal(results[0]!.changed, [
            { what: 'serial-number', before: 'Z1Z0ABCD0000', after: 'Z1Z0ABCD' },
          ]),
      },
    ],
  },
  {
    at: 'plays[]',
    key: 'download',
    shows: 'absent: the image that an earlier run left waiting is activated, and nothing is sent',
    kind: 'card',
    before: { play: { activate: [] } },
    tries: [
      { play: { download: null }, ends: 'updated', sees: (end) => assert.equal(sentTo(end), ['F 0@0+0']) },
    ],
  },
];
