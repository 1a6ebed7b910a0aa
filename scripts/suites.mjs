// The suites: folders of test/, one row each. A row may say
//   limitMinutes  how long one of its files may take, which ends what hangs; a machine that is three times as slow stays below it
//   waits         its files wait for other processes most of their time, so more of them run at once
//   onRequest     it takes too long for every `npm test`: it runs where RUNBOOK_REQUIRE or a word of the command names it.
//                 The text says how long
export const SUITES = {
  architecture: {},
  bare: { limitMinutes: 60, waits: true, onRequest: 'takes some five minutes' },
  cli: { waits: true },
  conformance: {},
  editor: {},
  fleet: { limitMinutes: 45, waits: true, onRequest: 'takes some seven minutes, and needs root' },
  kernel: { limitMinutes: 45, waits: true },
  package: { limitMinutes: 60, waits: true, onRequest: 'takes some six minutes' },
  pages: { limitMinutes: 30, onRequest: 'starts a browser' },
  unit: {},
};

/** For what hangs. */
export const FILE_LIMIT_MINUTES = 15;

/**
 * What a machine may not have. Tests that need it are skipped, and told at the end with the reasons; RUNBOOK_REQUIRE
 * (a comma list) makes it a failure.
 */
export const REQUIREMENTS = {
  bare: (reasons) => reasons.join('; '),
  conformance: (reasons) => reasons.join('; '),
  fleet: (reasons) => reasons.join('; '),
  kernel: (reasons) => reasons.join('; '),
  package: (reasons) => reasons.join('; '),
  pages: (reasons) => reasons.join('; '),
  programs: (names) => `not installed: ${names.sort().join(', ')}`,
  root: (reasons) => reasons.join('; '),
};

/** `test/kernel/story.test.ts` → `kernel`. */
export const suiteOf = (file) => file.split('/')[1];

/** The longest first, so that nothing is left to wait for at the end. Beginnings of paths; the others come behind. */
const LONGEST = [
  'test/bare/',
  'test/fleet/jobs',
  'test/fleet/hosts',
  'test/fleet/',
  'test/package/',
  'test/kernel/options',
  'test/kernel/upgrade',
  'test/kernel/faults',
  'test/kernel/shelves',
  'test/kernel/',
  'test/cli/guide',
  'test/cli/kill',
  'test/cli/signals',
  'test/cli/apply',
  'test/unit/run/faults/',
];
const rank = (file) => {
  const at = LONGEST.findIndex((beginning) => file.startsWith(beginning));
  return at < 0 ? LONGEST.length : at;
};
export const longestFirst = (files) => files.toSorted((a, b) => rank(a) - rank(b));
