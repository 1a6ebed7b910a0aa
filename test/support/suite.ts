import './own-folder.ts';
import { suite as uvuSuite } from 'uvu';
import type { Callback, Context, Test } from 'uvu';

/** Suites made and suites run in this file: uvu drops a suite without `.run()` in silence, the runner does not. */
export const suiteCounts = { made: 0, run: 0 };

/** What went wrong outside a test, in words. */
export const problems: string[] = [];

/** What was not tested here, and why. The runner tells each once, however many files say it. */
export const notTested: { readonly requirement: string; readonly reason: string }[] = [];

/** uvu's `suite`, counted. Every suite must end with `.run()`. */
export function suite<T = Context>(name: string, context?: T): Test<T> {
  const made = context === undefined ? uvuSuite<T>(name) : uvuSuite<T>(name, context);
  suiteCounts.made++;
  const run = made.run.bind(made);
  made.run = () => {
    suiteCounts.run++;
    run();
  };
  // uvu swallows what a hook throws: the tests behind it would just be missing.
  const { before }: { before: ((hook: Callback<T>) => void) & Pick<Test<T>['before'], 'each'> } = made;
  made.before = Object.assign((hook: Callback<T>) => before(told(`${name}: before`, hook)), before);
  return made;
}

/**
 * Says that something this file needs is missing on this machine: `requirement` is a word of scripts/suites.mjs. Throws
 * where RUNBOOK_REQUIRE (a comma list) names it; otherwise the reason is shown at the end of the run, and the caller
 * skips its tests (`suite.skip`).
 */
export function missing(requirement: string, reason: string): void {
  const required = (process.env['RUNBOOK_REQUIRE'] ?? '').split(',').map((word) => word.trim());
  if (required.includes(requirement)) throw new Error(`RUNBOOK_REQUIRE wants ${requirement}: ${reason}`);
  notTested.push({ requirement, reason });
}

function told<T>(place: string, hook: Callback<T>): Callback<T> {
  return async (context) => {
    try {
      await hook(context);
    } catch (error) {
      problems.push(`${place}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      throw error;
    }
  };
}
