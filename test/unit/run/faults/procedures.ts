import type {
  ActivationStep,
  ResolvedSesSection,
  ResolvedChunkedSection,
} from '../../../../src/playbook/resolved.ts';
import { standardImage } from '../../../../src/simulator/lab-images.ts';
import { sectionOf } from '../builders.ts';
import type { PlaceName } from './places.ts';
import { sesSectionOf } from '../ses-plays.ts';

/** One way to bring an image into one kind of device, and the commands of it that can be met by a fault. */
export interface FaultProcedure {
  readonly name: string;
  readonly persona: string;
  readonly match: {
    readonly type: 'enclosure' | 'disk' | 'tape';
    readonly deviceType: number;
    readonly vendor: string;
    readonly product: string;
  };
  readonly download: ResolvedChunkedSection;
  /** Sections before it. */
  readonly earlier?: readonly ResolvedChunkedSection[];
  readonly activate: readonly ActivationStep[];
  /** Commands that every undisturbed run sends, beside those that all procedures have. */
  readonly places: readonly PlaceName[];
  /** Events that the device itself promises and then does not keep. */
  readonly promises?: readonly string[];
  /** What an undisturbed run ends with. */
  readonly ends: 'updated' | 'pending' | 'unverified';
}

const HP = { type: 'enclosure', deviceType: 0x0d, vendor: 'HP', product: 'HP SAS EXP Card' } as const;
const DISK = { type: 'disk', deviceType: 0x00, vendor: 'LAB', product: 'DISK' } as const;
const TAPE = { type: 'tape', deviceType: 0x01, vendor: 'LAB', product: 'TAPE' } as const;
const SHELF = { type: 'enclosure', deviceType: 0x0d, vendor: 'LAB', product: 'SES SHELF' } as const;

const ACTIVATE: readonly ActivationStep[] = [{ step: 'activate_mc' }];
const CHUNKS = ['first', 'middle', 'last'] as const;

const MODE_5 = sectionOf({ mode: 'dmc_save', bpw: 'whole' });
const MODE_7 = sectionOf({ mode: 'dmc_offs_save' });

/** WRITE BUFFER as most devices want it. */
export const COMMON_MODES: readonly FaultProcedure[] = [
  {
    name: 'mode 7',
    persona: 'hp-sas-expander',
    match: HP,
    download: MODE_7,
    activate: [],
    places: CHUNKS,
    ends: 'updated',
  },
  {
    name: 'mode 0Eh',
    persona: 'hp-sas-expander',
    match: HP,
    download: sectionOf(),
    activate: ACTIVATE,
    places: [...CHUNKS, 'activation'],
    ends: 'updated',
  },
  {
    name: 'mode 5',
    persona: 'disk',
    match: DISK,
    download: MODE_5,
    activate: [],
    places: ['last'],
    ends: 'updated',
  },
];

/** WRITE BUFFER as some devices want it, and new code that runs later, or never shows. */
export const OTHER_MODES: readonly FaultProcedure[] = [
  {
    name: 'mode 0Dh',
    persona: 'disk',
    match: DISK,
    download: sectionOf({ mode: 'dmc_offs_ev_defer', modeSpecific: 4 }),
    activate: ACTIVATE,
    places: [...CHUNKS, 'activation'],
    ends: 'updated',
  },
  {
    name: 'mode 0Dh without activation',
    persona: 'disk',
    match: DISK,
    download: sectionOf({ mode: 'dmc_offs_ev_defer', modeSpecific: 6 }),
    activate: [],
    places: CHUNKS,
    ends: 'pending',
  },
  {
    name: 'mode 6 with last-mode 7',
    persona: 'disk-last-mode',
    match: DISK,
    download: sectionOf({ mode: 'dmc_offs', lastMode: 'dmc_offs_save' }),
    activate: [],
    places: CHUNKS,
    ends: 'updated',
  },
  {
    name: 'mode 4 with end-with 5',
    persona: 'tape',
    match: TAPE,
    download: sectionOf({ mode: 'dmc', endWith: 'dmc_save' }),
    activate: [],
    places: [...CHUNKS, 'end'],
    ends: 'updated',
  },
  {
    name: 'fallback from 0Eh to 7',
    persona: 'hp-sas-expander-old',
    match: HP,
    download: sectionOf({ otherwise: { mode: 'dmc_offs_save', bpw: 4096 } }),
    activate: ACTIVATE,
    // The chunk whose mode is refused, and the first of the way that is taken then.
    places: ['first', 'second', 'third', 'last'],
    ends: 'updated',
  },
  {
    name: 'mode 7, runs after a hard reset',
    persona: 'disk-hard-reset',
    match: DISK,
    download: MODE_7,
    activate: [],
    places: CHUNKS,
    ends: 'pending',
  },
  {
    name: 'mode 5, runs after a power cycle',
    persona: 'disk-power-cycle',
    match: DISK,
    download: MODE_5,
    activate: [],
    places: ['last'],
    promises: ['hard-reset'], // VPD 86h, ACTIVATE MICROCODE 10b
    ends: 'pending',
  },
  {
    name: 'mode 0Eh, never shows',
    persona: 'hp-sas-expander-mute',
    match: HP,
    download: sectionOf(),
    activate: ACTIVATE,
    places: [...CHUNKS, 'activation'],
    ends: 'unverified',
  },
];

