import { suite as uvuSuite } from 'uvu';
import type { Test, Context } from 'uvu';

/** Suites made and suites run in this file: uvu drops a suite without `.run()` in silence, the runner does not. */
export const suiteCounts = { made: 0, run: 0 };

/** uvu's `suite`, counted. Every suite must end with `.run()`. */
export function suite<T = Context>(name: string, context?: T): Test<T> {
  const made = context === undefined ? uvuSuite<T>(name) : uvuSuite<T>(name, context);
  suiteCounts.made++;
  const run = made.run.bind(made);
  made.run = () => {
    suiteCounts.run++;
    run();
  };
  return made;
}
