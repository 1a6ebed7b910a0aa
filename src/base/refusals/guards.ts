import type { RefusalEntries } from './entry.ts';

/** Which unit it is, and whether it is the one that was planned for. */
export const IDENTITY = {
  'no-identity': {
    layer: 'procedure',
    cause: 'The unit shows no NAA or EUI-64 designator, so that it could not be found again after a restart.',
    message: 'has no usable identity (no NAA or EUI-64 designator in VPD page 83h)',
    next: 'Name the unit in `match.identity`, by its serial number for instance.',
  },
  'ambiguous-identity': {
    layer: 'procedure',
    cause: 'Two nodes show one identity that is too weak to say whether they lead to one unit.',
    message: '{node} and {twin} share {unit} and may be one unit over two paths',
    next: 'Disconnect one of the two, then run the playbook again.',
  },
  'conflicting-paths': {
    layer: 'procedure',
    cause: 'Paths with one designator show different units behind it.',
    message: '{nodes} share the designator {unit}, but show {what}',
    next: 'Two units with one designator cannot be told apart: disconnect one of them, or ask the vendor.',
  },
  'identity-changed': {
    layer: 'procedure',
    cause: 'Another unit answers where this one was.',
    message: 'identity changed: {before} (serial {beforeSerial}) was here, now {now} (serial {nowSerial})',
    next: 'Find out which unit is connected here before anything is written to it.',
  },
  'identity-unreadable': {
    layer: 'device',
    cause: 'A page by which the unit was known before its update cannot be read afterwards.',
    message: '{page} cannot be read any more: {cause}',
    next: 'Look again: runbook verify. If the page stays unreadable, ask the vendor; a later run cannot tell which unit this is.',
  },
  'module-changed': {
    layer: 'procedure',
    cause: 'The unit is another module, or in another enclosure, than when the plan was made.',
    message: 'was {before} when the plan was made, and is {now} now',
    next: 'Find out which module is connected here before anything is written to it.',
  },
  'not-there': {
    layer: 'open',
    cause: 'The unit was seen before and is not there now.',
    message: 'is not there now',
    next: 'Check its power and cables, and look again: runbook devices --probe',
  },
  'no-longer-selected': {
    layer: 'procedure',
    cause: 'After an earlier play the unit no longer fits the `match` of this one.',
    message: 'is no longer selected: {why}',
    next: 'Compare `match` with what the unit shows: runbook devices --probe',
  },
  'changed-since-plan': {
    layer: 'procedure',
    cause: 'The unit shows something else than when the plan was made.',
    message: '{field} was "{before}" when the plan was made, and is "{now}" now',
    next: 'Find out who else works on this unit, then make the plan again.',
  },
  'subenclosure-missing': {
    layer: 'procedure',
    cause: 'The enclosure does not show the subenclosure that the playbook names.',
    message: '{page} does not show subenclosure {subenclosure}',
    next: 'Look at the subenclosures of this unit (runbook status) and correct `subenclosure`.',
  },
  'fact-unreadable': {
    layer: 'procedure',
    cause: 'A page on which a guard stands cannot be read: that is not the same as a unit without this page.',
    message: '{page} cannot be read, and it says {says}: {cause}',
    next: 'Look again later, and by hand (sg_vpd, sg_ses, sg_opcodes). `strategy.proceed-without: [{fact}]` goes on without it: {risk}.',
  },
  'proof-unreadable': {
    layer: 'procedure',
    cause: 'A page that `match.proof` looks at cannot be read.',
    message: '{page} cannot be read, and match.proof looks there',
    next: 'See whether the unit has this page: sg_vpd, or sg_inq -HHH',
  },
  'proof-differs': {
    layer: 'procedure',
    cause: 'The unit does not show the bytes that `match.proof` wants.',
    message: '{page} at byte {offset} does not show "{text}" (match.proof)',
    next: 'Compare with: sg_vpd -p PAGE -HHHH, or sg_inq -HHH',
  },
  'shares-microcode': {
    layer: 'procedure',
    cause:
      'The unit shares its microcode with another logical unit of its device, which is written for both.',
    message: 'shares its microcode with {unit}, and nothing is written to it; it has not changed',
    next: 'Nothing, if {unit} is updated. It may show the new revision after a power cycle: runbook plan',
  },
  'selected-twice': {
    layer: 'procedure',
    cause: 'Two plays select one unit, and neither comes after the other.',
    message: 'play "{play}" selects this unit too',
    next: 'Narrow `match` of one of the two plays, or give the second one an `after`.',
  },
} as const satisfies RefusalEntries;

