import type { RefusalEntries } from './entry.ts';

/** Why a unit that was written to is not `updated`, from a fresh read of it. */
export const VERDICTS = {
  'event-pending': {
    layer: 'procedure',
    cause: 'The image was accepted; the unit runs it after an event.',
    message: 'written and accepted; {runs} until: {events}',
    next: '{how}, then: {look}',
  },
  'section-pending': {
    layer: 'procedure',
    cause: 'The unit shows the target, and an earlier section of its image waits for an event.',
    message: 'written and accepted; {runs}, and a section waits until: {events}',
    next: '{how}, then: {look}',
  },
  'revision-unchanged': {
    layer: 'device',
    cause: 'Everything was accepted, and the unit still shows the old revision, without saying why.',
    message: 'everything was accepted, but the unit still shows {revision}',
    next: 'Do not send it again. When the unit may go down, power-cycle it, then: {look}',
  },
  'witness-differs': {
    layer: 'device',
    cause: 'The second witness of `verify` does not show what the playbook expects.',
    message: '{runs}, but the witness disagrees',
    next: 'Compare the witness of the playbook with what the unit shows; then: {look}',
  },
  'did-not-come-back': {
    layer: 'transport',
    cause: 'The unit does not answer since it was written to.',
    message: 'did not come back: {what}',
    next: 'Check power and cables, and the kernel log (dmesg); look for it with: runbook devices --probe',
  },
  'other-revision': {
    layer: 'device',
    cause: 'The unit runs neither the old revision nor the target.',
    message: '{runs}, neither {before} nor {target}{why}',
    next: 'Leave it powered, and ask the vendor what this revision is before anything is sent to it.',
  },
  'old-revision': {
    layer: 'device',
    cause: 'The unit did not take the image and runs what it ran before.',
    message: '{runs} still{why}',
    next: 'See what was sent and answered: runbook history {run}',
  },
  'image-incomplete': {
    layer: 'device',
    cause: 'The unit shows the target although it did not get, or did not accept, the whole image.',
    message: 'shows {revision} although {what}: a staged or a backup image',
    next: 'Do not reset it; see what was answered: runbook history {run}',
  },
  'section-missing': {
    layer: 'device',
    cause: 'The unit shows the target, and a section of its image is not proven to be in it.',
    message: '{runs}, but {what}',
    next: 'See what was sent and answered: runbook history {run}',
  },
  'not-ready-after': {
    layer: 'device',
    cause: 'The unit shows the target and did not become ready in time.',
    message: '{runs}, but is not ready: {what}',
    next: 'Leave it powered, and look again: {look}',
  },
  'product-changed': {
    layer: 'device',
    cause: 'The unit shows another product than the playbook says.',
    message: '{runs}, but the product is "{product}", not "{expected}"',
    next: 'Check that the image is meant for this model; if the new code changes its product, write `firmware.product`.',
  },
  'paths-missing': {
    layer: 'transport',
    cause: 'Paths to the unit, or to drives behind it, did not come back.',
    message: '{count} did not come back: {paths}',
    next: 'Check cables and links (lsscsi -t, dmesg) before anything else is restarted.',
  },
  'paths-unknown': {
    layer: 'procedure',
    cause: 'An earlier run did not note which paths the unit had.',
    message: 'which paths it had before is not known',
    next: 'Compare its paths with the cabling (lsscsi -t). `redundancy: outage-accepted` lets its partner be updated without that check.',
  },
  'unit-interrupted': {
    layer: 'procedure',
    cause: 'A run was interrupted on the unit, and the unit runs what it ran before.',
    message: '{what}; runs {revision} still',
    next: 'Run apply again: it sends the image from its beginning.',
  },
  'not-settled': {
    layer: 'procedure',
    cause: 'What an earlier run left open on the unit is still open.',
    message: '{what}',
    next: 'Look again when the unit is ready: {look}',
  },
  'unit-broken-off': {
    layer: 'procedure',
    cause: 'A bug in runbook ended the work on this unit.',
    message: 'a bug in runbook ended the {phase} of this unit: {what}',
    next: 'Leave the unit powered, look at its revision with sg_inq, and report the bug.',
  },
} as const satisfies RefusalEntries;
