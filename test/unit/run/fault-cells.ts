import { OperationCode } from '../../../src/scsi/command.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import type { SimulatedDevice } from '../../../src/simulator/simulated-device.ts';
import { outcomeFor } from '../../support/scripted-transport.ts';
import { SENSE_ROWS } from '../device/sense-rows.ts';
import { sectionOf } from './builders.ts';

/** Every kind of answer, at every place, for every mode; then what is said is held against what the device really has. */
const ANSWERS: readonly string[] = [
  ...SENSE_ROWS.flatMap(([, codes]) => codes.split(' ')),
  ...Array.from({ length: 0x15 }, (_, hostStatus) => `host ${hostStatus}`),
  'driver 6',
  'errno 19',
  'errno 5',
  'errno 22',
  'errno 12',
  'status 8',
  'status 24',
  'status 40',
  'status 64',
  'status 2',
  'residual 16',
  'deferred 5/24/00',
  'deferred 6/29/00',
];

type Place = 'first' | 'middle' | 'last' | 'activation';

export const MODES = [
  {
    name: '7',
    persona: 'hp-sas-expander',
    section: sectionOf({ mode: 'dmc_offs_save' }),
    places: ['first', 'middle', 'last'],
  },
  {
    name: '0Eh',
    persona: 'hp-sas-expander',
    section: sectionOf(),
    places: ['first', 'middle', 'last', 'activation'],
  },
  { name: '5', persona: 'disk', section: sectionOf({ mode: 'dmc_save', bpw: 'whole' }), places: ['last'] },
] as const;

/** What the device does beside that answer. */
const DOES = [
  'nothing',
  'the command',
  'a reset',
  'the command, then a reset',
  'a leave of 3 s',
  'the command, then a leave of 3 s',
] as const;

export interface Cell {
  readonly mode: (typeof MODES)[number];
  readonly place: Place;
  readonly answer: string;
  readonly does: (typeof DOES)[number];
}

export const CELLS: Cell[] = MODES.flatMap((mode) =>
  mode.places.flatMap((place) =>
    ANSWERS.flatMap((answer) => DOES.map((does) => ({ mode, place, answer, does }))),
  ),
).filter(isPossible);

/** A kernel that refuses the size of the first transfer has not sent it. */
function isPossible({ mode, place, answer, does }: Cell): boolean {
  const tooBig = answer === 'errno 22' || answer === 'errno 12';
  const first = place === 'first' || mode.name === '5';
  return !(tooBig && first && does.startsWith('the command'));
}

export const nameOf = ({ mode, place, answer, does }: Cell): string =>
  `mode ${mode.name}, ${place}: "${answer}", and the device does ${does}`;

export function faultOf({ place, answer, does, mode }: Cell): Fault {
  const nth = mode.name === '5' ? 1 : { first: 1, middle: 2, last: 3, activation: 1 }[place];
  const { status, hostStatus, driverStatus, errno, sense, residualBytes } = outcomeFor(answer);
  return {
    when: {
      operationCode: OperationCode.writeBuffer,
      ...(place === 'activation' ? { moment: 'activation' } : { nth }),
    },
    executed: does.startsWith('the command'),
    answer: { status, hostStatus, driverStatus, errno, sense, residualBytes },
    ...(does.endsWith('reset') && { then: (device: SimulatedDevice) => device.hardReset() }),
    // The kernel removes it, and finds it again under another node.
    ...(does.endsWith('leave of 3 s') && {
      then: (device: SimulatedDevice) => device.leave({ forMs: 3000, removed: true, node: '/dev/sg7' }),
    }),
  };
}
