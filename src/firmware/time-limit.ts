import { createContext, Script } from 'node:vm';

const WORK = new Script('work()');
const context: { work: () => void } = { work: () => undefined };
createContext(context);

/**
 * Runs `work`, which gives nothing back before its end, for at most `limitMs`. False: it was stopped, and whatever it
 * worked on is to be thrown away. A timer cannot do this: it does not fire while JavaScript runs.
 */
export function endsWithin(limitMs: number, work: () => void): boolean {
  try {
    // The script holds that one call; the time limit of node:vm reaches through it, into our own functions.
    context.work = work;
    WORK.runInContext(context, { timeout: Math.max(1, Math.round(limitMs)) });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
