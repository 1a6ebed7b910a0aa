/**
 * What the list of refusals advises holds for a command that met something; whether a unit has taken anything before it, only the
 * verdict knows. So it asks here what is left of that advice. These are the words of the list, and a test goes through all of it.
 */
const RUN_AGAIN = /run the playbook again/i;

/** Keys stand in backticks. */
const KEY = /`[a-z]/;

/** It names a key of the playbook, which would have avoided what happened. */
export const namesKey = (next: string): boolean => KEY.test(next);

/** The same advice for a unit that has taken something already: to run the playbook again is not how it goes on. */
export function afterSending(next: string, needsRetry: boolean): string {
  if (!RUN_AGAIN.test(next)) return next;
  const looks = next.replace(RUN_AGAIN, ([first]) =>
    first === 'R' ? 'Look again with runbook verify' : 'look again with runbook verify',
  );
  return needsRetry
    ? `${looks} Once it is understood (runbook history), --retry sends the image again.`
    : looks;
}
