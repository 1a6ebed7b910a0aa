import type { RefusalEntries } from './entry.ts';

/** Who would be without a disk, and who is at work there. */
export const OUTAGE = {
  'last-path': {
    layer: 'procedure',
    cause: 'The restart of the unit takes the last path of drives that are in use.',
    message: 'its restart takes the last path of {drives} in use ({users}){assumed}',
    next: 'Stop their use. If the outage is planned, write `redundancy: outage-accepted`.',
  },
  'in-use': {
    layer: 'procedure',
    cause: 'Somebody uses the disk.',
    message: 'is in use ({users})',
    next: 'Stop its use. If the outage is planned, write `in-use: accepted`.',
  },
  'step-removes-disk': {
    layer: 'procedure',
    cause: 'A step of the playbook would take away a disk that is in use, or may be.',
    message: 'the step {step} would remove {node}, and {use}',
    next: 'Stop using it, or remove the step.',
  },
  'step-not-alone': {
    layer: 'procedure',
    cause: 'A driver is not reloaded while other units are at work.',
    message: 'the step reload-driver needs strategy.concurrent: 1',
    next: 'Write `concurrent: 1` in the strategy.',
  },
} as const satisfies RefusalEntries;

/** The other modules of the same enclosure: they carry everything meanwhile. */
export const PARTNERS = {
  'partner-away': {
    layer: 'procedure',
    cause: 'Not all modules of the enclosure are seen, so that nobody may carry the drives meanwhile.',
    message: 'its enclosure {enclosure} has {modules} modules, and this host sees {seen}',
    next: 'Connect the other modules. If the outage is planned, write `redundancy: outage-accepted`.',
  },
  'partner-unasked': {
    layer: 'procedure',
    cause:
      'Not all modules of the enclosure are known, and a unit that may be one of them is there and could not be asked.',
    message:
      'its enclosure {enclosure} has {modules} modules, this host knows {seen}, and {unit} may be another one: {why}',
    next: 'Find out why that unit does not say which module it is.',
  },
  'partner-unwell': {
    layer: 'procedure',
    cause: 'Another module of the enclosure does not answer as it should.',
    message: 'its partner {partner} in enclosure {enclosure} {what}',
    next: 'Bring that module to a good state first; look at it with: runbook status {partner}',
  },
  'partner-revision-unknown': {
    layer: 'procedure',
    cause: 'Another module of the enclosure runs a revision that the playbook does not know.',
    message:
      'its partner {partner} in enclosure {enclosure} runs "{revision}", which the playbook does not know',
    next: 'If both revisions work together, add it to `match.revision`; else upgrade the other module first.',
  },
  'partner-frozen': {
    layer: 'procedure',
    cause:
      'Another module of the enclosure, or logical unit of the target, is frozen: nothing in it may restart.',
    message: '{partner} is frozen{since}',
    next: 'Keep it powered and ask the vendor; then recover that unit alone: runbook apply --recover {unit} --only {unit}',
  },
  'partner-degraded': {
    layer: 'procedure',
    cause: 'Another module of the enclosure ended degraded and has not been found well since.',
    message: 'its partner {partner} in enclosure {enclosure} ended degraded in run {run}{why}',
    next: 'Bring it to a good state, then: runbook verify --only {partner}',
  },
  'partner-pending': {
    layer: 'procedure',
    cause: 'Another module of the enclosure was written and waits for its event.',
    message:
      'its partner {partner} in enclosure {enclosure} was written by run {run} and waits for: {events}',
    next: 'Let that happen first, then: runbook verify --only {partner}. If both modules get their event together, write `partner-after: pending`.',
  },
  'partner-not-updated': {
    layer: 'procedure',
    cause: 'Another module of the enclosure did not end well in this run, so this one is not started.',
    message: 'its partner {partner} in enclosure {enclosure} ended {outcome}',
    next: 'First do what is said of that module, then: runbook verify --only {partner}',
  },
  'partner-out-of-step': {
    layer: 'procedure',
    cause: 'With `partner-sync`, another module of the enclosure does not show the target yet.',
    message:
      'its partner {partner} in enclosure {enclosure} {what}, and `partner-sync: {sync}` expects {revision}',
    next: 'Leave both modules powered until the partner shows it (runbook status {partner}), then: runbook verify --only {unit}. Where such modules do not bring each other to one revision: runbook verify --accept {unit} --because TEXT, and write `partner-sync: none`.',
  },
} as const satisfies RefusalEntries;
