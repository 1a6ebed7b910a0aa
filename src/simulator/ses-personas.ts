import { encodeFixedSense } from '../scsi/sense.ts';
import { ElementStatusCode, ElementType } from '../ses/element-type.ts';
import { answerInquiry } from './behaviors/inquiry.ts';
import { answerTestUnitReady, reportBecomingReady, reportUnitAttention } from './behaviors/readiness.ts';
import { answerReportLuns } from './behaviors/report-luns.ts';
import { answerRequestSense } from './behaviors/request-sense.ts';
import {
  answerSimpleEnclosure,
  dropWhenStatusIsRead,
  endWithStatus,
  lockUpAbove,
  startUnread,
  staySilent,
} from './behaviors/ses-peculiar.ts';
import {
  answerReceiveDiagnosticResults,
  settleEnclosure,
} from './behaviors/ses-receive-diagnostic-results.ts';
import { answerSendDiagnostic } from './behaviors/ses-send-diagnostic.ts';
import { healthPersonas } from './health-personas.ts';
import type { SesRules, SubenclosureRules } from './ses-rules.ts';
import type { Behavior, Persona } from './simulated-device.ts';

const MIB = 0x100000;
const SPC_4 = 0x06;
const { ok: OK, notInstalled: NOT_INSTALLED } = ElementStatusCode;

const IN_ANY_STATE: readonly Behavior[] = [
  settleEnclosure,
  staySilent,
  answerInquiry,
  answerReportLuns,
  answerRequestSense,
  reportUnitAttention,
  reportBecomingReady,
];
const WHEN_READY: readonly Behavior[] = [
  answerTestUnitReady,
  answerReceiveDiagnosticResults,
  answerSendDiagnostic,
];

/** An enclosure with something of its own, which stands in front of what all do when ready. */
export const withOwn = (...own: readonly Behavior[]): readonly Behavior[] => [
  ...IN_ANY_STATE,
  ...own,
  ...WHEN_READY,
];

const ELECTRONICS = {
  elementType: ElementType.enclosureServicesControllerElectronics,
  text: 'Electronics',
  codes: [OK],
} as const;

const PRIMARY: SubenclosureRules = {
  id: 0,
  bufferIds: [0],
  code: null,
  types: [
    ELECTRONICS,
    { elementType: ElementType.sasExpander, text: 'Expander', codes: [OK] },
    { elementType: ElementType.arrayDeviceSlot, text: 'Slot', codes: Array<number>(12).fill(NOT_INSTALLED) },
  ],
};

const RULES: SesRules = {
  modes: [0x07],
  subenclosures: [PRIMARY],
  maximumImageBytes: 16 * MIB,
  expectedOffset: 'tracked',
  refusal: 'good',
  namesWrongField: true,
  writeMs: 2000,
  pageTimeoutMs: 120_000,
};

const SHELF: Persona & { readonly ses: SesRules } = {
  summary: 'SES shelf; mode 07h, status 12h: new code runs after power on',
  deviceType: 0x0d,
  version: SPC_4,
  vendor: 'LAB',
  product: 'SES SHELF',
  revision: '0100',
  addressPrefix: '3000000e01', // NAA 3h: locally assigned
  download: {
    modes: [],
    bufferIds: [],
    bufferIdStep: 0,
    lastMode: null,
    capacityBytes: 0,
    offsetBoundaryExponent: 0,
    events: 0,
  },
  ses: RULES,
  takesEffect: 'power-cycle',
  restart: { readyAfterMs: 3000 },
  activateMicrocode: null,
  timeouts: { nominalS: 0, recommendedS: 0, unreachableS: 0 },
  encodeSense: encodeFixedSense,
  behaviors: withOwn(),
};

const IMMEDIATE = {
  ...SHELF,
  summary: 'SES shelf; modes 06h and 07h, status 10h: restarts after that status was read',
  addressPrefix: '3000000e02',
  ses: { ...RULES, modes: [0x06, 0x07] },
  takesEffect: 'at-once',
} as const satisfies Persona;

/** A shelf whose downloads all end with one error status. */
function failing(status: number, additionalStatus: number, addressPrefix: string): Persona {
  const code = `${status.toString(16).toUpperCase()}h`;
  return {
    ...IMMEDIATE,
    summary: `SES shelf; every download ends with status ${code}`,
    addressPrefix,
    behaviors: withOwn(endWithStatus(status, additionalStatus)),
  };
}

