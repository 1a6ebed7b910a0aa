import type { RefusalEntries } from './entry.ts';

/** Why a unit that was written to is not `updated`, from a fresh read of it. */
export const VERDICTS = {
  'event-pending': {
    layer: 'procedure',
    cause: 'The image was accepted; the unit runs it after an event.',
    message: 'written and accepted; {runs} until: {events}',
    next: '{how}, then: runbook verify',
  },
  'event-without-effect': {
    layer: 'device',
    cause: 'The unit restarted since the image was accepted, and still shows the old revision.',
    message: 'written and accepted; {runs} until: {events}{seen}',
    next: 'If that event has happened, the image did not start: ask the vendor before it is sent again (--retry). If not, let it happen, then: runbook verify',
  },
  'image-waits': {
    layer: 'device',
    cause:
      'The unit shows the target, and what starts its image was not seen: a staged revision, or an event of which the unit told nobody.',
    message: 'written and accepted; shows {revision}, but {who}; it starts at: {events}',
    next: '{how}, then: runbook verify. A person who knows that it has happened: runbook verify --accept ID --because TEXT',
  },
  'may-have-started': {
    layer: 'device',
    cause:
      'The unit showed the target before the event that starts its image, and reported a restart since: whether it started, only a person can say.',
    message: 'written and accepted; shows {revision}, and may have started{seen}; it starts at: {events}',
    next: 'If that was done on purpose: runbook verify --accept ID --because TEXT',
  },
  'section-unseen': {
    layer: 'device',
    cause:
      'The unit shows the target, and the descriptor or witness of another section does not show that this one runs.',
    message: '{runs}, but {what}',
    next: 'Compare what the playbook expects of this section with what the unit shows (runbook status, sg_ses --page=cf), then: runbook verify',
  },
  'section-pending': {
    layer: 'procedure',
    cause: 'The unit shows the target, and an earlier section of its image waits for an event.',
    message: 'written and accepted; {runs}, and a section waits until: {events}',
    next: '{how}, then: runbook verify',
  },
  'waits-in-vain': {
    layer: 'device',
    cause: 'The unit says that an image waits, although everything that starts it was done.',
    message: 'shows {revision}, but {who} although everything that starts it was done',
    next: 'Leave it powered, and ask the vendor before the image is sent again (--retry).',
  },
  'acceptance-unknown': {
    layer: 'procedure',
    cause: 'The unit shows the target, and nobody knows how much of the image it accepted.',
    message: 'shows {revision}, but how much of the image was accepted is not known{why}',
    next: 'See what was answered: runbook history. Once it is understood, --retry sends the whole image again.',
  },
  'revision-unchanged': {
    layer: 'device',
    cause: 'Everything was accepted, and the unit still shows the old revision, without saying why.',
    message: 'everything was accepted, but {still}',
    next: 'Do not send it again. When the unit may go down, power-cycle it, then: runbook verify',
  },
  'restart-without-effect': {
    layer: 'device',
    cause: 'Everything was accepted, the unit restarted, and it still shows the old revision.',
    message: 'everything was accepted, but {still}{seen}',
    next: 'Find out why with the vendor before the image is sent again (--retry).',
  },
  'unit-frozen': {
    layer: 'device',
    cause:
      'The unit reports an internal failure: without a good image a reset or power cycle may leave a dead unit.',
    message: 'reports an internal failure{runs}{why}',
    next: 'Do not reset it and do not power it off: send it a good image first, or ask the vendor.',
  },
  'unit-changed': {
    layer: 'device',
    cause: 'Another unit, another serial number or another device type is here than before.',
    message: '{change}; runs {revision}',
    next: 'Find out which unit is connected here; where the change is right: runbook verify --accept ID --because TEXT',
  },
  'image-reported-bad': {
    layer: 'device',
    cause: 'Page 0Eh reports a failure of the image.',
    message: '{shows} the device reports: {what}',
    next: 'Check that the image is meant for this model. Once it is understood, --retry sends the whole image again.',
  },
  'not-activated': {
    layer: 'device',
    cause: 'The unit shows the target, and the step that starts its image failed.',
    message: 'shows {revision}, but was not activated: {what}; the image starts at: {events}',
    next: 'Let one of these events happen when the unit may go down, then: runbook verify. A person who knows that it has happened: runbook verify --accept ID --because TEXT',
  },
  'activation-unknown': {
    layer: 'device',
    cause:
      'The unit shows the target, and answered its activation like a command that it did not execute, or the run died before it had the answer: a staged revision, or new code.',
    message: 'shows {revision}, but nobody knows whether it was activated: {what}',
    next: 'Find out with the means of the vendor what it runs. If that is the target: runbook verify --accept ID --because TEXT',
  },
  'sense-unreadable': {
    layer: 'device',
    cause:
      'The unit shows the target, and REQUEST SENSE, by which it says whether an image waits, cannot be read.',
    message: 'REQUEST SENSE cannot be read, which says whether an image waits: {cause}',
    next: 'Look again: runbook verify. If that happens again, find out with the means of the vendor what it runs; then: runbook verify --accept ID --because TEXT',
  },
  'nothing-waited': {
    layer: 'device',
    cause: 'The unit says that there was nothing to activate, and shows the old revision.',
    message: '{runs} still{why}; no image waits on it',
    next: 'Find out why with the vendor before the image is sent again (--retry).',
  },
  'not-ready-yet': {
    layer: 'device',
    cause: 'The unit answers and is not ready yet.',
    message: 'shows {revision}, and is not ready yet{why}',
    next: 'Leave it powered, and look again: runbook verify',
  },
  'witness-differs': {
    layer: 'device',
    cause: 'The second witness of `verify` does not show what the playbook expects.',
    message: '{runs}, but the witness disagrees',
    next: 'Compare the witness of the playbook with what the unit shows, then: runbook verify',
  },
  'did-not-come-back': {
    layer: 'transport',
    cause: 'The unit has not answered since it was written to.',
    message: 'did not come back: {what}',
    next: 'Check power and cables, and the kernel log (dmesg); look for it with: runbook devices --probe',
  },
  'shows-nothing': {
    layer: 'device',
    cause: 'The unit answers, and its INQUIRY data, which name its revision, cannot be read any more.',
    message: 'answers, and does not show what it runs: {what}{why}',
    next: 'Leave it powered, and look again: runbook verify. If that stays, ask the vendor before it is reset or power-cycled.',
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
    next: 'See what was sent and answered: runbook history. Once it is understood, --retry sends the image again.',
  },
  'image-incomplete': {
    layer: 'device',
    cause: 'The unit shows the target although it did not get, or did not accept, the whole image.',
    message: 'shows {revision} although {what}: a staged or a backup image',
    next: 'See what was answered: runbook history. Once it is understood, --retry sends the whole image again.',
  },
  'section-missing': {
    layer: 'device',
    cause: 'The unit shows the target, and a section of its image is not proven to be in it.',
    message: '{runs}, but {what}',
    next: 'See what was sent and answered: runbook history. Once it is understood, --retry sends the image again.',
  },
  'not-ready-after': {
    layer: 'device',
    cause: 'The unit shows the target and did not become ready in time.',
    message: '{runs}, but is not ready: {what}',
    next: 'Leave it powered, and look again: runbook verify',
  },
  'vendor-changed': {
    layer: 'device',
    cause: 'With the new code the unit shows another vendor than the playbook says.',
    message: '{runs}, but its vendor (INQUIRY) {what}',
    next: 'Check that the image is meant for this model. If the vendor is right: runbook verify --accept ID --because TEXT, and write `firmware.vendor` for the next units.',
  },
  'product-changed': {
    layer: 'device',
    cause: 'With the new code the unit shows another product than the playbook says.',
    message: '{runs}, but its product (INQUIRY) {what}',
    next: 'Check that the image is meant for this model. If the product is right: runbook verify --accept ID --because TEXT, and write `firmware.product` for the next units.',
  },
  'serial-changed': {
    layer: 'device',
    cause: 'With the new code the unit shows another serial number under the same designator.',
    message: '{runs}, but its serial number (VPD page 80h) was "{before}" and is "{now}"',
    next: 'If the new code changes it: runbook verify --accept ID --because TEXT, and write `firmware.serial: may-change` for the next units.',
  },
  'paths-missing': {
    layer: 'transport',
    cause: 'Paths to the unit, or to drives behind it, did not come back, or do not answer any more.',
    message: '{what}',
    next: 'Check cables and links (lsscsi -t, dmesg) before anything else is restarted, then: runbook verify',
  },
  'paths-unreadable': {
    layer: 'transport',
    cause:
      'Paths over which the unit answered before its update cannot be asked now: that is neither an answer nor silence.',
    message: '{what}',
    next: 'Find out who has the node, or what keeps it from being opened or answered (fuser -v, dmesg), then: runbook verify',
  },
  'paths-unknown': {
    layer: 'procedure',
    cause: 'An earlier run did not note which paths the unit had.',
    message: 'which paths it had before is not known',
    next: 'Compare its paths with the cabling (lsscsi -t). `redundancy: outage-accepted` lets its partner be updated without that check.',
  },
  'unit-interrupted': {
    layer: 'procedure',
    cause: 'A run was interrupted on the unit, and its image does not run.',
    message: '{what}; {shows}',
    next: 'Run apply again: it sends the image from its beginning.',
  },
  'not-settled': {
    layer: 'procedure',
    cause: 'What an earlier run left open on the unit is still open.',
    message: '{what}',
    next: 'Look again when the unit is ready: runbook verify',
  },
  'unit-broken-off': {
    layer: 'procedure',
    cause: 'A bug in runbook ended the work on this unit.',
    message: 'a bug in runbook ended the {phase} of this unit: {what}',
    next: 'Leave the unit powered, look at its revision with sg_inq, and report the bug.',
  },
} as const satisfies RefusalEntries;
