import type { RefusalEntries } from './entry.ts';

/** What an enclosure says of its own parts (diagnostic page 02h). */
export const HEALTH = {
  'enclosure-unwell': {
    layer: 'procedure',
    cause:
      'A part of the enclosure has failed (diagnostic page 02h). It might not survive the restart of the unit, or hide what the new code does.',
    message: 'its enclosure is not well: {what} (diagnostic page 02h)',
    next: 'Look with sg_ses -p es, and repair it first. If the enclosure always says so and nothing is wrong: `strategy.health: ignore`.',
  },
  'health-worse': {
    layer: 'device',
    cause:
      'The unit runs its target, and a part of its enclosure that was well before the restart is not well now.',
    message: 'its enclosure is worse than before: {what} (diagnostic page 02h)',
    next: 'Look with sg_ses -p es, and leave the enclosure powered; when the part is well again: runbook verify',
  },
  'health-unknown-after': {
    layer: 'device',
    cause: 'The unit runs its target, and diagnostic page 02h, which was read before, cannot be read now.',
    message: 'diagnostic page 02h, which was read before, cannot be read: {what}',
    next: 'Look by hand with sg_ses -p es, and then again with: runbook verify',
  },
} as const satisfies RefusalEntries;
