/**
 * What runbook reads from the environment, and what shapes what other programs print. A test that needs one of them sets
 * it; what a person or a CI system has set reaches no test.
 */
export const NOT_FOR_TESTS = [
  ...['CI', 'GITHUB_ACTIONS', 'GITHUB_WORKSPACE', 'INVOCATION_ID', 'JOURNAL_STREAM'],
  ...['COLUMNS', 'FORCE_COLOR', 'NO_COLOR', 'TERM'],
  ...['LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'LC_MESSAGES'],
  ...['SUDO_USER', 'UV_THREADPOOL_SIZE', 'XDG_STATE_HOME'],
];

/** Those that steer the tests themselves. Every other `RUNBOOK_…` gives an option of a command. */
const STEERS_TESTS = /^RUNBOOK_(?:FAULTS|REQUIRE|SEED|TEST_\w+|WRITE_TABLES)$/;

/** The environment of a test file: that of this process, without what would change an answer. */
export function testEnvironment(env, folder) {
  const kept = Object.entries(env).filter(
    ([name]) => !NOT_FOR_TESTS.includes(name) && (!name.startsWith('RUNBOOK_') || STEERS_TESTS.test(name)),
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C.UTF-8', RUNBOOK_TEST_FOLDER: folder };
}
