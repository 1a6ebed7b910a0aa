import type { RefusalEntries } from './entry.ts';

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
