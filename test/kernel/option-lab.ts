import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { standardImage } from '../../src/simulator/lab-images.ts';
import { START_REVISION } from './cards.ts';
import type { Guest } from './rig.ts';

const IMAGE_BYTES = 64 * 1024;
export const CHUNK_BYTES = 4096;
export const HEADER_BYTES = 64;
export const NEW_REVISION = '2.10';
export const OTHER_REVISION = '2.12';
export const IMAGE = standardImage(IMAGE_BYTES);
export const OTHER_IMAGE = IMAGE.map((byte) => byte ^ 0xff);

const CARD = `persona: hp-sas-expander, revision: "${START_REVISION}"`;
const CARD_MATCH = `type: enclosure, vendor: HP, revision: ["${START_REVISION}"]`;
const BY_BUFFER = `via: write-buffer, mode: dmc_offs_defer, bpw: ${CHUNK_BYTES}`;

/** One unit of the served lab, and the playbook that is for it alone. */
interface OptionUnit {
  /** In the lab file. */
  readonly device: string;
  /** Of the playbook. */
  readonly match: string;
  readonly download: string;
  readonly activate: string;
  readonly within?: string;
}

/**
 * In the order of their nodes: sg1 and so on, since sg0 is the card of scsi_debug. A unit shows its name, in capitals, as its product
 * and as its serial number, so that each playbook finds one.
 */
export const UNITS = {
  card: { device: CARD, match: CARD_MATCH, download: BY_BUFFER, activate: 'activate_mc, wait-ready: 30s' },
  steps: {
    device: CARD,
    match: CARD_MATCH,
    download: BY_BUFFER,
    activate: 'activate_mc, pause: 1s, run: [/bin/sh, $WORK/tool.sh], wait-ready: 30s, rescan',
  },
  mute: {
    device: `persona: hp-sas-expander-mute, revision: "${START_REVISION}"`,
    match: CARD_MATCH,
    download: BY_BUFFER,
    activate: 'activate_mc, wait-ready: 30s',
    within: '1s',
  },
  frozen: {
    device: 'persona: ses-shelf-status-83, revision: "0100"',
    match: 'type: enclosure, vendor: LAB, revision: ["0100"]',
    download: 'via: ses, mode: dmc_offs_save, bpw: 32k',
    activate: 'wait-ready: 5s',
    within: '2s',
  },
  left: {
    device: CARD,
    match: CARD_MATCH,
    download: BY_BUFFER,
    activate: 'run: [/bin/sh, $WORK/hang.sh], activate_mc, wait-ready: 30s',
  },
  boot: { device: CARD, match: CARD_MATCH, download: BY_BUFFER, activate: 'reboot' },
  disk: {
    device: 'persona: disk-power-cycle, revision: "0001"',
    match: 'type: disk, vendor: LAB, revision: ["0001"]',
    download: 'via: write-buffer, mode: dmc_offs_save, bpw: 16k',
    activate: 'start-unit: 20s, power-cycle',
  },
  tape: {
    device: 'persona: tape, revision: "0001"',
    match: 'type: tape, vendor: LAB, revision: ["0001"]',
    download: 'via: write-buffer, mode: dmc_offs, bpw: 16k, not-saved: accepted',
    activate: 'wait-ready: 30s',
  },
} as const satisfies Record<string, OptionUnit>;

export type UnitName = keyof typeof UNITS;
export const UNIT_NAMES = Object.keys(UNITS) as UnitName[];
export const productOf = (name: UnitName): string => `OPT ${name.toUpperCase()}`;
export const serialOf = (name: UnitName): string => `OPT-${name.toUpperCase()}`;
export const nodeOf = (name: UnitName): string => `/dev/sg${1 + UNIT_NAMES.indexOf(name)}`;

/** scsi_debug, whose driver can be taken out and put in: then it shows other parameters, but the same name (VPD 83h). */
const DRIVER = (revision: string): string[] => [
  ...['ptype=13', 'inq_vendor=HP', 'inq_product=RELOADED', `inq_rev=${revision}`, 'delay=0'],
  'vpd_use_hostno=0',
];
export const OPTION_MODULES: Guest['modules'] = [
  ['sg'],
  ['sd_mod'],
  ['st'],
  ['scsi_debug', ...DRIVER(START_REVISION)],
  ['target_core_user'],
  ['tcm_loop'],
];
export const RELOADED = DRIVER(NEW_REVISION).join(' ');

/** Writes the lab, its images, a package, and `NAME.yml` for every unit and for the card of scsi_debug. */
export async function writeOptionLab(directory: string): Promise<void> {
  const put = (name: string, content: string | Uint8Array): Promise<void> =>
    writeFile(path.join(directory, name), content);
  await put('image.bin', IMAGE);
  await put('other.bin', OTHER_IMAGE);
  await mkdir(path.join(directory, 'package/fw'), { recursive: true });
  await put('package/fw/boxed.bin', Buffer.concat([Buffer.alloc(HEADER_BYTES, 'H'), IMAGE]));
  execFileSync('tar', ['-C', path.join(directory, 'package'), '-cf', path.join(directory, 'fw.tar'), 'fw']);
  const images = `images:
  - {name: image, file: image.bin, revision: "${NEW_REVISION}"}
  - {name: other, file: other.bin, revision: "${OTHER_REVISION}"}
`;
  const device = (name: UnitName): string =>
    `  - {${UNITS[name].device}, product: ${productOf(name)}, serial: "${serialOf(name)}"}`;
  await put('lab.yml', `lab: v1\n${images}devices:\n${UNIT_NAMES.map(device).join('\n')}\n`);
  const mini = '  - {persona: disk-power-cycle, revision: "0001", serial: "OPT-MINI"}';
  await put('mini.yml', `lab: v1\n${images}devices:\n${mini}\n`);
  for (const name of UNIT_NAMES) await put(`${name}.yml`, playbookOf(directory, name, { ...UNITS[name] }));
  const other = { file: 'other.bin', image: OTHER_IMAGE, revision: OTHER_REVISION };
  const { activate } = UNITS.card;
  await put('left-other.yml', playbookOf(directory, 'left', { ...UNITS.left, activate }, other));
  const reload = { ...UNITS.card, activate: 'activate_mc, reload-driver: scsi_debug, wait-ready: 30s' };
  await put('reload.yml', playbookOf(directory, 'card', reload).replace(productOf('card'), 'RELOADED'));
  // For the steps `run`: counts the activations that the card has got; and one that is killed in the middle.
  await put(
    'tool.sh',
    `grep -c '"unit":"${serialOf('steps')}".*"cdb":"3b0f' ${directory}/cards.jsonl >${directory}/tool.out\n`,
  );
  await put('hang.sh', `echo $$ >${directory}/hang.pid\nexec sleep 600\n`);
}

function playbookOf(
  directory: string,
  name: UnitName,
  { match, download, activate, within = '30s' }: OptionUnit,
  firmware = { file: 'image.bin', image: IMAGE, revision: NEW_REVISION },
): string {
  const sha256 = createHash('sha256').update(firmware.image).digest('hex');
  const steps = activate.replaceAll('$WORK', directory).split(/, (?![^[]*\])/);
  return `runbook: v1
name: ${name}
plays:
  - name: ${name}
    match: {${match}, product: ${productOf(name)}}
    firmware: {file: ${firmware.file}, sha256: ${sha256}, revision: "${firmware.revision}"}
    download: {${download}}
    activate: [${steps.map((step) => (step.includes(':') ? `{${step}}` : step)).join(', ')}]
    verify: {within: ${within}}
strategy: {redundancy: outage-accepted}
`;
}
