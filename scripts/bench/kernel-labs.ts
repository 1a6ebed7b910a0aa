import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GuestStep } from '../../test/kernel/rig.ts';
import { standardImage } from '../../src/simulator/lab-images.ts';

export const programs = ['peer', 'runbook'] as const;
export type Program = (typeof programs)[number];
/** A whole image, and one of a single chunk: what that takes is start-up, check and verdict. */
export const sizes = ['chunk', 'image'] as const;
export type Size = (typeof sizes)[number];

const CHUNK_BYTES = 4096;
const MIB = 0x100000;
const NEW_REVISION = '2.10';

/** One kind of unit, with a lab of its own: each run has a fresh unit. */
export interface Kind {
  readonly name: string;
  readonly title: string;
  /** To be as fast as the peer is an aim; the others are there to see why it is missed. */
  readonly aimed: boolean;
  readonly imageBytes: number;
  /** SCSI commands of a transfer. */
  readonly commands: number;
  readonly device: string;
  readonly match: string;
  readonly via: 'ses' | 'write-buffer';
  readonly peerName: string;
  readonly peer: (bytes: number) => string;
  /** How runbook ends: a shelf that waits for its power is pending. */
  readonly runbookExit: number;
  readonly rounds: (wanted: number) => number;
}

const SES = {
  match: 'type: enclosure, vendor: LAB, product: SES SHELF, revision: ["0100"]',
  via: 'ses',
  peerName: 'sg_ses_microcode',
  peer: () => `sg_ses_microcode -m dmc_offs_save -b ${CHUNK_BYTES}`,
  runbookExit: 6,
} as const;

export const KINDS: readonly Kind[] = [
  {
    ...SES,
    name: 'ses',
    title: '16 MiB by SES in 4 KiB pages',
    aimed: true,
    imageBytes: 16 * MIB,
    commands: (2 * 16 * MIB) / CHUNK_BYTES,
    device: 'persona: ses-shelf, revision: "0100"',
    rounds: (wanted) => wanted,
  },
  {
    ...SES,
    name: 'slow-ses',
    title: '4 MiB by SES in 4 KiB pages, a shelf that takes 1 ms a command',
    aimed: false,
    imageBytes: 4 * MIB,
    commands: (2 * 4 * MIB) / CHUNK_BYTES,
    device: 'persona: ses-shelf, revision: "0100", latency: 1ms',
    rounds: (wanted) => Math.min(wanted, 3),
  },
  {
    name: 'write-buffer',
    title: '16 MiB by WRITE BUFFER in 4 KiB chunks',
    aimed: false,
    imageBytes: 16 * MIB,
    commands: (16 * MIB) / CHUNK_BYTES,
    device: 'persona: disk, revision: "0001"',
    match: 'type: disk, vendor: LAB, product: DISK, revision: ["0001"]',
    via: 'write-buffer',
    peerName: 'sg_write_buffer',
    // Without a length it reads 8 MiB at most.
    peer: (bytes) => `sg_write_buffer -m dmc_offs_save -b ${CHUNK_BYTES} -l ${bytes}`,
    runbookExit: 0,
    rounds: (wanted) => Math.min(wanted, 3),
  },
];

/** Bytes that a transfer moves. */
export const bytesOf = ({ imageBytes }: Kind, size: Size): number =>
  size === 'image' ? imageBytes : CHUNK_BYTES;

export const runName = ({ name }: Kind, round: number, program: Program, size: Size): string =>
  `${name}-${round}-${program}-${size}`;

/** In turns, and each first as often as the other. */
function* runsOf(kind: Kind, wanted: number): Generator<readonly [string, Program, Size]> {
  for (let round = 0; round < kind.rounds(wanted); round++) {
    for (const size of sizes) {
      const order = round % 2 === 0 ? programs : programs.toReversed();
      for (const program of order) yield [runName(kind, round, program, size), program, size];
    }
  }
}

const imageName = ({ name }: Kind, size: Size): string => `${name}-${size}.bin`;

/** The single chunk must not be the start of the image, or a device could not tell the two apart. */
function imageOf({ imageBytes }: Kind, size: Size): Uint8Array {
  const image = standardImage(imageBytes);
  return size === 'image' ? image : image.subarray(0, CHUNK_BYTES).map((byte) => byte ^ 0xff);
}

/** Writes a lab for each kind, its images and its playbooks. */
export async function writeKernelLabs(directory: string, wanted: number): Promise<void> {
  const write = (name: string, content: string | Uint8Array): Promise<void> =>
    writeFile(path.join(directory, name), content);
  for (const kind of KINDS) {
    for (const size of sizes) {
      const image = imageOf(kind, size);
      await write(imageName(kind, size), image);
      await write(`${kind.name}-${size}.yml`, playbook(kind, size, image));
    }
    const images = sizes.map((size) => {
      const file = imageName(kind, size);
      return `  - {name: ${file}, file: ${file}, revision: "${NEW_REVISION}"}`;
    });
    const devices = [...runsOf(kind, wanted)].map(() => `  - {${kind.device}}`);
    await write(`${kind.name}.yml`, ['lab: v1', 'images:', ...images, 'devices:', ...devices, ''].join('\n'));
  }
}

function playbook(kind: Kind, size: Size, image: Uint8Array): string {
  const sha256 = createHash('sha256').update(image).digest('hex');
  return `runbook: v1
name: ${kind.name}
plays:
  - name: units
    match: {${kind.match}}
    firmware: {file: ${imageName(kind, size)}, sha256: ${sha256}, revision: "${NEW_REVISION}"}
    download: {via: ${kind.via}, mode: dmc_offs_save, bpw: ${CHUNK_BYTES}}
    verify: {within: 10s, paths: ignore}
strategy: {redundancy: outage-accepted}
`;
}

/** The steps of the guest: a lab after the other, and in each all runs. The time of a run is the last line on stderr. */
export function kernelSteps(wanted: number): GuestStep[] {
  return KINDS.flatMap((kind) => {
    const runs = [...runsOf(kind, wanted)].map(([name, program, size], index) => {
      const node = `/dev/sg${index}`;
      const command =
        program === 'peer'
          ? `${kind.peer(bytesOf(kind, size))} -I "$WORK/${imageName(kind, size)}" ${node}`
          : `runbook apply "$WORK/${kind.name}-${size}.yml" --yes --format json --only ${node}`;
      const state = `export RUNBOOK_STATE_DIR="$WORK/state-${kind.name}"`; // units of two labs have one identity
      return {
        name,
        script: `${state}; TIMEFORMAT='%R %U %S'; time ${command} >"$WORK/${name}.out"; echo $?`,
      };
    });
    return [
      // sg_write_buffer ends at a unit attention.
      {
        name: `${kind.name}-up`,
        script: `lab_up ${kind.name} ${kind.name}; for each in /dev/sg*; do ready $each; done`,
      },
      ...runs,
      { name: `${kind.name}-down`, script: 'runbook lab down' },
    ];
  });
}
