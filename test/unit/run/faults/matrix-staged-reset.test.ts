import { cellsOf, STAGED } from './cells.ts';
import { faultSuite } from './count.ts';
import { PROCEDURES } from './procedures.ts';
import { isReachedStaged, SILENT, stagedWrongs } from './staged-oracle.ts';

faultSuite(
  'fault matrix: the string shows the target before the image runs, and the unit restarts',
  cellsOf(
    PROCEDURES.filter(({ name }) => !SILENT.includes(name)),
    { happens: ['a reset', 'a power cycle'], every: 41 },
  ).flatMap((cell) => STAGED.map((staged) => ({ ...cell, staged })).filter(isReachedStaged)),
  ['updated', 'failed', 'refused'],
  stagedWrongs,
);
