import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { standardImage } from '../../src/simulator/lab-images.ts';
import type { GuestStep } from './rig.ts';
import { CARD, CARD_MODE_7, DISK, IMMEDIATE, SHELF } from './fault-units.ts';
import type { Unit } from './fault-units.ts';

export const NEW_REVISION = '2.10';
const IMAGE_BYTES = 1024 * 1024;
/** More than the peers read without being told a length. */
const LARGE_BYTES = 12 * 1024 * 1024;
/** Of the commands that carry the image, counted from 1. */
const MIDDLE = 5;
const LAST_CHUNK = IMAGE_BYTES / 65_536;
const LAST_PAGE = IMAGE_BYTES / 32_768;

/** One thing that goes wrong, on a unit for the peer and on one for runbook. */
export interface FaultRow {
  readonly fault: string;
  readonly unit: Unit;
  /** `faults:` of the lab, without brackets. */
  readonly lab?: string;
  /** The unit attention that every unit has since power on was not taken away by somebody before. */
  readonly attention?: boolean;
  readonly image?: 'damaged' | 'large';
  /** runbook waits for the new code until its time is over. */
  readonly waits?: boolean;
  /** The last command, or one in the middle, gets no answer for long: both are told to wait some seconds only. */
  readonly hangs?: boolean;
}

/** sg_ses_microcode cannot be told, and waits until the kernel of the lab gives up after 30 s. */
const PATIENCE = {
  sg_write_buffer: ' -t 5',
  sg_ses_microcode: '',
  runbook: ', timeout: {first: 20s, chunk: 5s, last: 5s, activate: 5s}',
} as const;

const sense = (command: string, nth: number, code: string, more = ''): string =>
  `{command: ${command}, nth: ${nth}, sense: "${code}"${more}}`;

export const POWER_FAILS = 'power fails in the middle';

export const ROWS: readonly FaultRow[] = [
  { fault: 'nothing', unit: CARD },
  { fault: 'unit attention since power on', unit: CARD, attention: true },
  { fault: 'the card does not know the mode', unit: { ...CARD, persona: 'hp-sas-expander-old' } },
  { fault: 'unit attention between two chunks', unit: CARD, lab: sense('write-buffer', MIDDLE, '6/2a/01') },
  { fault: 'a chunk is refused, write error', unit: CARD, lab: sense('write-buffer', MIDDLE, '3/03/00') },
  { fault: 'a chunk is lost on the way', unit: CARD, lab: sense('write-buffer', MIDDLE, 'b/47/03') },
  {
    fault: 'the last chunk: GOOD, and dropped',
    unit: CARD_MODE_7,
    lab: `{command: write-buffer, nth: ${LAST_CHUNK}, status: 0}`,
    waits: true,
  },
  {
    fault: 'the last chunk: no answer, and dropped',
    unit: CARD_MODE_7,
    lab: `{command: write-buffer, nth: ${LAST_CHUNK}, host-status: 3}`,
    hangs: true,
  },
  {
    fault: 'the last chunk: answer lost',
    unit: CARD_MODE_7,
    lab: sense('write-buffer', LAST_CHUNK, 'b/4b/00', ', executed: true'),
  },
  {
    fault: 'activation: no answer',
    unit: CARD,
    lab: '{command: write-buffer, mode: 15, host-status: 3, executed: true}',
    hangs: true,
  },
  {
    fault: POWER_FAILS,
    unit: CARD,
    lab: `{command: write-buffer, nth: ${MIDDLE}, host-status: 3, reset: power-cycle}`,
    hangs: true,
  },
  { fault: 'one bit of the image is wrong', unit: CARD, image: 'damaged' },
  { fault: 'the image has 12 MiB', unit: DISK, image: 'large' },

  { fault: 'nothing', unit: IMMEDIATE },
  { fault: 'unit attention since power on', unit: IMMEDIATE, attention: true },
  { fault: 'new code waits for power', unit: SHELF },
  {
    fault: 'unit attention between two pages',
    unit: IMMEDIATE,
    lab: sense('send-diagnostic', MIDDLE, '6/2a/01'),
  },
  { fault: 'a page is lost on the way', unit: IMMEDIATE, lab: sense('send-diagnostic', MIDDLE, 'b/47/03') },
  {
    fault: 'the last page: GOOD, and dropped',
    unit: IMMEDIATE,
    lab: `{command: send-diagnostic, nth: ${LAST_PAGE}, status: 0}`,
    hangs: true, // in its way: the shelf goes on waiting for it
  },
  {
    fault: 'the last page: answer lost',
    unit: IMMEDIATE,
    lab: sense('send-diagnostic', LAST_PAGE, 'b/4b/00', ', executed: true'),
  },
  {
    fault: 'the last page: no answer',
    unit: IMMEDIATE,
    lab: `{command: send-diagnostic, nth: ${LAST_PAGE}, host-status: 3, executed: true}`,
    hangs: true,
  },
  {
    fault: 'activation while the shelf writes',
    unit: {
      ...IMMEDIATE,
      persona: 'ses-shelf-deferred',
      peer: 'sg_ses_microcode -m dmc_offs_defer -b 32k,act',
      download: 'via: ses, mode: dmc_offs_defer, bpw: 32k',
      activate: '[activate_mc, wait-ready: 20s]',
    },
  },
  {
    fault: 'drops a download that is looked at',
    unit: { ...IMMEDIATE, persona: 'ses-shelf-non' },
    waits: true,
  },
  { fault: 'starts before its status was read', unit: { ...IMMEDIATE, persona: 'ses-shelf-ealsd' } },
  { fault: 'ends with status 83h', unit: { ...IMMEDIATE, persona: 'ses-shelf-status-83' } },
];

