import type { RefusalEntries } from './entry.ts';

/** The run as a whole, and whose turn it is. */
export const RUN = {
  'nothing-matches': {
    layer: 'procedure',
    cause: 'No unit fits the `match` of the play.',
    message: 'nothing matches: no {type} with vendor "{vendor}" and product "{product}" {where}',
    next: 'Compare `match` with what there is: runbook devices --probe',
  },
  'expect-differs': {
    layer: 'procedure',
    cause: 'The play selects another number of units than `expect` says.',
    message: 'the playbook expects {wanted} such units, the host has {count}',
    next: 'Find out which unit is missing or new, or correct `expect`.',
  },
  'only-unknown': {
    layer: 'procedure',
    cause: '`--only` names a unit that does not exist.',
    message: '--only {name}: there is no such device',
    next: 'See the names of all: runbook devices --probe',
  },
  'recover-unknown': {
    layer: 'procedure',
    cause: '`--recover` names a unit that does not exist.',
    message: '--recover {name}: there is no such device',
    next: 'See the names of all: runbook devices --probe',
  },
  'only-not-selected': {
    layer: 'procedure',
    cause: '`--only` names a unit that no play selects.',
    message: '--only {name}: no play selects this unit',
    next: 'See why: runbook plan PLAYBOOK -v',
  },
  'plan-expired': {
    layer: 'procedure',
    cause: 'The reviewed plan is too old.',
    message: 'the plan expired on {time}',
    next: 'Make the plan again, and have it reviewed.',
  },
  'plan-from-future': {
    layer: 'procedure',
    cause: 'The reviewed plan says that it was made later than now.',
    message: 'the plan was made on {time}, which is still to come',
    next: 'Check the clock of this host (timedatectl); if it is right, make the plan again, and have it reviewed.',
  },
  'plan-work-differs': {
    layer: 'procedure',
    cause:
      'The units in the plan file are not those that its work was made of: somebody edited it, and made its digest again.',
    message: 'the units of the plan do not belong to its work',
    next: 'Find out who changed the file; then make the plan again, and have it reviewed.',
  },
  'plan-digest-differs': {
    layer: 'procedure',
    cause: 'The plan file is not the one whose digest `--digest` names.',
    message: 'the plan has the digest {found}, not {wanted}',
    next: 'Compare the file with the one that was reviewed, or have this one reviewed.',
  },
  'plan-of-other-host': {
    layer: 'procedure',
    cause: 'The reviewed plan was made for another host.',
    message: 'the plan was made on host {planned}, and this is {here}',
    next: 'Apply it there, or make a plan here.',
  },
  'plan-of-other-version': {
    layer: 'procedure',
    cause: 'The reviewed plan was made by another version of runbook.',
    message: 'the plan was made by runbook {planned}, and this is {here}',
    next: 'Make the plan again, and have it reviewed.',
  },
  'playbook-changed': {
    layer: 'procedure',
    cause: 'The playbook is not the one that was reviewed.',
    message: 'the playbook has changed since the plan was made',
    next: 'Make the plan again, and have it reviewed.',
  },
  'image-changed': {
    layer: 'procedure',
    cause: 'The image is not the one that was reviewed.',
    message: 'the image has changed since the plan was made',
    next: 'Make the plan again, and have it reviewed.',
  },
  'planned-unit-missing': {
    layer: 'procedure',
    cause: 'A unit of the reviewed plan is not there.',
    message: '{unit} ({nodes}) of the plan is not there{instead}',
    next: 'Check its power and cables, and look again: runbook devices --probe',
  },
  'not-confirmed': {
    layer: 'procedure',
    cause: 'The answer at the prompt was not yes.',
    message: 'not confirmed at the prompt',
    next: 'Run it again and answer y, or give --yes.',
  },
  'unit-refused': {
    layer: 'procedure',
    cause: 'One refused unit keeps the whole run from being begun, unless `on-refusal: skip` says otherwise.',
    message: '{units}, so the whole run is refused',
    next: 'See every unit with its decision and the reason: runbook plan PLAYBOOK -v',
  },
  'run-refused': {
    layer: 'procedure',
    cause: 'The unit itself could be updated; something else keeps the run from being begun.',
    message: 'not begun: the run was refused before the first byte',
    next: 'See every unit with its decision and the reason: runbook plan PLAYBOOK -v',
  },
  stopped: {
    layer: 'procedure',
    cause: 'A signal stopped the run at a safe point, before this unit was begun.',
    message: 'stopped by {signal} before the first byte',
    next: 'Run apply again: it goes on with the units that are left.',
  },
  'run-broken': {
    layer: 'procedure',
    cause: 'A bug in runbook ended the run before this unit was begun.',
    message: 'runbook itself failed before this unit was begun',
    next: 'Report the bug; then run apply again.',
  },
  'too-many-failures': {
    layer: 'procedure',
    cause: 'More units failed than `max-failures` accepts.',
    message: 'the run was halted: more failed or were not proven than max-failures: {count} accepts',
    next: 'Run apply again when the cause is understood.',
  },
  'canary-failed': {
    layer: 'procedure',
    cause: 'A canary did not prove the play, so that no other unit is begun.',
    message: 'the canary {unit} ended {outcome}{inRun}',
    next: 'Run apply again when the canary is updated.',
  },
  'other-refused': {
    layer: 'procedure',
    cause: 'Another unit of the play was refused at its last check.',
    message: '{unit} was refused',
    next: 'Correct that, then run apply again; `on-refusal: skip` goes on with the others.',
  },
  'earlier-play': {
    layer: 'procedure',
    cause: 'An earlier play did not bring the unit to where this play begins.',
    message: 'comes after play "{play}": {end} there',
    next: 'Bring the unit through that play first, then run apply again.',
  },
} as const satisfies RefusalEntries;
