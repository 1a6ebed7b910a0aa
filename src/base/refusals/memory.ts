import type { RefusalEntries } from './entry.ts';

/** What earlier runs, or somebody else, left on the unit. */
export const MEMORY = {
  frozen: {
    layer: 'procedure',
    cause: 'An earlier run found that the unit must neither be reset nor powered off.',
    message: 'is frozen since run {run}{through}{why}',
    next: 'Do not reset it and do not power it off; ask the vendor. Then: runbook apply --recover {unit}',
  },
  'frozen-reset': {
    layer: 'procedure',
    cause: 'A step of the playbook would reset a unit that is frozen.',
    message: 'the step reload-driver would reset {unit}, which is frozen{since}',
    next: 'Remove the step until that unit is recovered.',
  },
  'waits-for-event': {
    layer: 'procedure',
    cause: 'The unit was written, and its new code starts at an event that was not seen.',
    message: 'was written by run {run}{through}, and runs {revision} until: {events}{settled}',
    next: 'Let the event happen, unless it has happened already; then: runbook verify {run}',
  },
  'section-waits': {
    layer: 'procedure',
    cause: 'The unit shows the target, and an earlier section of its image waits for an event.',
    message: 'was written by run {run}{why}',
    next: 'Let the event happen, unless it has happened already; then: runbook verify {run}',
  },
  'ended-badly': {
    layer: 'procedure',
    cause: 'An earlier run sent the same image to the unit and could not prove it.',
    message: 'this image ended {outcome} on {on} in run {run}{settled}{why}',
    next: 'Look at what happened: runbook history {run}. Once it is understood, --retry sends the image again; it may end the same way.',
  },
  'fell-back': {
    layer: 'procedure',
    cause: 'An earlier run brought the unit to this image, and it shows another revision now.',
    message:
      'run {run} brought {on} from {from} to {revision} with this image{seen}; it shows {shows}{since}',
    next: 'Find out why: a second bank, another host, a power cycle. See runbook history {run}. Once it is understood, --retry sends the image again.',
  },
  renamed: {
    layer: 'procedure',
    cause:
      'An earlier run left the unit in a bad end, and it shows another vendor or product since, which no play selects.',
    message: 'is {outcome} since run {run}, and shows other names now, which no play selects',
    next: 'Look at it: runbook verify. A playbook whose `match` has the new names takes it on.',
  },
  'still-away': {
    layer: 'procedure',
    cause: 'An earlier run left the unit lost or frozen, a play selects it, and it is not there.',
    message: 'is {outcome} since run {run}, and is not there',
    next: 'Look for it: runbook devices --probe. If it is gone for good: runbook verify --accept ID --because TEXT',
  },
  'sections-unproven': {
    layer: 'procedure',
    cause: 'The unit shows the target, and not all sections of its image are proven to be in it.',
    message: 'not all of its sections are proven since run {run}{why}',
    next: 'Look at what happened: runbook history {run}. Once it is understood, --retry sends all of them again.',
  },
  'interrupted-run': {
    layer: 'procedure',
    cause: 'A run was interrupted on the unit with another image, which may be complete.',
    message: 'run {run} was interrupted on {on} with another image, or one that is not known: {what}',
    next: '{look}Only if what that run left may be lost: --take-over',
  },
  'foreign-image': {
    layer: 'procedure',
    cause: 'An image waits on the unit that this playbook did not send.',
    message: '{what}',
    next: 'Find out who sent it, and what it is: a reset or power cycle would start it. Only if it may be lost: --take-over',
  },
  'foreign-download': {
    layer: 'procedure',
    cause: 'Another program or host downloads microcode to the unit.',
    message: 'subenclosure {subenclosure}: {status}',
    next: 'Wait until it has finished. Only if nothing will finish it: --take-over',
  },
  'still-writing': {
    layer: 'device',
    cause: 'The unit is still writing an image to its flash memory.',
    message: '{what}',
    next: 'Keep the power on until it has finished.',
  },
  'nothing-waits': {
    layer: 'procedure',
    cause: 'The playbook only activates, and no run of this host left an image waiting on the unit.',
    message:
      'the playbook only activates, and no run of this host left an image waiting on this unit; a unit does not tell which image waits',
    next: 'Apply the playbook that downloads the image, or check that this is the right unit.',
  },
  'other-image-waits': {
    layer: 'procedure',
    cause: 'The playbook only activates, and another image than its own waits on the unit.',
    message:
      'run {run} left another image waiting on it ({revision}, sha256 {sha256}), and this playbook pins its own',
    next: 'Activate it with the playbook of that run, or send this image: add a `download`.',
  },
  'waiting-unsure': {
    layer: 'procedure',
    cause:
      'A restart of the unit was reported since its image was accepted: what waits now may be another image.',
    message:
      'run {run} left an image waiting on it, and since then it reported {seen}: whether that image still waits is not known',
    next: 'See what it runs: runbook verify. Once it is understood, --retry of the playbook that downloads the image sends it again, in place of what waits.',
  },
  'waits-elsewhere': {
    layer: 'procedure',
    cause:
      'The playbook only activates, and the image waits in several places, or in a secondary subenclosure.',
    message:
      'the image waits in {places}, and a playbook without a download only activates that of the unit itself',
    next: 'Apply the playbook that downloaded it, with activate_mc: it sends nothing again.',
  },
  'starts-now': {
    layer: 'procedure',
    cause: 'With --take-over, an image of unknown origin starts at this moment.',
    message: 'the image of a download of unknown origin starts now',
    next: 'See what it runs then: runbook plan',
  },
} as const satisfies RefusalEntries;
