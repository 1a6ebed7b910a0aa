import { OperationCode } from '../../src/scsi/command.ts';
import type { Fault, FaultTrigger } from '../../src/simulator/faults.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import type { CommandOutcome } from '../../src/transport/transport.ts';
import type { Random } from './random.ts';

/** A fault, and what it is called in the list of cells. */
export interface NamedFault {
  readonly name: string;
  readonly fault: Fault;
}

type Answer = Omit<Fault, 'when'>;

/** `executed` null: both are possible, for the answer was lost and not the command. */
interface Kind {
  readonly name: string;
  readonly answer: Answer;
  readonly executed: boolean | null;
}

const senses = (executed: boolean | null, codes: readonly string[]): Kind[] =>
  codes.map((code) => {
    const [key = 0, asc = 0, ascq = 0] = code.split('/').map((part) => Number.parseInt(part, 16));
    return { name: `sense ${code}`, answer: { sense: { key, asc, ascq } }, executed };
  });

const answers = (executed: boolean | null, field: keyof CommandOutcome, values: readonly number[]): Kind[] =>
  values.map((value) => ({ name: `${field} ${value}`, answer: { answer: { [field]: value } }, executed }));

/**
 * What a device, an adapter or a kernel may say. No device here claims a refusal for a command that it executed: a
 * device that lies so cannot be told from an honest one.
 */
const KINDS: readonly Kind[] = [
  ...senses(false, ['2/04/01', '2/04/07', '2/04/1D', '2/3E/00', '2/04/02', '2/04/1E', '2/04/22', '2/3A/00']),
  ...senses(false, ['3/11/00', '4/3E/03', '4/44/00', '4/44/71', '4/3F/80', '4/40/80']),
  ...senses(false, ['5/20/00', '5/24/00', '5/26/00', '5/26/98', '5/2C/00', '5/1A/00', '5/25/00', '5/55/03']),
  ...senses(false, ['6/29/00', '6/29/02', '6/29/04', '6/3F/01', '6/3F/0E', '6/2A/01', '6/2F/00', '6/28/00']),
  ...senses(false, ['7/27/00', '9/80/00', 'b/55/01', '5/35/01', '5/35/02', '5/74/08', 'e/1D/00', '2/5E/01']),
  ...senses(true, ['0/00/00', '0/00/16', '0/00/22', '1/0B/00', '1/17/01']),
  ...senses(null, ['b/4B/03', 'b/44/00', 'b/47/03', '4/08/00', '2/08/01', '5/35/03', '4/35/05']),
  ...answers(false, 'status', [0x08, 0x18, 0x28, 0x30]),
  ...answers(null, 'status', [0x02, 0x22, 0x40]),
  ...answers(false, 'hostStatus', [0x01, 0x02, 0x04, 0x0c, 0x0d, 0x0f, 0x10, 0x11, 0x12, 0x13]),
  ...answers(null, 'hostStatus', [0x03, 0x05, 0x06, 0x07, 0x08, 0x0b, 0x0e, 0x14, 0x7f]),
  ...answers(null, 'driverStatus', [0x04, 0x05, 0x06, 0x08]),
  ...answers(false, 'errno', [1, 12, 13, 22]),
  ...answers(null, 'errno', [4, 5, 19, 110]),
  ...answers(true, 'residualBytes', [1, 512]),
  { name: 'slow', answer: { delayMs: 30_000 }, executed: true },
  { name: 'beyond every time-out', answer: { delayMs: 8_000_000 }, executed: true },
];

const EVENTS: readonly { readonly name: string; readonly then: (device: SimulatedDevice) => void }[] = [
  { name: 'hard reset', then: (device) => device.hardReset() },
  { name: 'power cycle', then: (device) => device.powerCycle() },
  { name: 'gone for 3 s', then: (device) => device.leave({ forMs: 3000 }) },
  { name: 'gone for an hour', then: (device) => device.leave({ forMs: 3_600_000 }) },
  { name: 'removed for 20 s', then: (device) => device.leave({ forMs: 20_000, removed: true }) },
  {
    name: 'comes back on another node',
    then: (device) => device.leave({ forMs: 1000, removed: true, node: '/dev/sg77' }),
  },
  {
    name: 'another unit comes back',
    then: (device) => device.leave({ forMs: 1000, becomes: { serial: 'OTHER', naa: '5000000000000077' } }),
  },
];
/** Told of a command that a reset or a vanishing device swallowed; null: the device's own answer came through. */
const SWALLOWED: readonly (Partial<CommandOutcome> | null)[] = [
  { hostStatus: 0x01 },
  { hostStatus: 0x03 },
  { hostStatus: 0x05 },
  { hostStatus: 0x08 },
  { hostStatus: 0x0e },
  null,
];

const LOOKS = [
  OperationCode.testUnitReady,
  OperationCode.inquiry,
  OperationCode.requestSense,
  OperationCode.readBuffer,
  OperationCode.maintenanceIn,
  OperationCode.receiveDiagnosticResults,
  OperationCode.receiveDiagnosticResults,
] as const;

/** `writes`: the command that carries the image. */
export function randomFault(random: Random, chunks: number, writes: number): NamedFault {
  const looks = random.chance(0.2);
  const when = looks ? randomLook(random) : randomWrite(random, chunks, writes);
  const place = looks ? `look ${when.operationCode}` : (when.moment ?? 'write');
  // Resets on a command that only looks could follow the last look of the verdict, which then was right nevertheless.
  if (!looks && random.chance(0.15)) {
    const event = random.pick(EVENTS);
    const answer = random.pick(SWALLOWED);
    // "No connection" means that it was not sent.
    const executed = answer === null || (answer.hostStatus !== 0x01 && random.chance(0.5));
    return {
      name: `${place}: ${event.name}, ${answer === null ? 'own answer' : JSON.stringify(answer)}`,
      fault: { when, executed, then: event.then, ...(answer === null ? {} : { answer }) },
    };
  }
  const kind = random.pick(KINDS);
  const executed = kind.executed ?? random.chance(0.5);
  return {
    name: `${place}: ${kind.name}${executed ? ', executed' : ''}`,
    fault: { when, executed, ...kind.answer },
  };
}

function randomWrite(random: Random, chunks: number, operationCode: number): FaultTrigger {
  const times = random.chance(0.1) ? 0 : random.pick([1, 1, 1, 2, 3, 10]);
  const moments = [undefined, undefined, 'last-chunk', 'activation'] as const;
  const moment = operationCode === OperationCode.writeBuffer ? random.pick(moments) : undefined;
  const nth = moment === undefined ? random.integer(1, chunks + 2) : 1;
  return {
    operationCode: OperationCode.writeBuffer,
    nth,
    times,
    ...(moment === undefined ? {} : { moment }),
  };
}

function randomLook(random: Random): FaultTrigger {
  return {
    operationCode: random.pick(LOOKS),
    nth: random.integer(1, 12),
    times: random.pick([0, 1, 2, 5, 40]),
  };
}
