import * as assert from 'uvu/assert';
import type { Refusal } from '../../src/base/refusal.ts';
import type { DocumentDiagnostic } from '../../src/report/documents.ts';
import type { DeviceResult, Exit } from '../../src/run/facts/outcome.ts';
import type { ChildOptions, Finished } from '../support/child.ts';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { obeys } from '../unit/report/schemas.ts';

export const fixture = (name: string): string => inProject('test/cli/fixtures', name);

/** The parts of documents that tests look at. */
export interface AnyDocument {
  readonly format: string;
  readonly command: string | null;
  readonly exit: Exit;
  readonly error: Refusal | null;
  readonly diagnostics: readonly DocumentDiagnostic[];
  readonly simulated?: boolean;
  readonly devices?: readonly (DeviceResult & { readonly action: string; readonly hctl: string })[];
  readonly playbooks?: readonly { readonly file: string; readonly valid: boolean }[];
}

/** Runs a command with `--format json`: stdout must be exactly one document of the schema, and its exit the process's. */
export async function runJson(
  args: readonly string[],
  options: ChildOptions = {},
): Promise<Finished & { document: AnyDocument }> {
  const finished = await runbook([...args, '--format', 'json'], options);
  const document = JSON.parse(finished.stdout) as AnyDocument;
  obeys('report', document);
  assert.is(document.exit.code, finished.exitCode, `exit of document and process: ${args.join(' ')}`);
  return { ...finished, document };
}
