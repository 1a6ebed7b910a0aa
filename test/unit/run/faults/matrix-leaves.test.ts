import { cellsOf } from './cells.ts';
import { faultSuite } from './count.ts';
import type { PlaceName } from './places.ts';
import { PROCEDURES } from './procedures.ts';

/** How a link shows that a unit went, and what it says when it has not noticed. */
const ANSWERS = ['good', 'host 1', 'host 3', 'host 8', 'errno 19', '6/29/00', '2/04/01'];

const LOOKS: readonly PlaceName[] = ['inquiry before', 'designators before', 'inquiry after', 'ready after'];

faultSuite(
  'fault matrix: units that go, and what comes back',
  cellsOf(PROCEDURES, {
    places: ({ places }) => [...places, ...LOOKS],
    answers: ANSWERS,
    happens: [
      'a power cycle',
      'a leave of 3 s, found under the same node',
      'a leave of 3 s that the kernel does not notice',
      'a leave for good',
      'a silence for good',
      'another unit in its place',
      'another unit in its place, which runs the target',
    ],
    every: 7,
  }),
  ['updated', 'pending', 'failed', 'refused', 'lost', 'degraded'],
);
