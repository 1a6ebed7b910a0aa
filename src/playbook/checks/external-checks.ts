import type { ExternalSectionWords } from '../../generated/playbook.ts';
import { checkArgv, checkDuration } from './activation-checks.ts';
import type { SectionCheck } from './check.ts';

/** `via: external`. */
export const EXTERNAL_CHECKS: readonly SectionCheck<ExternalSectionWords>[] = [
  {
    reads: ['/run'],
    check: ({ run: [program] }, pointer, tell) => {
      if (program === undefined || program.startsWith('/')) return;
      const message = `${program} is not an absolute path, so which program it is would depend on the host`;
      tell(`${pointer}/run/0`, 'format', message, { hint: `write /usr/local/sbin/${program}, for example` });
    },
  },
  {
    reads: ['/run'],
    check: ({ run }, pointer, tell) => checkArgv(run, `${pointer}/run`, tell),
  },
  {
    reads: ['/within'],
    check: ({ within }, pointer, tell) => checkDuration(within, `${pointer}/within`, tell),
  },
];
