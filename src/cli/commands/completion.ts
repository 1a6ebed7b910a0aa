import { documentOf } from '../../report/documents.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer } from '../answer.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { CommandDescription } from '../program/describe.ts';
import type { Shell } from '../shells.ts';

const SCRIPTS: Readonly<Record<Shell, (program: CommandDescription) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `runbook completion SHELL`: made from the definitions of the commands, so that it knows what this program knows. */
export function completion(shell: Shell, program: CommandDescription): Answer {
  const exit = exitOf('OK');
  const script = SCRIPTS[shell](program);
  return {
    exit,
    text: script,
    isFile: true,
    document: documentOf('runbook.completion/1', 'completion', exit, { body: { shell, script } }),
  };
}
