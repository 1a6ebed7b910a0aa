import type { RefusalEntries } from './entry.ts';

const CHECK_LINK = 'Check cables, expanders and the kernel log (dmesg), then run the playbook again.';

/** What a command, its host adapter or the kernel answered. The message names the command; `sense` has the codes of SPC. */
export const ANSWERS = {
  'command-not-sent': {
    layer: 'kernel',
    cause: 'The kernel did not send the command.',
    message: '{what}',
    next: 'Run it as root, on an sg node.',
  },
  'transfer-too-large': {
    layer: 'kernel',
    cause: 'The kernel does not take a transfer of this size.',
    message: '{what}',
    next: 'Choose a smaller `bpw`.',
  },
  'device-gone': {
    layer: 'transport',
    cause: 'The unit is not reachable: there is no answer, and no link to it.',
    message: '{what}',
    next: 'Check that the unit is powered and connected, and check the kernel log (dmesg).',
  },
  'answer-lost': {
    layer: 'host-adapter',
    cause: 'No answer came; nobody knows whether the command was executed.',
    message: '{what}',
    next: CHECK_LINK,
  },
  'link-reset': {
    layer: 'host-adapter',
    cause: 'The bus or the unit was reset while the command was in flight.',
    message: '{what}',
    next: CHECK_LINK,
  },
  'adapter-busy': {
    layer: 'host-adapter',
    cause: 'The host adapter did not send the command, again and again.',
    message: '{what}',
    next: CHECK_LINK,
  },
  'adapter-failed': {
    layer: 'host-adapter',
    cause: 'The host adapter gave the command up.',
    message: '{what}',
    next: CHECK_LINK,
  },
  'bytes-missing': {
    layer: 'transport',
    cause: 'The unit answered GOOD, and fewer bytes were accepted than were sent.',
    message: '{what}',
    next: 'Try a smaller `bpw`; if it happens again, the adapter or its driver counts wrongly: use another host.',
  },
  reserved: {
    layer: 'device',
    cause: 'Another host holds a reservation on the unit.',
    message: '{what}',
    next: 'Release the reservation on the other host first.',
  },
  'device-busy': {
    layer: 'device',
    cause: 'The unit is busy with something else.',
    message: '{what}',
    next: 'Find out what else uses the unit, then run the playbook again.',
  },
  'aca-active': {
    layer: 'device',
    cause: 'Another initiator left an ACA condition on the unit.',
    message: '{what}',
    next: 'Find out which host left it, and clear it there.',
  },
  'invalid-sense': {
    layer: 'device',
    cause: 'The unit refused the command without saying why in sense data that can be read.',
    message: '{what}',
    next: CHECK_LINK,
  },
  'deferred-error': {
    layer: 'device',
    cause: 'The unit reports that an earlier command failed; this one was not executed.',
    message: '{what}',
    next: 'Look into the kernel log for what was sent to the unit before, then run the playbook again.',
  },
  'stale-data': {
    layer: 'device',
    cause: 'The data that came with the answer are not those of this command.',
    message: '{what}',
    next: 'Run the playbook again; if it happens again, compare with sg_inq and sg_requests.',
  },
  'bad-answer': {
    layer: 'device',
    cause: 'The unit executed the command, and its answer cannot be decoded.',
    message: '{what}',
    next: 'Compare with sg_inq or sg_ses.',
  },
  'no-sense': {
    layer: 'device',
    cause: 'Sense key 0h (NO SENSE) where more was expected.',
    message: '{what}',
    next: 'Run the playbook again; if it happens again, compare with sg_inq and sg_requests.',
  },
  'recovered-error': {
    layer: 'device',
    cause: 'Sense key 1h (RECOVERED ERROR).',
    message: '{what}',
    next: 'Run the playbook again; if it happens again, compare with sg_inq and sg_requests.',
  },
  'not-ready': {
    layer: 'device',
    cause: 'Sense key 2h (NOT READY): the unit does not execute the command now.',
    message: '{what}',
    next: 'Wait until the unit has finished what it is doing, then run the playbook again.',
  },
  'medium-error': {
    layer: 'device',
    cause: 'Sense key 3h (MEDIUM ERROR).',
    message: '{what}',
    next: 'Keep its power on and ask the vendor before the next step.',
  },
  'hardware-error': {
    layer: 'device',
    cause: 'Sense key 4h (HARDWARE ERROR): a hardware or self-test failure.',
    message: '{what}',
    next: 'Keep its power on and ask the vendor before the next step.',
  },
  'internal-failure': {
    layer: 'device',
    cause:
      'The unit reports an internal failure (sense 4/44, or microcode status 83h): after a reset or without power it may be dead.',
    message: '{what}',
    next: 'Do not reset the unit and do not switch it off: ask the vendor; it needs a good image first.',
  },
  'illegal-request': {
    layer: 'device',
    cause: 'Sense key 5h (ILLEGAL REQUEST): the unit does not accept the command or its data.',
    message: '{what}',
    next: 'Compare mode, buffer-id, bpw and image with what the vendor documents for this model.',
  },
  'unit-attention': {
    layer: 'device',
    cause: 'Sense key 6h (UNIT ATTENTION): something happened to the unit meanwhile.',
    message: '{what}',
    next: 'Run the playbook again; if it comes back, find out who resets or changes the unit.',
  },
  'data-protect': {
    layer: 'device',
    cause: 'Sense key 7h (DATA PROTECT): the unit is write protected or locked.',
    message: '{what}',
    next: 'Unlock the unit first.',
  },
  'aborted-command': {
    layer: 'device',
    cause: 'Sense key Bh (ABORTED COMMAND): nobody knows how far the command came.',
    message: '{what}',
    next: CHECK_LINK,
  },
  'image-rejected': {
    layer: 'device',
    cause: 'The unit rejects the image itself: its signature, its checksum, its model.',
    message: '{what}',
    next: 'Check that the image is meant for exactly this model and customer code.',
  },
  'other-sense': {
    layer: 'device',
    cause: 'A sense key that these commands should not get.',
    message: '{what}',
    next: 'Look up the sense key in the manual of the unit.',
  },
} as const satisfies RefusalEntries;

