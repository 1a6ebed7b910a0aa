import type { RefusalEntries } from './entry.ts';

/** What a machine must have, before any unit is looked at. */
export const MACHINE = {
  'node-too-old': {
    layer: 'procedure',
    cause: 'The Node.js that was started is too old. Told before the program is loaded.',
    message: 'runbook needs Node.js {needed} or later, this is {found}',
    next: 'Install a newer Node.js, or start runbook with one: /path/to/node {program}',
  },
  'program-incomplete': {
    layer: 'procedure',
    cause: 'The file that is started was copied without the program itself.',
    message: '{file} is not there: runbook.cjs is only the start of the program',
    next: 'Copy the whole folder that runbook.cjs came in, or install a package.',
  },
  'no-native-part': {
    layer: 'procedure',
    cause: 'The native part of the program for this platform is missing, or it cannot be loaded.',
    message: '{what}',
    next: 'Install runbook again, with npm and without --omit=optional, or copy the whole folder of the program.',
  },
  'proc-not-mounted': {
    layer: 'procedure',
    cause: '/proc is not mounted.',
    message: '/proc is not mounted, and without it the threads of this process cannot be counted',
    next: 'Mount it: mount -t proc proc /proc',
  },
  'host-unreadable': {
    layer: 'open',
    cause:
      'A file or directory in which Linux shows what it knows of its devices is there, and cannot be read.',
    message: '{file} cannot be read ({errno})',
    next: 'Look at it as root: ls -l {file}',
  },
  'sysfs-not-mounted': {
    layer: 'procedure',
    cause: '/sys is not mounted.',
    message: "{root} does not hold the kernel's sysfs: it is not mounted",
    next: 'Mount it: mount -t sysfs sysfs /sys',
  },
  'no-sg-driver': {
    layer: 'procedure',
    cause: 'The kernel has no sg driver, or it is not loaded.',
    message: 'the sg driver is not loaded',
    next: 'Load it: modprobe sg',
  },
} as const satisfies RefusalEntries;