/** What `persona:` of a lab file may name beside the devices of WRITE BUFFER. */
export const SES_PERSONAS = {
  'ses-shelf': SHELF,
  'ses-shelf-immediate': IMMEDIATE,
  'celestica-es-shelf': {
    ...IMMEDIATE,
    summary: 'ES shelf (Celestica, sold by iXsystems); mode 07h, revision 0430 stands for release 4.3.0.5',
    vendor: 'CELESTIC',
    product: 'R0904-F0001-01',
    revision: '0410',
    addressPrefix: '3000000e0c', // NAA 3h: the company's own prefix is not on record
    ses: RULES,
    restart: { readyAfterMs: 10_000 },
  },
  'ses-shelf-deferred': {
    ...SHELF,
    summary: 'SES shelf; mode 0Eh, status 13h, then mode 0Fh; a wrong page is also 5/26/00',
    addressPrefix: '3000000e03',
    ses: { ...RULES, modes: [0x0e, 0x0f], refusal: 'check-condition' },
    takesEffect: 'at-once',
  },
  'ses-shelf-hard-reset': {
    ...SHELF,
    summary: 'SES shelf; mode 07h, status 11h: new code runs after a hard reset or power on',
    addressPrefix: '3000000e04',
    takesEffect: 'hard-reset',
  },
  'ses-shelf-untracked': {
    ...SHELF,
    summary: 'SES shelf; always says expected offset 0',
    addressPrefix: '3000000e05',
    ses: { ...RULES, expectedOffset: 'zero' },
  },
  'ses-shelf-any-offset': {
    ...SHELF,
    summary: 'SES shelf; takes pages in any order, expected offset FFFFFFFFh',
    addressPrefix: '3000000e06',
    ses: { ...RULES, expectedOffset: 'any' },
  },
  'ses-shelf-non': {
    ...IMMEDIATE,
    summary: 'SES shelf; drops a download when page 0Eh is read between two pages',
    addressPrefix: '3000000e07',
    ses: { ...IMMEDIATE.ses, expectedOffset: 'zero', refusal: 'check-condition', namesWrongField: false },
    behaviors: withOwn(dropWhenStatusIsRead),
  },
  'ses-shelf-ealsd': {
    ...IMMEDIATE,
    summary: 'SES shelf; restarts after the last page, before its final status was read',
    addressPrefix: '3000000e08',
    ses: { ...IMMEDIATE.ses, writeMs: 0 },
    behaviors: withOwn(startUnread),
  },
  'ses-shelf-chunk-lockup': {
    ...IMMEDIATE,
    summary: 'SES shelf; hangs until power off if a page carries more than 4096 bytes',
    addressPrefix: '3000000e09',
    behaviors: withOwn(lockUpAbove(4096)),
  },
  'ses-shelf-triple': {
    ...IMMEDIATE,
    summary: 'SES shelf; subenclosures 0, 2 and 1, each with its own revision and buffers',
    addressPrefix: '3000000e0a',
    ses: {
      ...IMMEDIATE.ses,
      modes: [0x06, 0x07, 0x0e, 0x0f],
      subenclosures: [
        PRIMARY,
        // Not in the order of their ids: a descriptor is found by its id alone.
        {
          id: 2,
          bufferIds: [0, 1],
          code: { product: 'SHELF PSU', revision: '0030' },
          types: [{ elementType: ElementType.powerSupply, text: 'PSU', codes: [OK, OK] }],
        },
        {
          id: 1,
          bufferIds: [0, 1],
          code: { product: 'SHELF IOM', revision: '0200' },
          types: [ELECTRONICS],
        },
      ],
    },
  },
  'ses-shelf-status-80': failing(0x80, 16, '3000000e80'), // MICROCODE IMAGE LENGTH
  'ses-shelf-status-81': failing(0x81, 0, '3000000e81'),
  'ses-shelf-status-82': failing(0x82, 0, '3000000e82'),
  'ses-shelf-status-83': failing(0x83, 0, '3000000e83'),
  'ses-shelf-status-84': failing(0x84, 0, '3000000e84'),
  'ses-shelf-status-85': failing(0x85, 0, '3000000e85'),
  ...healthPersonas(IMMEDIATE),
  'ses-simple': {
    ...SHELF,
    summary: 'simple enclosure; answers with page 08h, whatever page is requested',
    product: 'SIMPLE SES',
    addressPrefix: '3000000e0b',
    restart: null,
    behaviors: withOwn(answerSimpleEnclosure),
  },
} as const satisfies Record<string, Persona>;
