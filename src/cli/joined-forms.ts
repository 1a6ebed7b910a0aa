/** What `runbook report` prints without --format json. */
export const JOINED_FORMS = ['text', 'markdown', 'junit'] as const;

export type JoinedForm = (typeof JOINED_FORMS)[number];
