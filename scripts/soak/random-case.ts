import { createHash } from 'node:crypto';
import type { LabFile } from '../../src/generated/lab.ts';
import { OperationCode } from '../../src/scsi/command.ts';
import type { PersonaName } from '../../src/simulator/personas.ts';
import type { NamedFault } from './random-fault.ts';
import { randomFault } from './random-fault.ts';
import type { Random } from './random.ts';

export const REVISION = { old: 'A100', target: 'B200', third: 'C300', unlisted: 'Z900' } as const;
export const IMAGE = 'fw.bin';

/** Everything that one run of the soak test is made of. */
export interface SoakCase {
  readonly lab: LabFile;
  readonly labImages: ReadonlyMap<string, Uint8Array>;
  readonly playbookText: string;
  /** Mode of the play, for the list of cells. */
  readonly mode: string;
  /** Faults of each device of the lab. */
  readonly faults: readonly (readonly NamedFault[])[];
  /** A signal comes after this many events; null: none comes. */
  readonly stopAfterEvents: number | null;
}

interface Family {
  readonly via: 'write-buffer' | 'ses';
  readonly type: string;
  readonly vendor: string;
  readonly product: string;
  readonly personas: readonly PersonaName[];
  /** Modes that some of them know; a play takes another one now and then. */
  readonly modes: readonly string[];
}

const MODES = [
  'dmc_save',
  'dmc_offs',
  'dmc_offs_save',
  'dmc_offs_save',
  'dmc_offs_ev_defer',
  'dmc_offs_defer',
  'dmc_offs_defer',
] as const;

/** What one play can select: units of one type, vendor and product. */
const FAMILIES: readonly Family[] = [
  {
    via: 'write-buffer',
    type: 'enclosure',
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    personas: ['hp-sas-expander', 'hp-sas-expander', 'hp-sas-expander-old', 'hp-sas-expander-mute'],
    modes: ['dmc_offs_defer', 'dmc_offs_defer', 'dmc_offs_save'],
  },
  {
    via: 'write-buffer',
    type: 'disk',
    vendor: 'LAB',
    product: 'DISK',
    personas: [
      'disk',
      'disk-after-activate',
      'disk-hard-reset',
      'disk-power-cycle',
      'disk-last-mode',
      'disk-buffer-id-step',
    ],
    modes: MODES,
  },
  { via: 'write-buffer', type: 'tape', vendor: 'LAB', product: 'TAPE', personas: ['tape'], modes: ['dmc'] },
  {
    via: 'ses',
    type: 'enclosure',
    vendor: 'LAB',
    product: 'SES SHELF',
    personas: [
      'ses-shelf',
      'ses-shelf-immediate',
      'ses-shelf-deferred',
      'ses-shelf-deferred',
      'ses-shelf-hard-reset',
      'ses-shelf-untracked',
      'ses-shelf-any-offset',
      'ses-shelf-non',
      'ses-shelf-ealsd',
      'ses-shelf-chunk-lockup',
      'ses-shelf-triple',
      'ses-shelf-status-81',
      'ses-shelf-status-83',
      'ses-shelf-status-84',
    ],
    modes: ['dmc_offs_save', 'dmc_offs_save', 'dmc_offs', 'dmc_offs_defer', 'dmc_offs_defer'],
  },
];

