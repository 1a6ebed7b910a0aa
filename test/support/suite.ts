import './own-folder.ts';
import { suite as uvuSuite } from 'uvu';
import type { Callback, Context, Test } from 'uvu';

/** Suites made and suites run in this file: uvu drops a suite without `.run()` in silence, the runner does not. */
export const suiteCounts = { made: 0, run: 0 };

/** What went wrong outside a test, in words. */
export const problems: string[] = [];

/** Lines that a person must see even when all is well: what was not tested, and why. */
export const notices: string[] = [];

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
 * Says that something this file needs is missing on this machine. Throws where RUNBOOK_REQUIRE (a comma list) names the
 * feature; otherwise the reason is shown loudly, and the caller skips its tests (`suite.skip`).
 */
export function missing(feature: 'kernel' | 'conformance', reason: string): void {
  const required = (process.env['RUNBOOK_REQUIRE'] ?? '').split(',').map((word) => word.trim());
  if (required.includes(feature)) throw new Error(`RUNBOOK_REQUIRE wants ${feature}: ${reason}`);
  notices.push(`NOT TESTED (${feature}): ${reason}`);
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
