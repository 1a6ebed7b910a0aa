/** Set by the bundler from package.json. */
declare const RUNBOOK_VERSION: string | undefined;

/** Version of the built program; run from source it has none. */
export const VERSION: string = typeof RUNBOOK_VERSION === 'string' ? RUNBOOK_VERSION : '0.0.0-source';
