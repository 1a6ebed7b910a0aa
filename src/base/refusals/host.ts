import type { RefusalEntries } from './entry.ts';

/** The node, the host, and the lock of a unit. */
export const NODES = {
  'no-sg-node': {
    layer: 'open',
    cause: 'The unit has no sg node: the sg driver is not loaded.',
    message: 'no sg node: the sg driver is not loaded',
    next: 'Load it: modprobe sg',
  },
  'not-permitted': {
    layer: 'open',
    cause: 'There is no permission to open the node, or to do what was asked.',
    message: '{what}',
    next: 'Run it as root, or as a user who may read and write the /dev/sg nodes.',
  },
  'not-an-sg-node': {
    layer: 'open',
    cause: 'No sg driver, or another kind of node.',
    message: '{what}',
    next: 'Load the sg driver (modprobe sg), then see: runbook devices',
  },
  'node-busy': {
    layer: 'open',
    cause: 'Another program holds the sg node.',
    message: '{what}',
    next: 'End the program that holds the unit (fuser -v NODE shows it), then run this again.',
  },
  'open-failed': {
    layer: 'open',
    cause: 'The node cannot be opened for another reason.',
    message: '{what}',
    next: 'Check that the unit is still connected: runbook devices',
  },
  'no-descriptor': {
    layer: 'open',
    cause: 'This process, or the host, may not open more files.',
    message: '{what}',
    next: 'Allow more open files (LimitNOFILE= of the service, ulimit -n), or write a smaller `concurrent` into the strategy.',
  },
  'short-page': {
    layer: 'device',
    cause: 'A page of the unit ends too early.',
    message: '{what}',
    next: 'Compare with sg_inq or sg_ses.',
  },
  'wrong-page': {
    layer: 'device',
    cause: 'The unit sent another page than was asked for.',
    message: '{what}',
    next: 'Compare with sg_inq or sg_ses.',
  },
  'bad-field': {
    layer: 'device',
    cause: 'A field in a page of the unit has a value that is not possible.',
    message: '{what}',
    next: 'Compare with sg_inq or sg_ses.',
  },
  closed: {
    layer: 'transport',
    cause: 'A command was sent after the node was closed.',
    message: '{what}',
    next: 'Run it again with --trace FILE, and look at the last lines of the trace.',
  },
  'changes-device': {
    layer: 'transport',
    cause: 'A command that changes the unit was kept back: this transport only reads.',
    message: '{what}',
    next: 'Run it again with --trace FILE, and look at the last lines of the trace.',
  },
  'trace-mismatch': {
    layer: 'transport',
    cause: 'The commands are not those of the trace that is replayed.',
    message: '{what}',
    next: 'Run it again with --trace FILE, and look at the last lines of the trace.',
  },
  locked: {
    layer: 'procedure',
    cause: 'Another run works on the unit, or on its enclosure.',
    message: '{what}',
    next: 'Wait until that run has ended, then run this again.',
  },
  'lock-failed': {
    layer: 'procedure',
    cause: 'The lock of the unit could not be taken.',
    message: '{what}',
    next: 'Look at the directory of the locks, its permissions and its free space.',
  },
  'others-can-write': {
    layer: 'procedure',
    cause:
      'Another user can change a place that root trusts: its locks, its records, or the copy of an image.',
    message: '{what}',
    next: 'Give the place to root alone (chown root, chmod go-w), or name another one.',
  },
  'rescan-failed': {
    layer: 'procedure',
    cause: 'The kernel did not scan the unit again.',
    message: '{what}',
    next: 'Check the kernel log (dmesg).',
  },
  'driver-failed': {
    layer: 'procedure',
    cause: 'The driver could not be unloaded or loaded.',
    message: '{what}',
    next: 'Check the kernel log (dmesg).',
  },
  'run-failed': {
    layer: 'procedure',
    cause: 'A program could not be run.',
    message: '{what}',
    next: 'Run the program by hand to see what it lacks.',
  },
} as const satisfies RefusalEntries;

const NEW_STATE = 'Name another directory with --state-dir.';

