import type { PlaybookRule } from './lint-rule.ts';

/** More units at once than this want one that goes first. */
const MOST_WITHOUT_CANARY = 8;

const noWhy: PlaybookRule = ({ why }, warn) => {
  if (why !== undefined && why.trim() !== '') return;
  warn('/name', 'no-why', 'a reviewer, and the report, cannot say what this is for', {
    hint: 'add why: the fault that the firmware mends, or a change number',
  });
};

const strategy: PlaybookRule = ({ strategy: words = {} }, warn) => {
  if (words.redundancy === 'outage-accepted') {
    warn('/strategy/redundancy', 'outage-accepted', 'drives behind a unit may be gone while it restarts', {
      hint: 'leave it out where every drive has a second path; else stop their use before',
    });
  }
  if (words['in-use'] === 'accepted') {
    warn('/strategy/in-use', 'in-use-accepted', 'disks that are mounted or held do not stop the work', {
      hint: 'leave it out: refuse is the default',
    });
  }
  if (words['on-refusal'] === 'skip') {
    warn(
      '/strategy/on-refusal',
      'refusals-skipped',
      'a unit that is not what was expected does not stop the run',
      {
        hint: 'leave it out: halt is the default; `apply --only` picks units',
      },
    );
  }
  const allowed = words['max-failures'] ?? 0;
  if (allowed > 0) {
    warn('/strategy/max-failures', 'failures-allowed', `the run goes on after ${allowed} failed`, {
      hint: 'write 0: the first failure stops the others',
    });
  }
  const { concurrent = 1, canary = 0 } = words;
  if (concurrent > MOST_WITHOUT_CANARY && canary === 0) {
    warn(
      '/strategy/concurrent',
      'no-canary',
      `${concurrent} units begin at once, before any has shown that it works`,
      {
        hint: 'add canary: 1',
      },
    );
  }
};

export const PLAYBOOK_RULES: readonly PlaybookRule[] = [noWhy, strategy];