/** The revision, the way to the unit, and what it says of itself. */
export const FIT = {
  'revision-not-listed': {
    layer: 'procedure',
    cause: 'The unit runs a revision from which the playbook does not say that it can be upgraded.',
    message: 'runs "{revision}", which match.revision ({listed}) does not list',
    next: 'If the vendor allows an upgrade from this revision, add it to `match.revision`.',
  },
  'mode-not-supported': {
    layer: 'procedure',
    cause: 'The unit does not support the download mode of the playbook.',
    message: 'the playbook wants mode {mode}, and {said}',
    next: 'Write a `mode` that the unit supports, or give the section an `otherwise`.',
  },
  'event-not-supported': {
    layer: 'procedure',
    cause: 'The unit does not support the activation event that `mode-specific` asks for.',
    message:
      'mode-specific {bits} asks for activation by {event}, and the unit does not support that event ({field} is 0 in VPD page 86h)',
    next: 'Correct `mode-specific`: 4 is power on, 2 a hard reset, 1 a vendor specific event.',
  },
  'buffer-boundary': {
    layer: 'procedure',
    cause: 'The buffer of the unit takes only certain offsets (READ BUFFER descriptor).',
    message: 'bpw is {bpw} from offset {from}, and buffer {buffer} of the unit takes {allowed}',
    next: 'Choose a bpw and an offset that fit, or write `bpw: auto`.',
  },
  'timeout-too-short': {
    layer: 'procedure',
    cause: 'The playbook gives a command less time than the unit asks for.',
    message: 'the playbook gives a command {seconds} s, and the unit asks for {asked} s ({command})',
    next: 'Write a timeout of {asked}s or more, or remove it.',
  },
  'out-of-range': {
    layer: 'procedure',
    cause: 'A value of the playbook does not fit into its field of the command.',
    message: '{what}',
    next: 'Choose another bpw, buffer-id, offset or total-length.',
  },
  'page-not-listed': {
    layer: 'procedure',
    cause: 'The unit does not list the diagnostic page that `via: ses` needs.',
    message: 'the unit does not list {page}',
    next: 'Write `via: write-buffer` if the vendor documents it.',
  },
  'image-too-large': {
    layer: 'procedure',
    cause: 'The image is longer than the unit says that it takes.',
    message: 'subenclosure {subenclosure}: {length}, and the unit takes at most {most}',
    next: 'Check that the image is for this model.',
  },
  'sata-drive': {
    layer: 'procedure',
    cause: 'A SATA drive takes microcode by ATA commands, not by WRITE BUFFER.',
    message: 'is a SATA drive behind a translation, which does not carry WRITE BUFFER through',
    next: 'Use the program of the drive vendor.',
  },
  'raid-adapter': {
    layer: 'procedure',
    cause: 'The firmware of a RAID adapter decides which commands reach a drive.',
    message: 'is behind a RAID adapter (driver {driver}), which filters WRITE BUFFER',
    next: 'Connect it to a plain host adapter. Where this one passes WRITE BUFFER on: strategy.raid-adapter: accepted.',
  },
  'data-locked': {
    layer: 'procedure',
    cause: 'A self-encrypting drive whose data are locked may refuse the image half way.',
    message: 'is a self-encrypting drive, and its data are locked (TCG Level 0 Discovery)',
    next: 'Unlock it with the key of its owner, for instance with sedutil-cli, then run the playbook again.',
  },
  'type-not-supported': {
    layer: 'procedure',
    cause: 'runbook upgrades no units of this type.',
    message: '{product} is of a type that runbook does not upgrade',
    next: 'See what there is: runbook devices',
  },
  'at-target': {
    layer: 'procedure',
    cause: 'The unit runs the wanted revision, so that nothing can be drafted from it.',
    message: '{product} runs {revision} already',
    next: 'Name a unit that is still to be upgraded, or the revision that the new firmware shows.',
  },
} as const satisfies RefusalEntries;

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
  'partner-unwell': {
    layer: 'procedure',
    cause: 'Another module of the enclosure does not answer as it should.',
    message: 'its partner {partner} in enclosure {enclosure} {what}',
    next: 'Bring the other module to a good state first; look at both with: runbook status',
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
    cause: 'Another module of the enclosure is frozen: nothing in it may restart.',
    message: '{partner} is frozen{since}',
    next: 'Keep the enclosure powered and ask the vendor; then recover that module alone: runbook apply --recover {unit} --only {unit}',
  },
  'partner-degraded': {
    layer: 'procedure',
    cause: 'Another module of the enclosure ended degraded and has not been found well since.',
    message: 'its partner {partner} in enclosure {enclosure} ended degraded in run {run}{why}',
    next: 'Bring it to a good state, then: runbook verify {run}',
  },
  'partner-pending': {
    layer: 'procedure',
    cause: 'Another module of the enclosure was written and waits for its event.',
    message:
      'its partner {partner} in enclosure {enclosure} was written by run {run} and waits for: {events}',
    next: 'Let that happen first. If both modules get their event together, write `partner-after: pending`.',
  },
  'partner-not-updated': {
    layer: 'procedure',
    cause: 'Another module of the enclosure did not end well in this run, so this one is not started.',
    message: 'its partner {partner} in enclosure {enclosure} ended {outcome}',
    next: 'Bring the other module to a good state first; look at both with: runbook status',
  },
  'partner-out-of-step': {
    layer: 'procedure',
    cause: 'With `partner-sync`, another module of the enclosure does not show the target yet.',
    message:
      'its partner {partner} in enclosure {enclosure} {what}, and `partner-sync: {sync}` expects {revision}',
    next: 'Leave both modules powered; look at them with: runbook status',
  },
} as const satisfies RefusalEntries;

