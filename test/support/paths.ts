import path from 'node:path';

/** Root of the project. */
export const root = path.resolve(import.meta.dirname, '../..');

/** The built program; `npm test` builds it before the first file runs. */
export const program = path.join(root, 'dist/runbook.cjs');

/** A place in the project: `inProject('playbooks/x.yml')`. */
export const inProject = (...parts: string[]): string => path.join(root, ...parts);
