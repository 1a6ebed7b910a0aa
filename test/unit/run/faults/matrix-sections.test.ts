import { cellsOf } from './cells.ts';
import { faultSuite } from './count.ts';
import { SECTIONS } from './procedures.ts';

faultSuite(
  'fault matrix: two sections, one after the other',
  cellsOf(SECTIONS, { happens: ['nothing', 'a reset', 'a leave of 3 s'], every: 6 }),
  ['updated', 'failed', 'refused', 'frozen'],
);
