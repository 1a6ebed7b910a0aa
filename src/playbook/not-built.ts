import type { Diagnostic } from './diagnostics.ts';
import type { Playbook } from './playbook.ts';

/** What a playbook asks for that is in the language and not executed yet; `plan` and `apply` refuse it. */
export function notBuilt(playbook: Playbook): readonly Diagnostic[] {
  void playbook;
  return [];
}
