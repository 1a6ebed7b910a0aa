import { hostname } from 'node:os';
import { gitCommitOf } from '../host/git-commit.ts';
import { readMachineId } from '../host/machine.ts';
import type { ResolvedPlaybook } from '../playbook/resolved.ts';
import type { Io } from './io.ts';

/** Where, when and for whom a document was made: fields of runbook.plan/1 and runbook.report/1. */
export function runFacts({ env }: Pick<Io, 'env'>, startedAt: Date): Record<string, unknown> {
  return {
    hostName: hostname(),
    machineId: readMachineId(),
    sudoUser: env['SUDO_USER'] ?? null,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
  };
}

/** The playbook as documents name it. */
export function playbookFacts({ file, sha256, name }: ResolvedPlaybook): Record<string, unknown> {
  return { file, sha256, name, gitCommit: gitCommitOf(file) };
}

/** The same in a plan. */
export const plannedPlaybook = (playbook: ResolvedPlaybook): Record<string, unknown> => ({
  ...playbookFacts(playbook),
  why: playbook.why,
});

/** One entry for each play. */
export const imageFacts = ({ plays }: ResolvedPlaybook): Record<string, unknown>[] =>
  plays.map(({ name, firmware: { file, sha256, revision } }) => ({ play: name, file, sha256, revision }));
