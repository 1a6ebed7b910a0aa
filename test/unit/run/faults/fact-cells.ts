import type { FactName } from '../../../../src/base/facts.ts';
import type { ResolvedChunkedSection, ResolvedMatch } from '../../../../src/playbook/resolved.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import type { ScsiCommand } from '../../../../src/scsi/command.ts';
import type { CommandOutcome } from '../../../../src/transport/transport.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { sectionOf } from '../builders.ts';
import { sesSectionOf } from '../ses-plays.ts';

/** A fact of a device on which a guard stands, and how it is asked for. */
export interface FactQuestion {
  readonly fact: FactName;
  readonly persona: string;
  readonly match: Pick<ResolvedMatch, 'type' | 'deviceType' | 'vendor' | 'product'>;
  readonly download: ResolvedChunkedSection;
  /** Where in the plan, or only on the open device, it is asked. */
  readonly atPlan: boolean;
  readonly asks: (cdb: Uint8Array) => boolean;
  /** Bytes that may follow its answer and mean nothing; null: the answer has a fixed length. */
  readonly filler: number | null;
  /** What becomes of a unit that does not have it. */
  readonly whenAbsent: string;
}

const DISK = {
  persona: 'disk',
  match: { type: 'disk', deviceType: 0x00, vendor: 'LAB', product: 'DISK' },
  download: sectionOf({ mode: 'dmc_offs_save' }),
} as const;
const SHELF = {
  persona: 'ses-shelf-immediate',
  match: { type: 'enclosure', deviceType: 0x0d, vendor: 'LAB', product: 'SES SHELF' },
  download: sesSectionOf(),
} as const;

const vpd =
  (pageCode: number) =>
  (cdb: Uint8Array): boolean =>
    cdb[0] === OperationCode.inquiry && (cdb[1]! & 1) === 1 && cdb[2] === pageCode;
const page =
  (pageCode: number) =>
  (cdb: Uint8Array): boolean =>
    cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === pageCode;
const command =
  (operationCode: number) =>
  (cdb: Uint8Array): boolean =>
    cdb[0] === operationCode;

export const QUESTIONS: readonly FactQuestion[] = [
  { fact: 'vpd-80h', ...DISK, atPlan: true, asks: vpd(0x80), filler: 0x20, whenAbsent: 'updated' },
  { fact: 'vpd-83h', ...DISK, atPlan: true, asks: vpd(0x83), filler: 0, whenAbsent: 'updated' },
  { fact: 'vpd-86h', ...DISK, atPlan: true, asks: vpd(0x86), filler: 0, whenAbsent: 'updated' },
  {
    fact: 'operation-codes',
    ...DISK,
    atPlan: false,
    asks: command(OperationCode.maintenanceIn),
    filler: null,
    whenAbsent: 'updated',
  },
  {
    fact: 'buffer-descriptor',
    ...DISK,
    atPlan: false,
    asks: command(OperationCode.readBuffer),
    filler: null,
    whenAbsent: 'updated',
  },
  {
    fact: 'level-0-discovery',
    ...DISK,
    atPlan: false,
    asks: command(OperationCode.securityProtocolIn),
    filler: null,
    whenAbsent: 'updated',
  },
  {
    fact: 'request-sense',
    ...DISK,
    atPlan: false,
    asks: command(OperationCode.requestSense),
    filler: null,
    whenAbsent: 'updated',
  },
  {
    fact: 'ses-00h',
    ...SHELF,
    atPlan: true,
    asks: page(0x00),
    filler: 0,
    whenAbsent: 'refused: page-not-listed',
  },
  { fact: 'ses-01h', ...SHELF, atPlan: true, asks: page(0x01), filler: 0, whenAbsent: 'degraded' },
  { fact: 'ses-02h', ...SHELF, atPlan: true, asks: page(0x02), filler: 0, whenAbsent: 'updated' },
];

type Answer = (
  command: ScsiCommand,
  device: SimulatedDevice,
  nexus: string,
  asked: FactQuestion,
) => CommandOutcome;

const LONGEST_BYTES = 20_000;

/** How a look fails without saying that there is nothing to see. */
export const UNREADABLE = {
  'the answer is lost': () => outcomeFor('host 3'),
  'the answer is cut': (sent, device, nexus) => {
    const own = device.perform(sent, nexus);
    const dataIn = own.dataIn.length > 3 ? own.dataIn.slice(0, 3) : new Uint8Array(1);
    return outcomeOf({ dataIn, residualBytes: sent.dataInBytes - dataIn.length });
  },
  'nothing comes with GOOD': ({ dataInBytes }) => outcomeOf({ residualBytes: dataInBytes }),
  'it is busy for good': () => outcomeFor('status 8'),
  'a hardware error': () => outcomeFor('4/3e/00'),
  'a medium error': () => outcomeFor('3/11/00'),
  'another illegal request': () => outcomeFor('5/25/00'),
  'it needs a person': () => outcomeFor('2/04/03'),
  'CHECK CONDITION without sense': () => outcomeFor('status 2'),
} as const satisfies Readonly<Record<string, Answer>>;

/** The answers by which a device says that it has no such thing. */
export const ABSENT = {
  '5/20/00': () => outcomeFor('5/20/00'),
  '5/24/00': () => outcomeFor('5/24/00'),
  '5/35/01': () => outcomeFor('5/35/01'),
} as const satisfies Readonly<Record<string, Answer>>;

/** The whole page, with much behind it; it fits only where there is room. */
export const tooLong: Answer = (sent, device, nexus, { filler }) => {
  const roomy = { ...sent, dataInBytes: LONGEST_BYTES, cdb: withRoom(sent.cdb) };
  const answered = device.perform(roomy, nexus);
  if (answered.status !== 0) return answered;
  const own = answered.dataIn;
  const whole = new Uint8Array(LONGEST_BYTES).fill(filler ?? 0);
  whole.set(own);
  new DataView(whole.buffer).setUint16(2, LONGEST_BYTES - 4);
  const dataIn = whole.slice(0, sent.dataInBytes);
  return outcomeOf({ dataIn, residualBytes: sent.dataInBytes - dataIn.length });
};

function withRoom(cdb: Uint8Array): Uint8Array {
  const roomy = cdb.slice();
  new DataView(roomy.buffer).setUint16(3, LONGEST_BYTES);
  return roomy;
}

/** From when on it fails. */
export const WHEN = ['always', 'from the check on', 'after the first chunk'] as const;
export type When = (typeof WHEN)[number];