/** What runbook keeps about its runs. */
export const STATE = {
  'state-not-writable': {
    layer: 'procedure',
    cause: 'The state directory cannot be written; nothing is sent that could not be remembered.',
    message: '{what}',
    next: NEW_STATE,
  },
  'state-not-readable': {
    layer: 'procedure',
    cause: 'The state directory cannot be read.',
    message: '{what}',
    next: NEW_STATE,
  },
  'journal-exists': {
    layer: 'procedure',
    cause: 'A journal of this name is there already.',
    message: '{what}',
    next: 'Run it again.',
  },
  'journal-write-failed': {
    layer: 'procedure',
    cause: 'The journal can no longer be written: no further unit is begun.',
    message: '{what}',
    next: NEW_STATE,
  },
  'journal-damaged': {
    layer: 'procedure',
    cause: 'A journal is damaged.',
    message: '{what}',
    next: 'Look at the file; move it away once nothing in it is needed.',
  },
  'journal-newer': {
    layer: 'procedure',
    cause: 'A newer version of runbook wrote the journal.',
    message: '{what}',
    next: 'Use that version.',
  },
  'memory-unreadable': {
    layer: 'procedure',
    cause: 'An inventory says that what is remembered of its units could not be read; it may say `frozen`.',
    message: 'what is remembered of its units could not be read: {what}',
    next: 'Make the state directory of that host readable, and take the inventory again.',
  },
  'unit-record-damaged': {
    layer: 'procedure',
    cause: 'The record of a unit is damaged.',
    message: '{what}',
    next: 'Look at the file; move it away once nothing in it is needed.',
  },
  'unit-record-newer': {
    layer: 'procedure',
    cause: 'A newer version of runbook wrote the record of a unit.',
    message: '{what}',
    next: 'Use that version.',
  },
} as const satisfies RefusalEntries;

/** The command line, and files that it names. */
export const COMMANDS = {
  usage: {
    layer: 'procedure',
    cause: 'The command line is wrong.',
    message: '{what}',
    next: 'See: runbook --help',
  },
  bug: {
    layer: 'procedure',
    cause: 'A bug in runbook.',
    message: 'this is a bug in runbook {version}: {what}',
    next: 'Report it with the command line and what the same command prints with -v.',
  },
  'rehearsal-failed': {
    layer: 'procedure',
    cause: 'A rehearsal did not end as it should.',
    message: '{count} did not end as it should: {name}: {what}',
    next: 'This is a bug in runbook: report it with the playbook.',
  },
  'not-json': {
    layer: 'procedure',
    cause: 'The file is not JSON.',
    message: '{what}',
    next: 'Check the path.',
  },
  'not-a-plan': {
    layer: 'procedure',
    cause: 'The file is not a plan of runbook.',
    message: '{what}',
    next: 'Check the path, or make a plan: runbook plan PLAYBOOK --out FILE',
  },
  'newer-plan': {
    layer: 'procedure',
    cause: 'A newer version of runbook made the plan.',
    message: '{what}',
    next: 'Use that version, or make the plan again.',
  },
  'damaged-plan': {
    layer: 'procedure',
    cause: 'The plan is damaged.',
    message: '{what}',
    next: 'Make the plan again, and have it reviewed.',
  },
  'changed-plan': {
    layer: 'procedure',
    cause: 'The plan was edited after it was made.',
    message: '{what}',
    next: 'Make the plan again, and have it reviewed.',
  },
  'not-an-inventory': {
    layer: 'procedure',
    cause: 'The file is not a list of devices of runbook.',
    message: '{what}',
    next: 'Make one: runbook devices --probe --format json',
  },
  'other-format': {
    layer: 'procedure',
    cause: 'The list of devices has a format that this version does not read.',
    message: '{what}',
    next: 'Make it again with this version.',
  },
  'file-exists': {
    layer: 'procedure',
    cause: 'The file is there already; nothing is overwritten.',
    message: '{what}',
    next: 'Choose another name, or move it away.',
  },
  'file-not-written': {
    layer: 'procedure',
    cause: 'The file cannot be written.',
    message: '{what}',
    next: 'Check the directory, its permissions and its free space.',
  },
  'invalid-files': {
    layer: 'procedure',
    cause: 'A playbook or lab file is not valid; the diagnostics say where and why.',
    message: '{what}',
    next: 'Correct what the diagnostics name.',
  },
} as const satisfies RefusalEntries;
