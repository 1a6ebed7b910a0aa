import { cellsOf } from './cells.ts';
import { faultSuite } from './count.ts';
import { COMMON_MODES } from './procedures.ts';

faultSuite(
  'fault matrix: WRITE BUFFER modes 7, 0Eh, 5',
  cellsOf(COMMON_MODES, { happens: ['nothing', 'a reset', 'a leave of 3 s'] }),
  ['updated', 'failed', 'refused', 'frozen'],
);
