import { createHash } from 'node:crypto';
import type { LabDeviceWords, LabImageWords } from '../../../src/generated/lab.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import type { RehearsedKey, Words } from './rehearsed-key.ts';

export const IMAGE_BYTES = 12 * 1024;
export const IMAGE = standardImage(IMAGE_BYTES);
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const FIRMWARE = { file: 'fw.bin', sha256: sha256(IMAGE), revision: '2.10' };
const FW: LabImageWords = { name: 'fw.bin', bytes: IMAGE_BYTES, rule: 'standard', revision: '2.10' };

interface Kind {
  readonly device: LabDeviceWords;
  readonly image: LabImageWords;
  readonly play: Words;
}

const kind = (
  persona: string,
  match: readonly [type: string, vendor: string, product: string],
  rest: Words,
): Kind => ({
  device: { persona, revision: '2.08' },
  image: FW,
  play: {
    name: 'unit',
    match: { type: match[0], vendor: match[1], product: match[2], revision: ['2.08'] },
    firmware: FIRMWARE,
    verify: { within: '30s' },
    ...rest,
  },
});

/** The ordinary playbook for one kind of device, which ends with `updated`. */
export const KINDS: Readonly<Record<RehearsedKey['kind'], Kind>> = {
  card: kind('hp-sas-expander', ['enclosure', 'HP', 'HP SAS EXP Card'], {
    download: { via: 'write-buffer', mode: 'dmc_offs_defer', bpw: 4096 },
    activate: ['activate_mc', { 'wait-ready': '30s' }],
  }),
  disk: kind('disk', ['disk', 'LAB', 'DISK'], {
    download: { via: 'write-buffer', mode: 'dmc_offs_save', bpw: 4096 },
    activate: [{ 'wait-ready': '30s' }],
  }),
  shelf: kind('ses-shelf-immediate', ['enclosure', 'LAB', 'SES SHELF'], {
    download: { via: 'ses', mode: 'dmc_offs_save', bpw: 4096 },
    activate: [{ 'wait-ready': '30s' }],
  }),
  tape: kind('tape', ['tape', 'LAB', 'TAPE'], {
    download: { via: 'write-buffer', mode: 'dmc', bpw: 4096, 'end-with': { mode: 'dmc_save' } },
    activate: [{ 'wait-ready': '30s' }],
  }),
};

/** Of a section in a list: null takes a key away, as it does in a mapping. */
export const present = (words: Words): Words =>
  Object.fromEntries(Object.entries(words).filter(([, value]) => value !== null));
