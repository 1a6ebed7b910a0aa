import type { RefusalEntries } from './entry.ts';

/** A firmware file that is not an image that could be sent. */
export const IMAGES = {
  missing: {
    layer: 'procedure',
    cause: 'There is no such file.',
    message: '{what}',
    next: 'Check the path; it is relative to the current directory.',
  },
  unreadable: {
    layer: 'procedure',
    cause: 'The file cannot be read.',
    message: '{what}',
    next: 'Check the permissions of the file and its directories.',
  },
  directory: {
    layer: 'procedure',
    cause: 'It is a directory.',
    message: '{what}',
    next: 'Name a file in it.',
  },
  kind: {
    layer: 'procedure',
    cause: 'It is neither a file nor a pipe.',
    message: '{what}',
    next: 'Name a file, or a pipe.',
  },
  empty: { layer: 'procedure', cause: 'The file is empty.', message: '{what}', next: 'Download it again.' },
  changed: {
    layer: 'procedure',
    cause: 'The file changed while it was read.',
    message: '{what}',
    next: 'Wait until it is complete, then try again.',
  },
  'too-large': {
    layer: 'procedure',
    cause: 'The file is larger than any image, or any playbook.',
    message: '{what}',
    next: 'No device takes an image like this: is this the right member?',
  },
  'web-page': {
    layer: 'procedure',
    cause: 'It is a web page, of a login for instance.',
    message: '{what}',
    next: 'Log in first, then download it again.',
  },
  foreign: {
    layer: 'procedure',
    cause: 'It is something else than firmware: a program, an archive, a document, an answer of a server.',
    message: '{what}',
    next: 'If the device takes this file as it is: --verbatim, and is: verbatim in a playbook.',
  },
  package: {
    layer: 'procedure',
    cause: 'It is a package where the image itself is wanted.',
    message: '{what}',
    next: 'Name one of its members with --member.',
  },
  unsupported: {
    layer: 'procedure',
    cause: 'It is a package, or holds something, that is not opened.',
    message: '{what}',
    next: 'Unpack it by hand (never run it).',
  },
  member: {
    layer: 'procedure',
    cause: 'There is no such member, or it holds no bytes.',
    message: '{what}',
    next: 'To see the members: the same command without --member.',
  },
  strip: {
    layer: 'procedure',
    cause: 'The header that is to be left out is not there.',
    message: '{what}',
    next: 'Give the size of the header in bytes.',
  },
  cut: {
    layer: 'procedure',
    cause: 'The file ends too early.',
    message: '{what}',
    next: 'Download it again, and compare its size with what the vendor gives.',
  },
  damaged: {
    layer: 'procedure',
    cause: 'The file is damaged.',
    message: '{what}',
    next: 'Download it again, and compare its size with what the vendor gives.',
  },
  limit: {
    layer: 'procedure',
    cause: 'The package takes more time, space or levels to unpack than any package should.',
    message: '{what}',
    next: 'Unpack it by hand (never run it).',
  },
  unsafe: {
    layer: 'procedure',
    cause: 'The package would write outside of its directory.',
    message: '{what}',
    next: 'Do not use this file.',
  },
} as const satisfies RefusalEntries;

/** Simulated labs, and those that are served to the kernel. */
export const LABS = {
  'bad-image': {
    layer: 'procedure',
    cause: 'An image of the lab is not there, or not as the lab says.',
    message: '{what}',
    next: 'Correct the lab file.',
  },
  'ambiguous-images': {
    layer: 'procedure',
    cause: 'Two images of the lab cannot be told apart.',
    message: '{what}',
    next: 'Correct the lab file.',
  },
  'unknown-persona': {
    layer: 'procedure',
    cause: 'The lab names a persona that does not exist.',
    message: '{what}',
    next: 'Correct the lab file.',
  },
  'bad-device': {
    layer: 'procedure',
    cause: 'A device of the lab is not possible.',
    message: '{what}',
    next: 'Correct the lab file.',
  },
  'bad-lab-state': {
    layer: 'procedure',
    cause: 'The file of --lab-state is not the state of this lab.',
    message: '{what}',
    next: 'Name the file of this lab, or delete it to start as the lab file says.',
  },
  'no-module': {
    layer: 'kernel',
    cause: 'A module of the kernel is missing.',
    message: '{what}',
    next: 'Load the module.',
  },
  'no-configfs': {
    layer: 'kernel',
    cause: 'configfs is not mounted.',
    message: '{what}',
    next: 'Mount it: mount -t configfs configfs /sys/kernel/config',
  },
  'kernel-refused': {
    layer: 'kernel',
    cause: 'The kernel refused to serve, or to release, a lab.',
    message: '{what}',
    next: 'See the end of dmesg.',
  },
  'not-servable': {
    layer: 'procedure',
    cause: 'A kernel cannot be shown what the lab file says.',
    message: '{what}',
    next: 'Remove it, or rehearse it with --lab.',
  },
  'lab-broken': {
    layer: 'procedure',
    cause: 'Serving a lab, or taking it away, failed for a reason that was not foreseen.',
    message: '{what}',
    next: 'Try again: runbook lab down --all',
  },
  'already-up': {
    layer: 'procedure',
    cause: 'The lab is up already.',
    message: '{what}',
    next: 'See: runbook lab status',
  },
  'not-up': {
    layer: 'procedure',
    cause: 'No such lab is up.',
    message: '{what}',
    next: 'Bring one up: runbook lab up LAB.yml',
  },
} as const satisfies RefusalEntries;
