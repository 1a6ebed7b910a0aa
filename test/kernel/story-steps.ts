import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { standardImage } from '../../src/simulator/lab-images.ts';
import type { GuestStep } from './rig.ts';

const IMAGE_BYTES = 1024 * 1024;
export const NEW_REVISION = '2.10';
export const DISK = '/dev/sg0';
/** Of one enclosure. */
export const MODULES = ['/dev/sg1', '/dev/sg2'] as const;

const MODULE = 'persona: ses-shelf-immediate, revision: "0100"';
const LAB = `lab: v1
images: [{name: image.bin, bytes: ${IMAGE_BYTES}, rule: standard, revision: "${NEW_REVISION}"}]
devices:
  - {persona: disk, revision: "0001"}
  - {${MODULE}, enclosure: {id: "0x3000000e0200007f", process: 1, of: 2}}
  - {${MODULE}, enclosure: {id: "0x3000000e0200007f", process: 2, of: 2}}
`;

/** Writes `lab.yml`, the image that its units know, and `modules.yml`. The playbook of the disk is made in the guest. */
export async function writeStory(directory: string): Promise<string> {
  const image = standardImage(IMAGE_BYTES);
  const sha256 = createHash('sha256').update(image).digest('hex');
  await writeFile(path.join(directory, 'image.bin'), image);
  await writeFile(path.join(directory, 'lab.yml'), LAB);
  await writeFile(
    path.join(directory, 'modules.yml'),
    `runbook: v1
name: modules
plays:
  - name: modules
    match: {type: enclosure, vendor: LAB, product: SES SHELF, revision: ["0100"]}
    expect: 2
    firmware: {file: image.bin, sha256: ${sha256}, revision: "${NEW_REVISION}"}
    download: {via: ses, mode: dmc_offs_save, bpw: 32k}
    activate: [wait-ready: 30s]
    verify: {within: 30s}
strategy: {concurrent: 2, redundancy: outage-accepted}
`,
  );
  return sha256;
}

export const STORY_STEPS: readonly GuestStep[] = [
  { name: 'up', script: 'lab_up story' },
  {
    name: 'init',
    script: `runbook init --device ${DISK} --firmware "$WORK/image.bin" --revision ${NEW_REVISION} --out "$WORK/disk.yml"`,
  },
  {
    // They wait for their restarts most of the time: what follows goes on meanwhile, and opens no enclosure.
    name: 'modules-start',
    script: `{ apply_playbook modules modules >"$WORK/modules.json" 2>"$WORK/modules.err"; echo $? >"$WORK/modules.exit"; } &`,
  },
  {
    // As if it had been pinned for another file.
    name: 'other-pin',
    script: `playbook=$(<"$WORK/disk.yml"); hash=$(sha256sum <"$WORK/image.bin"); hash=\${hash%% *}
printf '%s\\n' "\${playbook/$hash/\${hash//[0-9a-f]/0}}" >"$WORK/disk.yml"; runbook validate "$WORK/disk.yml"`,
  },
  { name: 'pin', script: 'runbook pin "$WORK/disk.yml"' },
  { name: 'validate', script: 'runbook validate "$WORK/disk.yml"' },
  { name: 'lint', script: 'runbook lint "$WORK/disk.yml"' },
  { name: 'rehearsal', script: 'runbook apply "$WORK/disk.yml" --lab auto --yes' },
  { name: 'before', script: `revision ${DISK}` },
  { name: 'apply', script: 'apply_playbook disk disk' },
  { name: 'after', script: `revision ${DISK}` },
  { name: 'modules', script: 'until [[ -s $WORK/modules.exit ]]; do nap 0.1; done' },
  { name: 'modules-after', script: MODULES.map((node) => `revision ${node}`).join('\n') },
  { name: 'down', script: 'runbook lab down; what_is_left' },
];
