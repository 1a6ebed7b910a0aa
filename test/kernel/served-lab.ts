import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { standardImage } from '../../src/simulator/lab-images.ts';
import type { Guest } from './rig.ts';

export const IMAGE_BYTES = 1024 * 1024;
export const CHUNK_BYTES = 4096;
export const NEW_REVISION = '2.10';

/** What `lab up` needs; it mounts configfs by itself. */
export const TARGET_MODULES: Guest['modules'] = [['sg'], ['target_core_user'], ['tcm_loop']];

/** In the order of the lab file, and so of the nodes: nothing else is attached in the guest. */
const DEVICES = {
  peer: '{persona: hp-sas-expander, revision: "2.08"}',
  damaged: '{persona: hp-sas-expander, revision: "2.08"}',
  card: '{persona: hp-sas-expander, revision: "2.08", latency: 1ms}',
  oldCard: '{persona: hp-sas-expander-old, revision: "2.06"}',
  contract: '{persona: hp-sas-expander, revision: "2.08"}',
  disk: '{persona: disk-power-cycle, revision: "0001", serial: "POWER-ME"}',
  silent:
    '{persona: hp-sas-expander, revision: "2.08", faults: [{command: test-unit-ready, times: 0, host-status: 3}]}',
  refusing:
    '{persona: hp-sas-expander, revision: "2.08", faults: [{command: write-buffer, nth: 3, sense: "4/44/00"}]}',
  shelf: '{persona: ses-shelf, revision: "0100", nickname: "rack 7, top"}',
  immediate: '{persona: ses-shelf-immediate, revision: "0100"}',
  deferred: '{persona: ses-shelf-deferred, revision: "0100"}',
  non: '{persona: ses-shelf-non, revision: "0100"}',
  triple: '{persona: ses-shelf-triple, revision: "0100"}',
} as const;

export type ServedName = keyof typeof DEVICES;

/** `/dev/sgN` of a device of the lab. */
export function node(name: ServedName): string {
  return `/dev/sg${Object.keys(DEVICES).indexOf(name)}`;
}

export const SERVED_COUNT = Object.keys(DEVICES).length;

/** Its second unit never answers INQUIRY: whoever links it is stuck in the kernel. */
const STUCK_LAB = `lab: v1
devices:
  - {persona: disk, revision: "0001"}
  - {persona: disk, revision: "0001", faults: [{command: inquiry, times: 0, host-status: 3}]}
`;

/** Writes `lab.yml`, `stuck.yml`, `image.bin` that its devices know, and `damaged.bin`, which differs in one bit of the last chunk. */
export async function writeLab(directory: string): Promise<void> {
  const image = standardImage(IMAGE_BYTES);
  const damaged = image.slice();
  damaged[IMAGE_BYTES - 100]! ^= 0x10;
  await writeFile(path.join(directory, 'image.bin'), image);
  await writeFile(path.join(directory, 'damaged.bin'), damaged);
  await writeFile(path.join(directory, 'stuck.yml'), STUCK_LAB);
  const lab = [
    'lab: v1',
    `images: [{name: image.bin, bytes: ${IMAGE_BYTES}, rule: standard, revision: "${NEW_REVISION}"}]`,
    'devices:',
    ...Object.values(DEVICES).map((device) => `  - ${device}`),
  ];
  await writeFile(path.join(directory, 'lab.yml'), `${lab.join('\n')}\n`);
}

/** Writes `NAME.yml`: one play for the units of one product. */
export async function writeServedPlaybook(
  directory: string,
  name: string,
  play: {
    readonly match: string;
    readonly download: string;
    readonly activate: string;
    readonly within?: string;
  },
): Promise<void> {
  const sha256 = createHash('sha256').update(standardImage(IMAGE_BYTES)).digest('hex');
  const text = `runbook: v1
name: ${name}
plays:
  - name: ${name}
    match: ${play.match}
    expect: 1..
    firmware: {file: image.bin, sha256: ${sha256}, revision: "${NEW_REVISION}"}
    download: ${play.download}
    activate: ${play.activate}
    verify: {within: ${play.within ?? '30s'}}
strategy: {redundancy: outage-accepted}
`;
  await writeFile(path.join(directory, `${name}.yml`), text);
}
