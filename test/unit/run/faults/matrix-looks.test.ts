import { cellsOf } from './cells.ts';
import { faultSuite } from './count.ts';
import type { PlaceName } from './places.ts';
import { COMMON_MODES, SES_COMMON } from './procedures.ts';
import type { FaultProcedure } from './procedures.ts';

const BEFORE: readonly PlaceName[] = [
  'ready before',
  'inquiry before',
  'supported VPD before',
  'serial before',
  'designators before',
  'sense before',
];
const AFTER: readonly PlaceName[] = [
  'ready after',
  'inquiry after',
  'supported VPD after',
  'serial after',
  'designators after',
  'sense after',
];

/** Commands that only look, as each procedure sends them: in the check and in the verification. */
function looks({ persona, download }: FaultProcedure): PlaceName[] {
  const own: readonly PlaceName[] =
    download.via === 'ses'
      ? ['supported pages', 'configuration', 'configuration after']
      : persona === 'disk'
        ? ['extended inquiry before', 'buffer before', 'operation codes before']
        : ['buffer before'];
  return [...BEFORE, ...own, ...AFTER];
}

faultSuite(
  'fault matrix: commands that only look',
  cellsOf([...COMMON_MODES, ...SES_COMMON], {
    places: looks,
    happens: ['nothing', 'a reset', 'a leave of 3 s'],
    every: 19,
  }),
  ['updated', 'pending', 'refused'],
);
