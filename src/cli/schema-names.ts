/** What `runbook schema` prints. */
export const SCHEMA_NAMES = ['playbook', 'lab', 'report', 'events', 'trace', 'journal'] as const;

export type SchemaName = (typeof SCHEMA_NAMES)[number];
