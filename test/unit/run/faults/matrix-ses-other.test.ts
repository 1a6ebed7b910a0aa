import { cellsOf } from './cells.ts';
import { faultSuite } from './count.ts';
import { SES_OTHER } from './procedures.ts';

faultSuite(
  'fault matrix: page 0Eh, the peculiar shelves',
  cellsOf(SES_OTHER, { happens: ['nothing', 'a reset', 'a leave of 3 s'], every: 23 }),
  ['updated', 'failed', 'refused', 'frozen', 'pending'],
);
