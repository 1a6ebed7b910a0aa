import { DOCUMENT_FORMATS } from '../report/documents.ts';

/** Files of schemas/, by the first part of their names. */
export const SCHEMA_FILES = ['playbook', 'lab', 'report', 'events', 'trace', 'journal'] as const;

export type SchemaFile = (typeof SCHEMA_FILES)[number];

/** What `runbook schema` prints: files, and for each JSON document its part of `report`. */
export const SCHEMA_NAMES = [...SCHEMA_FILES, ...DOCUMENT_FORMATS] as const;
