import { cellsOf, STAGED } from './cells.ts';
import { faultSuite } from './count.ts';
import { PROCEDURES } from './procedures.ts';
import { stagedWrongs } from './staged-oracle.ts';

/**
 * Without a deferred mode or a status page nothing tells these from others that run their image at once: VPD page 86h is a capability,
 * which never contradicts a target that is shown (decisions.md#the-verdict).
 */
const SILENT = ['mode 7, runs after a hard reset', 'mode 5, runs after a power cycle'];

faultSuite(
  'fault matrix: the string shows the target before the image runs',
  cellsOf(
    PROCEDURES.filter(({ name }) => !SILENT.includes(name)),
    { happens: ['nothing'], every: 17 },
  ).flatMap((cell) => STAGED.map((staged) => ({ ...cell, staged }))),
  ['updated', 'pending', 'failed', 'refused', 'frozen', 'unverified'],
  stagedWrongs,
);
