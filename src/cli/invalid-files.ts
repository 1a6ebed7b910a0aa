import { RunbookError } from '../base/errors.ts';
import type { Diagnostic } from '../playbook/diagnostics.ts';
import type { CheckedPlaybook } from './checked-playbook.ts';

/** A file that a person wrote cannot be used: the playbook, or the lab. */
export class InvalidFiles extends RunbookError<'invalid-files'> {
  constructor(
    readonly diagnostics: readonly Diagnostic[],
    readonly checked: readonly CheckedPlaybook[] = [],
  ) {
    super('invalid-files', 'the files have errors');
  }
}