const peerNode = (index: number): string => `/dev/sg${2 * index}`;
export const ourNode = (index: number): string => `/dev/sg${2 * index + 1}`;
const imageOf = ({ image }: FaultRow): string => `${image ?? 'image'}.bin`;

/** Writes `lab.yml` with two units of each row, the images, and `<index>.yml`, a playbook for each row. */
export async function writeFaultLab(directory: string): Promise<void> {
  const image = standardImage(IMAGE_BYTES);
  const damaged = image.slice();
  damaged[IMAGE_BYTES - 100]! ^= 0x10;
  // Not the beginning of the other one: a WRITE BUFFER device knows an image by its bytes.
  const large = standardImage(LARGE_BYTES).map((byte) => byte ^ 0xff);
  for (const [name, bytes] of Object.entries({ image, damaged, large })) {
    await writeFile(path.join(directory, `${name}.bin`), bytes);
  }
  const device = ({ unit, lab }: FaultRow): string => {
    const words = [`persona: ${unit.persona}`, `revision: "${unit.revision}"`];
    if (lab !== undefined) words.push(`faults: [${lab}]`);
    return `  - {${words.join(', ')}}`;
  };
  const lab = [
    'lab: v1',
    'images:',
    ...['image', 'large'].map(
      (name) => `  - {name: ${name}, file: ${name}.bin, revision: "${NEW_REVISION}"}`,
    ),
    'devices:',
    ...ROWS.flatMap((row) => [device(row), device(row)]),
  ];
  await writeFile(path.join(directory, 'lab.yml'), `${lab.join('\n')}\n`);
  for (const [index, row] of ROWS.entries()) {
    // Of the image as it should be: that is what a hash is for.
    const sha256 = createHash('sha256')
      .update(row.image === 'large' ? large : image)
      .digest('hex');
    const { match, revision, download, activate } = row.unit;
    const timeout = row.hangs === true ? PATIENCE.runbook : '';
    const text = `runbook: v1
name: fault ${index}
plays:
  - name: fault
    match: {${match}, revision: ["${revision}"]}
    firmware: {file: ${imageOf(row)}, sha256: ${sha256}, revision: "${NEW_REVISION}"}
    download: {${download}${timeout}}
    activate: ${activate}
    verify: {within: 12s, paths: ignore}
strategy: {redundancy: outage-accepted}
`;
    await writeFile(path.join(directory, `${index}.yml`), text);
  }
}

/** What one is to do, and the file that says how it ended. */
function peerLine(row: FaultRow, index: number): string {
  const { peer } = row.unit;
  const patience =
    row.hangs === true ? PATIENCE[peer.startsWith('sg_ses') ? 'sg_ses_microcode' : 'sg_write_buffer'] : '';
  const run = `${peer}${patience} -I "$WORK/${imageOf(row)}" ${peerNode(index)}; echo $? >"$WORK/${index}.peer"`;
  const ready = row.attention === true ? '' : `ready ${peerNode(index)}; `;
  return `{ ${ready}${run}; }`;
}

/**
 * In the background, until it has the node of its unit for itself: whoever looks at a unit, as the next run does, has its
 * node open.
 */
const ourLine = (index: number): string =>
  `runbook apply "$WORK/${index}.yml" --yes --format json --only ${ourNode(index)} --trace "$WORK/${index}.trace" >"$WORK/${index}.json" 2>"$WORK/${index}.err" &
sending $! "$WORK/${index}.err"`;

const revisions = (node: (index: number) => string): string =>
  ROWS.map((_, index) => `revision_or_silence ${node(index)}`).join('\n');

/** So many Node processes have room in the guest at a time. */
const AT_ONCE = 8;

/** Those that take long first. */
const ORDER = [...ROWS.keys()].sort((a, b) => duration(ROWS[b]!) - duration(ROWS[a]!));

function duration({ hangs, waits }: FaultRow): number {
  return Number(hangs === true) + Number(waits === true);
}

/** The peers first: whoever looks at a shelf takes its unit attention away. */
export const FAULT_STEPS: readonly GuestStep[] = [
  { name: 'up', script: 'lab_up faults' },
  {
    name: 'peers',
    script: ORDER.map((index) => {
      const row = ROWS[index]!;
      return `${peerLine(row, index)}${row.hangs === true ? ' &' : ''}`;
    }).join('\n'),
  },
  {
    name: 'ours',
    script: [
      'running=0',
      ...ORDER.map((index) => `((running++ < ${AT_ONCE})) || wait -n\n${ourLine(index)}`),
      'wait',
      // Of the step before; one of them waits for the kernel.
      ...ROWS.map((_, index) => `until [[ -s $WORK/${index}.peer ]]; do nap 0.1; done`),
    ].join('\n'),
  },
  { name: 'peers-now', script: revisions(peerNode) },
  { name: 'ours-now', script: revisions(ourNode) },
  { name: 'power', script: 'runbook lab power-cycle >/dev/null' },
  { name: 'peers-later', script: revisions(peerNode) },
  { name: 'ours-later', script: revisions(ourNode) },
  { name: 'down', script: 'runbook lab down; what_is_left' },
];
