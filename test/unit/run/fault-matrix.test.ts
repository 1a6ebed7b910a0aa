import { cellsOf } from './fault-cells.ts';
import { faultSuite } from './fault-count.ts';
import { COMMON_MODES } from './fault-procedures.ts';

faultSuite(
  'fault matrix: WRITE BUFFER modes 7, 0Eh, 5',
  cellsOf(COMMON_MODES, { happens: ['nothing', 'a reset', 'a leave of 3 s'] }),
  ['updated', 'failed', 'refused', 'frozen'],
);
