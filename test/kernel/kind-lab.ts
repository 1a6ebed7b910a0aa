import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { standardImage } from '../../src/simulator/lab-images.ts';
import { START_REVISION as START } from './cards.ts';

export const IMAGE = standardImage(64 * 1024);
export const NEW_REVISION = '2.10';
/** Somebody else's. */
const OTHER_IMAGE = standardImage(64 * 1024, 1);
export const OTHER_REVISION = '6.66';
/** Of the second buffer of a disk. */
export const BOOT = standardImage(4096, 7);
/** Brings other names with it. */
export const RENAMING = standardImage(64 * 1024, 2);
const PAGE = Buffer.from('<!DOCTYPE html><html><body>404 Not Found</body></html>\n'.padEnd(8192));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const CARD = `persona: hp-sas-expander, revision: "${START}"`;
const DISK = `persona: disk, revision: "${START}"`;
/** Each with a serial number of the same name, in capitals. Their nodes are in this order, from sg0. */
const DEVICES = {
  staged: `${CARD}, product: KIND STAGED`,
  switched: `${CARD}, product: KIND STAGED`,
  foreign: `${CARD}, product: KIND FOREIGN`,
  theirs: `${CARD}, product: KIND THEIRS`,
  first: `persona: disk-two-actuators, revision: "${START}", product: KIND TWO, serial: TWO`,
  second: `persona: disk-two-actuators, revision: "${START}", product: KIND TWO, serial: TWO, target-of: sg4`,
  drive1: `${DISK}, product: KIND BRIDGE`,
  drive2: `${DISK}, product: KIND BRIDGE, target-of: sg6`,
  mute: `persona: ses-shelf-immediate, revision: "${START}", product: KIND MUTE, health: { page: damaged }`,
  renamed: `${CARD}, product: KIND OLD, new-serial: NEWNAME`,
  announced: `${CARD}, product: KIND OLD2, new-serial: NEWNAME2`,
  odd: `${CARD}, vendor: "HP\\0ux", product: "KIND\\x80ODD\\x01"`,
  proven1: `${CARD}, product: KIND PROVEN`,
  proven2: `${CARD}, product: KIND PROVEN`,
  unproven: `${CARD}, product: KIND DOUBT`,
  unsaved: `${DISK}, product: KIND UNSAVED`,
  page: `${CARD}, product: KIND PAGE`,
  buffers: `persona: disk-two-buffers, revision: "${START}", product: KIND BUFFER`,
  senseless: `${DISK}, product: KIND DEAF, faults: [{command: request-sense, times: 0, sense: 3/11/00}]`,
  // Nothing that it says afterwards shows that it is well again.
  frozen: `${DISK}, product: KIND ICE, faults: [{command: write-buffer, nth: 2, sense: 4/44/00}, {command: request-sense, nth: 2, times: 0, sense: 3/11/00}]`,
  beside: `${DISK}, product: KIND ICE, target-of: sg19`,
  half1: `persona: disk-two-actuators, revision: "${START}", product: KIND HALF, serial: HALF, faults: [{command: write-buffer, nth: 2, sense: 5/26/00}]`,
  half2: `persona: disk-two-actuators, revision: "${START}", product: KIND HALF, serial: HALF, target-of: sg21`,
} as const;

export type KindName = keyof typeof DEVICES;
const NAMES = Object.keys(DEVICES) as KindName[];
export const nodeOf = (name: KindName): string => `/dev/sg${NAMES.indexOf(name)}`;
export const serialOf = (name: KindName): string =>
  /, serial: (\w+)/.exec(DEVICES[name])?.[1] ?? name.toUpperCase();

interface Words {
  readonly type?: 'disk' | 'enclosure';
  readonly vendor?: string;
  readonly product: string;
  readonly file?: string;
  readonly image?: Uint8Array;
  readonly firmware?: string;
  readonly download?: string;
  readonly activate?: string;
  readonly verify?: string;
  readonly strategy?: string;
}

const BY_BUFFER = '{via: write-buffer, mode: dmc_offs_defer, bpw: 4096}';
const SAVED = '{via: write-buffer, mode: dmc_offs_save, bpw: 16k}';
const READY = '[{wait-ready: 30s}]';