const PAGES = ['first', 'middle', 'last', 'status before', 'configuration'] as const;
const BETWEEN = ['status after first', 'status between'] as const;

const ses = (
  name: string,
  persona: string,
  section: Partial<ResolvedSesSection>,
  rest: Pick<FaultProcedure, 'places' | 'ends'> & Partial<Pick<FaultProcedure, 'activate' | 'earlier'>>,
): FaultProcedure => ({
  name: `page 0Eh, ${name}`,
  persona,
  match: SHELF,
  download: sesSectionOf(section),
  activate: [],
  ...rest,
});

const EACH = { places: [...PAGES, ...BETWEEN, 'final status'], ends: 'updated' } as const;
const AT_EVENT = { ...EACH, ends: 'pending' } as const;
const DEFERRED = { mode: 'dmc_offs_defer' } as const;

/** Page 0Eh as most shelves want it: every command of it. */
export const SES_COMMON: readonly FaultProcedure[] = [
  ses('runs at once', 'ses-shelf-immediate', {}, EACH),
  ses('runs after a power cycle', 'ses-shelf', {}, AT_EVENT),
  ses('deferred', 'ses-shelf-deferred', DEFERRED, {
    activate: ACTIVATE,
    places: [...PAGES, ...BETWEEN, 'final status', 'activation', 'status after activation'],
    ends: 'updated',
  }),
];

const NO_READS = { statusReads: 'none' } as const;

/** Page 0Eh as some want it. */
export const SES_OTHER: readonly FaultProcedure[] = [
  ses(
    'deferred, status-reads none',
    'ses-shelf-deferred',
    { ...DEFERRED, ...NO_READS },
    {
      activate: ACTIVATE,
      places: [...PAGES, 'activation'],
      ends: 'updated',
    },
  ),
  ses(
    'deferred, final-status skip',
    'ses-shelf-deferred',
    { ...DEFERRED, finalStatus: 'skip' },
    {
      activate: ACTIVATE,
      places: [...PAGES, ...BETWEEN, 'activation'],
      ends: 'updated',
    },
  ),
  ses('deferred without activation', 'ses-shelf-deferred', DEFERRED, AT_EVENT),
  ses('runs at once, status-reads none', 'ses-shelf-immediate', NO_READS, {
    places: [...PAGES, 'last word'],
    ends: 'updated',
  }),
  ses('runs after a power cycle, status-reads none', 'ses-shelf', NO_READS, {
    places: [...PAGES, 'last word'],
    ends: 'pending',
  }),
  ses('runs after a hard reset', 'ses-shelf-hard-reset', {}, AT_EVENT),
  ses('offset not reported', 'ses-shelf-untracked', {}, AT_EVENT),
  ses('any offset', 'ses-shelf-any-offset', {}, AT_EVENT),
  ses('drops when read', 'ses-shelf-non', NO_READS, { places: [...PAGES, 'last word'], ends: 'updated' }),
  ses(
    'starts unread',
    'ses-shelf-ealsd',
    { finalStatus: 'skip' },
    {
      places: [...PAGES, ...BETWEEN],
      ends: 'updated',
    },
  ),
];

/** 5000 bytes, in two chunks, that change no revision. */
export const BOOT = standardImage(5000).map((byte) => byte ^ 0x55);

const SUB_2 = { subenclosureId: 2, image: BOOT } as const;

/** Two images for one unit, one after the other. */
export const SECTIONS: readonly FaultProcedure[] = [
  {
    name: 'two sections of mode 0Eh',
    persona: 'disk-two-buffers',
    match: DISK,
    earlier: [sectionOf({ image: BOOT, bufferId: 1 })],
    download: sectionOf(),
    activate: ACTIVATE,
    places: ['first', 'second', 'third', 'last', 'activation'],
    ends: 'updated',
  },
  {
    name: 'two sections of mode 7',
    persona: 'disk-two-buffers',
    match: DISK,
    earlier: [sectionOf({ mode: 'dmc_offs_save', image: BOOT, bufferId: 1 })],
    download: MODE_7,
    activate: [],
    places: ['first', 'second', 'third', 'last'],
    ends: 'updated',
  },
  ses(
    'two subenclosures',
    'ses-shelf-triple',
    {},
    {
      earlier: [sesSectionOf(SUB_2)],
      places: ['first', 'second', 'third', 'last', 'status after first', 'status between', 'final status'],
      ends: 'updated',
    },
  ),
  ses('two subenclosures, deferred', 'ses-shelf-triple', DEFERRED, {
    earlier: [sesSectionOf({ ...DEFERRED, ...SUB_2 })],
    activate: ACTIVATE,
    places: ['first', 'second', 'third', 'last', 'status between', 'final status', 'activation'],
    ends: 'updated',
  }),
];

export const PROCEDURES: readonly FaultProcedure[] = [
  ...COMMON_MODES,
  ...OTHER_MODES,
  ...SES_COMMON,
  ...SES_OTHER,
  ...SECTIONS,
];
