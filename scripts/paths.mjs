// Places of the project, for the scripts. Imports nothing that has to be installed.
import path from 'node:path';

/** Root of the project. */
export const root = path.resolve(import.meta.dirname, '..');

/** The built program. */
export const program = path.join(root, 'dist/runbook.cjs');
