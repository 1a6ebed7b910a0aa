import { FACTS } from '../../base/facts.ts';
import type { PlaybookRule } from './lint-rule.ts';

/** More units at once than this want one that goes first. */
const MOST_WITHOUT_CANARY = 8;

const noWhy: PlaybookRule = ({ why }, warn) => {
  if (why !== undefined && why.trim() !== '') return;
  warn('/name', 'no-why', 'neither a reviewer nor the report can say what this is for', {
    hint: 'add why: the fault that the firmware fixes, or a change number',
  });
};

const strategy: PlaybookRule = ({ strategy: words = {} }, warn) => {
  if (words.redundancy === 'outage-accepted') {
    warn('/strategy/redundancy', 'outage-accepted', 'drives behind a unit may be gone while it restarts', {
      hint: 'remove it if every drive has a second path; otherwise stop using the drives first',
    });
  }
  if (words['in-use'] === 'accepted') {
    warn('/strategy/in-use', 'in-use-accepted', 'disks that are mounted or in use do not stop the work', {
      hint: 'remove it: the default is refuse',
    });
  }
  if (words['raid-adapter'] === 'accepted') {
    warn(
      '/strategy/raid-adapter',
      'raid-adapter-accepted',
      'a RAID adapter may drop or change what is sent',
      {
        hint: 'remove it: plain SAS devices of hpsa, smartpqi and aacraid do not need it',
      },
    );
  }
  const givenUp = words['proceed-without'] ?? [];
  if (givenUp.length > 0) {
    const risks = givenUp.map((fact) => `${fact}: ${FACTS[fact].risk}`).join('; ');
    warn('/strategy/proceed-without', 'facts-given-up', risks, {
      hint: 'remove what each unit can be asked for; a page that a unit does not have needs no word here',
    });
  }
  if (words['on-refusal'] === 'skip') {
    warn('/strategy/on-refusal', 'refusals-skipped', 'a unit that is not as expected does not stop the run', {
      hint: 'remove it: the default is halt; `apply --only` picks units',
    });
  }
  const allowed = words['max-failures'] ?? 0;
  if (allowed > 0) {
    warn('/strategy/max-failures', 'failures-allowed', `the run continues after ${allowed} failed`, {
      hint: 'write 0: then the first failure stops the run',
    });
  }
  const { concurrent = 1, canary = 0 } = words;
  if (concurrent > MOST_WITHOUT_CANARY && canary === 0) {
    warn(
      '/strategy/concurrent',
      'no-canary',
      `${concurrent} units start at once, before one has shown that the upgrade works`,
      {
        hint: 'add canary: 1',
      },
    );
  }
};

export const PLAYBOOK_RULES: readonly PlaybookRule[] = [noWhy, strategy];
