import type { Leave, SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { SENSE_ROWS } from '../../device/sense-rows.ts';
import type { PlaceName } from './places.ts';
import type { FaultProcedure } from './procedures.ts';

/** Every kind of answer, at every place, for every procedure; then what is said is held against what the device really has. */
export const ANSWERS: readonly string[] = [
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

/** What happens to the device beside that answer. */
export const HAPPENS = {
  nothing: () => undefined,
  'a reset': (device) => device.hardReset(),
  'a power cycle': (device) => device.powerCycle(),
  // The kernel removes it, and finds it again under another node.
  'a leave of 3 s': leave({ forMs: 3000, removed: true, node: '/dev/sg7' }),
  'a leave of 3 s, found under the same node': leave({ forMs: 3000, removed: true }),
  'a leave of 3 s that the kernel does not notice': leave({ forMs: 3000 }),
  'a leave for good': leave({ forMs: Infinity, removed: true }),
  'a silence for good': leave({ forMs: Infinity }),
  'another unit in its place': replaced(null),
  'another unit in its place, which runs the target': replaced('2.10'),
} as const satisfies Record<string, (device: SimulatedDevice) => void>;

export type Happens = keyof typeof HAPPENS;

/** From when on its string shows the target, whatever it runs: an image that is staged, or in a backup slot. */
export const STAGED = ['first chunk', 'last chunk'] as const;

export type Staged = (typeof STAGED)[number];

export interface Cell {
  readonly procedure: FaultProcedure;
  readonly place: PlaceName;
  readonly answer: string;
  /** The device does the command nevertheless. */
  readonly executed: boolean;
  readonly happens: Happens;
  /** Absent: it shows what it runs. */
  readonly staged?: Staged;
}

export interface CellOptions {
  readonly places?: (procedure: FaultProcedure) => readonly PlaceName[];
  readonly answers?: readonly string[];
  readonly happens: readonly Happens[];
  /**
   * Every n-th cell, beginning elsewhere from answer to answer, from place to place and from procedure to procedure. 1: all.
   * `RUNBOOK_FAULTS=all node --import tsx FILE` leaves none out; it takes minutes.
   */
  readonly every?: number;
}

export function cellsOf(procedures: readonly FaultProcedure[], options: CellOptions): Cell[] {
  const { answers = ANSWERS, happens } = options;
  const every = process.env['RUNBOOK_FAULTS'] === 'all' ? 1 : (options.every ?? 1);
  const placesOf = options.places ?? ((procedure: FaultProcedure) => procedure.places);
  const kinds = happens.flatMap((what) => [false, true].map((executed) => ({ happens: what, executed })));
  return procedures.flatMap((procedure, row) =>
    placesOf(procedure).flatMap((place, column) =>
      answers.flatMap((answer, at) =>
        kinds
          .filter((_, index) => (index + at + column + row) % every === 0)
          .map((kind) => ({ procedure, place, answer, ...kind }))
          .filter(isPossible),
      ),
    ),
  );
}

const CHANGING: readonly PlaceName[] = ['first', 'middle', 'second', 'third', 'last', 'end'];

const isReading = (place: PlaceName): boolean =>
  !CHANGING.includes(place) && !/^(activation|ready)/.test(place);

/** A kernel that refuses the size of the first transfer has not sent it. */
function isPossible({ procedure, place, answer, executed }: Cell): boolean {
  const tooBig = answer === 'errno 22' || answer === 'errno 12';
  const { download, places } = procedure;
  const isFirst = place === places.find((other) => CHANGING.includes(other));
  // After a refused mode the next one is the first again.
  const isFirstAgain = place === 'second' && download.otherwise !== null;
  // A recovered error is an error of a command that was done, and host status 0Ah says nothing against GOOD.
  if (!executed && /^(1\/|host 10$)/.test(answer) && isReading(place)) return false;
  return !(tooBig && (isFirst || isFirstAgain) && executed);
}

export const nameOf = ({ procedure, place, answer, executed, happens, staged }: Cell): string =>
  `${procedure.name}, ${place}: "${answer}", ${executed ? 'executed' : 'not executed'}, then ${happens}${stagedText(staged)}`;

const stagedText = (staged: Staged | undefined): string =>
  staged === undefined ? '' : `; shows the target from the ${staged} on`;

function leave(how: Leave): (device: SimulatedDevice) => void {
  return (device) => device.leave(how);
}

/** Somebody pulls the unit and plugs another one of its kind in; `revision` null: it runs what was there before. */
function replaced(revision: string | null): (device: SimulatedDevice) => void {
  return (device) => {
    device.shownRevision = revision ?? '2.08';
    device.leave({
      forMs: 3000,
      removed: true,
      becomes: { serial: 'OTHER0000001', naa: '500605b000000001' },
    });
  };
}
