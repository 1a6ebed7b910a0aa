import { cellsOf, STAGED } from './cells.ts';
import { faultSuite } from './count.ts';
import { PROCEDURES } from './procedures.ts';
import { isReachedStaged, SILENT, stagedWrongs } from './staged-oracle.ts';

faultSuite(
  'fault matrix: the string shows the target before the image runs',
  cellsOf(
    PROCEDURES.filter(({ name }) => !SILENT.includes(name)),
    { happens: ['nothing'], every: 17 },
  ).flatMap((cell) => STAGED.map((staged) => ({ ...cell, staged })).filter(isReachedStaged)),
  ['updated', 'pending', 'failed', 'refused', 'frozen', 'unverified'],
  stagedWrongs,
);