export function randomCase(random: Random): SoakCase {
  const family = random.pick([...FAMILIES, FAMILIES[1]!, FAMILIES[3]!]);
  const image = random.bytes(random.integer(1, 24_000));
  const chunks = random.integer(1, 24);
  const bpw = Math.ceil(image.length / chunks / 4) * 4; // SES wants multiples of 4
  const mode = random.pick(random.chance(0.1) && family.via === 'write-buffer' ? MODES : family.modes);
  const download = randomDownload(random, mode, bpw, family.via);
  const writes = family.via === 'ses' ? OperationCode.sendDiagnostic : OperationCode.writeBuffer;
  const personas = Array.from({ length: random.integer(1, 5) }, () => random.pick(family.personas));
  // Now and then the image brings another revision than the playbook says, or no device knows it.
  const kind = random.pick([
    'right',
    'right',
    'right',
    'right',
    'right',
    'right',
    'third',
    'unknown',
  ] as const);
  const known = kind === 'unknown' ? random.bytes(5000) : image;
  const name = kind === 'unknown' ? 'other.bin' : IMAGE;
  return {
    lab: {
      lab: 'v1',
      images: [{ name, file: name, revision: kind === 'third' ? REVISION.third : REVISION.target }],
      devices: personas.map((persona) => ({
        persona,
        revision: randomRevision(random),
        latency: random.pick(['0ms', '3ms', '50ms']),
      })),
    },
    labImages: new Map([
      [IMAGE, image],
      [name, known],
    ]),
    playbookText: playbookText(random, family, image, download),
    mode: `${family.via} ${download.mode}`,
    faults: personas.map(() =>
      Array.from({ length: random.pick([0, 0, 1, 1, 1, 2, 3]) }, () => randomFault(random, chunks, writes)),
    ),
    stopAfterEvents: random.chance(0.08) ? random.integer(1, 80) : null,
  };
}

function randomRevision(random: Random): string {
  if (random.chance(0.08)) return REVISION.target;
  return random.chance(0.04) ? REVISION.unlisted : REVISION.old;
}

interface Download {
  readonly mode: string;
  readonly words: readonly string[];
  readonly deferred: boolean;
}

/** Not every mixture is a valid playbook; what the loader refuses is not run. */
function randomDownload(random: Random, mode: string, bpw: number, via: Family['via']): Download {
  const words = [`via: ${via}`, `mode: ${mode}`];
  const ses = via === 'ses';
  if (ses && random.chance(0.3)) words.push(`status-reads: ${random.pick(['none', 'between'])}`);
  if (ses && random.chance(0.2)) words.push('final-status: skip');
  const deferred = mode.endsWith('defer');
  if (mode !== 'dmc_save') words.push(`bpw: ${random.pick([bpw, bpw, bpw, 'auto', 'whole'])}`);
  if (mode === 'dmc') words.push('end-with: {mode: dmc_save}');
  if (mode === 'dmc_offs_ev_defer') words.push(`mode-specific: ${random.integer(1, 7)}`);
  if (mode === 'dmc_offs')
    words.push(!ses && random.chance(0.7) ? 'last-mode: dmc_offs_save' : 'not-saved: accepted');
  if (mode === 'dmc_offs_save' && !ses && random.chance(0.3)) words.push('buffer-id-step: 1');
  if (deferred && random.chance(0.5)) {
    words.push('otherwise: {when: mode-not-supported, mode: dmc_offs_save}');
  }
  if (random.chance(0.3)) words.push(`timeout: ${random.pick(['60s', '300s', '2h'])}`);
  return { mode, words, deferred };
}

function playbookText(random: Random, family: Family, image: Uint8Array, download: Download): string {
  const sha256 = createHash('sha256').update(image).digest('hex');
  const steps = [
    ...(random.chance(0.2) ? ['pause: 5s'] : []),
    ...(download.deferred && random.chance(0.85) ? ['activate_mc'] : []),
    ...(random.chance(0.6) ? [`wait-ready: ${random.pick(['1s', '30s', '2m'])}`] : []),
    ...(random.chance(0.15) ? ['rescan'] : []),
    ...(random.chance(0.1) ? [random.pick(['power-cycle', 'reboot'])] : []),
  ];
  return `runbook: v1
name: soak
plays:
  - name: soak
    match: {type: ${family.type}, vendor: ${family.vendor}, product: ${family.product}, revision: ["${REVISION.old}"]}
    firmware: {file: ${IMAGE}, sha256: "${sha256}", revision: "${REVISION.target}"}
    download: {${download.words.join(', ')}}
    activate: [${steps.map((step) => (step.includes(':') ? `{${step}}` : step)).join(', ')}]
    verify: {within: ${random.pick(['1s', '30s', '2m', '10m'])}}
strategy:
  concurrent: ${random.integer(1, 6)}
  max-failures: ${random.pick([0, 1, 10])}
  on-refusal: ${random.pick(['halt', 'skip', 'skip'])}
  redundancy: outage-accepted
`;
}
