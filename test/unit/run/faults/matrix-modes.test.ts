import { cellsOf } from './cells.ts';
import { faultSuite } from './count.ts';
import { OTHER_MODES } from './procedures.ts';

faultSuite(
  'fault matrix: the other modes of WRITE BUFFER',
  cellsOf(OTHER_MODES, { happens: ['nothing', 'a reset', 'a leave of 3 s'], every: 11 }),
  ['updated', 'failed', 'refused', 'frozen', 'pending', 'unverified'],
);