/** By the name of their file. */
const PLAYBOOKS: Readonly<Record<string, Words>> = {
  download: { product: 'KIND STAGED', activate: '[]' },
  window: { product: 'KIND STAGED', download: '' },
  foreign: { product: 'KIND FOREIGN' },
  two: {
    type: 'disk',
    vendor: 'LAB',
    product: 'KIND TWO',
    download: SAVED,
    activate: READY,
    strategy: 'concurrent: 4',
  },
  bridge: {
    ...{ type: 'disk', vendor: 'LAB', product: 'KIND BRIDGE' },
    ...{ download: SAVED, activate: READY, strategy: 'concurrent: 4' },
  },
  mute: {
    vendor: 'LAB',
    product: 'KIND MUTE',
    download: '{via: ses, mode: dmc_offs_save, bpw: 16k}',
    activate: READY,
  },
  'mute-accepted': {
    ...{ vendor: 'LAB', product: 'KIND MUTE', download: '{via: ses, mode: dmc_offs_save, bpw: 16k}' },
    ...{ activate: READY, strategy: 'proceed-without: [ses-02h]' },
  },
  renamed: { product: 'KIND OLD', file: 'renaming.bin', image: RENAMING },
  announced: {
    ...{ product: 'KIND OLD2', file: 'renaming.bin', image: RENAMING },
    firmware: 'vendor: HPE, product: KIND NEW, serial: may-change',
    activate: '[activate_mc, {wait-ready: 30s}, rescan]',
  },
  odd: { product: 'KIND ODD' },
  proven: {
    product: 'KIND PROVEN',
    activate: '[activate_mc, {wait-ready: 30s}, rescan]',
    verify: `witness: {sysfs: "{device}/rev", equals: "${NEW_REVISION}"}`,
  },
  doubt: { product: 'KIND DOUBT', verify: 'witness: {vpd: 0x80, offset: 4, equals: ANOTHER}, within: 3s' },
  unsaved: {
    ...{ type: 'disk', vendor: 'LAB', product: 'KIND UNSAVED', activate: READY },
    download: '{via: write-buffer, mode: dmc_offs, bpw: 16k}',
  },
  buffers: {
    ...{ type: 'disk', vendor: 'LAB', product: 'KIND BUFFER' },
    download: `
      - {via: write-buffer, mode: dmc_offs_defer, bpw: 4096, buffer-id: 1, file: boot.bin, sha256: ${sha256(BOOT)}, unproven: accepted}
      - ${BY_BUFFER}`,
  },
  senseless: {
    ...{ type: 'disk', vendor: 'LAB', product: 'KIND DEAF', download: SAVED, activate: READY },
    verify: 'within: 3s',
  },
  'senseless-accepted': {
    ...{ type: 'disk', vendor: 'LAB', product: 'KIND DEAF', download: SAVED, activate: READY },
    ...{ verify: 'within: 3s', strategy: 'proceed-without: [request-sense]' },
  },
  ice: {
    ...{ type: 'disk', vendor: 'LAB', product: 'KIND ICE', download: SAVED, activate: READY },
    verify: 'within: 3s',
  },
  half: { type: 'disk', vendor: 'LAB', product: 'KIND HALF', download: SAVED, activate: READY },
  page: { product: 'KIND PAGE', file: 'page.bin', image: PAGE },
};

function playbookOf(words: Words): string {
  const {
    type = 'enclosure',
    vendor = 'HP',
    product,
    file = 'image.bin',
    image = IMAGE,
    firmware = '',
  } = words;
  const {
    download = BY_BUFFER,
    activate = '[activate_mc, {wait-ready: 30s}]',
    verify = '',
    strategy = '',
  } = words;
  return `runbook: v1
name: ${product}
plays:
  - name: units
    match: {type: ${type}, vendor: "${vendor}", product: "${product}", revision: ["${START}"]}
    firmware: {file: ${file}, sha256: ${sha256(image)}, revision: "${NEW_REVISION}"${firmware && `, ${firmware}`}}
${download && `    download: ${download}\n`}    activate: ${activate}
${verify && `    verify: {${verify}}\n`}strategy: {redundancy: outage-accepted, max-failures: 9${strategy && `, ${strategy}`}}
`;
}

/** Writes the lab, its images and the playbooks. */
export async function writeKindLab(directory: string): Promise<void> {
  const put = (name: string, content: string | Uint8Array): Promise<void> =>
    writeFile(path.join(directory, name), content);
  await put('image.bin', IMAGE);
  await put('other.bin', OTHER_IMAGE);
  await put('renaming.bin', RENAMING);
  await put('page.bin', PAGE);
  await put('boot.bin', BOOT);
  const device = (name: KindName, index: number): string => {
    const words: string = DEVICES[name];
    const serial =
      words.includes('serial:') && !words.includes('new-serial') ? '' : `, serial: ${serialOf(name)}`;
    return `  - {node: sg${index}, ${words}${serial}}`;
  };
  await put(
    'lab.yml',
    `lab: v1
images:
  - {name: image, file: image.bin, revision: "${NEW_REVISION}"}
  - {name: other, file: other.bin, revision: "${OTHER_REVISION}"}
  - {name: boot, file: boot.bin, revision: "${START}"}
  - {name: renaming, file: renaming.bin, revision: "${NEW_REVISION}", vendor: HPE, product: KIND NEW}
devices:
${NAMES.map(device).join('\n')}
`,
  );
  for (const [name, words] of Object.entries(PLAYBOOKS)) await put(`${name}.yml`, playbookOf(words));
}
