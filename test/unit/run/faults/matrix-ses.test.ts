import { cellsOf } from './cells.ts';
import { faultSuite } from './count.ts';
import { SES_COMMON } from './procedures.ts';

faultSuite(
  'fault matrix: page 0Eh',
  cellsOf(SES_COMMON, { happens: ['nothing', 'a reset', 'a leave of 3 s'], every: 7 }),
  ['updated', 'failed', 'refused', 'frozen', 'pending'],
);