/** What page 0Eh of an enclosure said of a download. */
export const MICROCODE_STATUS = {
  'field-rejected': {
    layer: 'device',
    cause: 'Microcode status 80h: a field of the control page is wrong; the download was dropped.',
    message: '{what}',
    next: 'Compare mode, buffer-id, bpw and total-length with what the vendor documents for this model.',
  },
  'pages-too-late': {
    layer: 'device',
    cause: 'Microcode status 82h: too long between two pages; the download was dropped.',
    message: '{what}',
    next: 'Find out what made the pages late: other traffic, a slow link, or a suspended process.',
  },
  'internal-error': {
    layer: 'device',
    cause: 'Microcode status 84h: an internal error; hard reset and power on are safe.',
    message: '{what}',
    next: 'A reset and a power cycle are safe; ask the vendor what this internal error means.',
  },
  'activation-refused': {
    layer: 'device',
    cause: 'Microcode status 85h: an activation, and no deferred image waits.',
    message: '{what}',
    next: 'Download the image again, then activate it.',
  },
  'download-failed': {
    layer: 'device',
    cause: 'Another microcode status that means an error (86h and above).',
    message: '{what}',
    next: 'Check that the image is for this model.',
  },
  'ended-early': {
    layer: 'device',
    cause: 'The unit ended the download before it had the whole image, or wants more after it had.',
    message: '{what}',
    next: 'Check that the image is for this model, and whether another program uses this enclosure.',
  },
  'download-dropped': {
    layer: 'device',
    cause: 'The unit dropped the download between two pages.',
    message: 'the unit dropped the download: {what}',
    next: 'Find out what else reads the status of this enclosure; if nothing does, write `status-reads: none`.',
  },
  'wrong-offset': {
    layer: 'device',
    cause: 'The unit expects another offset than the one that comes next.',
    message: '{what}',
    next: 'Check that the image is for this model, and whether another program uses this enclosure.',
  },
  'enclosure-changed': {
    layer: 'device',
    cause: 'The enclosure changed in the middle of the download.',
    message: '{what}, and page 01h does not show the same subenclosure as before',
    next: 'Find out what changes in this enclosure (modules, cables), then run the playbook again.',
  },
  'final-status-lost': {
    layer: 'device',
    cause: 'How the download ended was not seen, and the unit says it only once.',
    message: '{what}',
    next: 'Do not power-cycle the unit before this is understood; find out what else reads its status.',
  },
  'page-unreadable': {
    layer: 'device',
    cause: 'A page of the enclosure that the verdict needs cannot be read.',
    message: '{page} cannot be read, or lacks the subenclosure',
    next: 'Wait, then look with: runbook status',
  },
  'drops-when-read': {
    layer: 'device',
    cause: 'The unit drops a download when its status is read.',
    message: '{what}; this unit drops a download when its status is read',
    next: 'Write `status-reads: none` for this model.',
  },
  'no-revision': {
    layer: 'device',
    cause: 'The unit does not show its revision.',
    message: 'the unit does not show its revision',
    next: 'Look at it with: runbook devices --probe',
  },
} as const satisfies RefusalEntries;

/** Programs and steps of the host. */
export const STEPS = {
  'program-failed': {
    layer: 'procedure',
    cause: 'A program of the playbook ended with an error.',
    message: '{program} ended with exit status {status}',
    next: 'Run the program by hand to see what it lacks.',
  },
  'program-missing': {
    layer: 'procedure',
    cause: 'The program of the vendor could not be started.',
    message: '{what}',
    next: 'Install the program of the vendor, and run the playbook again.',
  },
  'program-too-slow': {
    layer: 'procedure',
    cause: 'The program of the vendor was ended because its time was over.',
    message:
      '{program} was ended after {seconds} s (within), with its children: what it was sending stopped in the middle, and the unit may hold half an image',
    next: 'Keep the power on, and ask the vendor before it is tried again, with a longer `within`.',
  },
  'step-failed': {
    layer: 'procedure',
    cause: 'A step of the host did not end well.',
    message: '{step}: {what}',
    next: 'Check the kernel log (dmesg).',
  },
} as const satisfies RefusalEntries;