/** What earlier runs, or somebody else, left on the unit. */
export const MEMORY = {
  frozen: {
    layer: 'procedure',
    cause: 'An earlier run found that the unit must neither be reset nor powered off.',
    message: 'is frozen since run {run}{why}',
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
    cause: 'The unit was written, and its new code starts at an event that has not come yet.',
    message: 'was written by run {run}, and runs {revision} until: {events}',
    next: 'Let the event happen, then: runbook verify {run}',
  },
  'section-waits': {
    layer: 'procedure',
    cause: 'The unit shows the target, and an earlier section of its image waits for an event.',
    message: 'was written by run {run}{why}',
    next: 'Let the event happen, then: runbook verify {run}',
  },
  'ended-badly': {
    layer: 'procedure',
    cause: 'An earlier run sent the same image to the unit and could not prove it.',
    message: 'this image ended {outcome} on it in run {run}{why}',
    next: 'Look at what happened: runbook history {run}. Once it is understood, --retry sends the image again; it may end the same way.',
  },
  'fell-back': {
    layer: 'procedure',
    cause: 'An earlier run brought the unit to this image, and it shows another revision again.',
    message: 'run {run} brought it from {from} to {revision} with this image, and it shows {shows} again',
    next: 'Find out why: a second bank, another host, a power cycle. See runbook history {run}. Once it is understood, --retry sends the image again.',
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
    message: 'run {run} was interrupted on it with another image, or one that is not known: {what}',
    next: '{look}Only if what that run left may be lost: --take-over',
  },
  'foreign-image': {
    layer: 'procedure',
    cause: 'An image waits on the unit that this playbook did not send.',
    message: '{what}',
    next: 'Let it take effect first: activation, hard reset or power cycle. Only if it may be lost: --take-over',
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
