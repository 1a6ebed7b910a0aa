import { cellsOf, STAGED } from './cells.ts';
import type { Cell } from './cells.ts';
import { faultSuite } from './count.ts';
import { PROCEDURES } from './procedures.ts';
import { stagedWrongs } from './staged-oracle.ts';

/**
 * Without a deferred mode or a status page nothing tells these from others that run their image at once: VPD page 86h is a capability,
 * which never contradicts a target that is shown (decisions.md#the-verdict).
 */
const SILENT = ['mode 7, runs after a hard reset', 'mode 5, runs after a power cycle'];

/**
 * The string in page 01h moves the generation code. These read nothing between the pages, so that nobody learns the new one, and a shelf
 * that compares it ends the download at the second page: what comes later is never reached.
 */
const NEVER_REACHED: Readonly<Record<string, readonly string[]>> = {
  'page 0Eh, deferred, status-reads none': ['last', 'activation'],
  'page 0Eh, drops when read': ['last', 'last word'],
};

const isReached = ({ procedure, place, staged }: Cell): boolean =>
  staged !== 'first chunk' || NEVER_REACHED[procedure.name]?.includes(place) !== true;

faultSuite(
  'fault matrix: the string shows the target before the image runs',
  cellsOf(
    PROCEDURES.filter(({ name }) => !SILENT.includes(name)),
    { happens: ['nothing'], every: 17 },
  ).flatMap((cell) => STAGED.map((staged) => ({ ...cell, staged })).filter(isReached)),
  ['updated', 'pending', 'failed', 'refused', 'frozen', 'unverified'],
  stagedWrongs,
);
