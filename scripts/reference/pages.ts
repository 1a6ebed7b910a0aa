import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Answer } from '../../src/cli/answer.ts';
import { processIo } from '../../src/cli/io.ts';
import { describeProgram } from '../../src/cli/program/describe.ts';
import { buildProgram } from '../../src/cli/program/tree.ts';
import { commandsPage } from './command-page.ts';
import { diagnosticsPage } from './code-pages.ts';
import { errorsPage } from './error-page.ts';
import { factsPage } from './fact-page.ts';
import { labPage, playbookKeysPage } from './key-pages.ts';
import { labManPage, playbookManPage } from './language-man-pages.ts';
import { manPage } from './man-page.ts';
import { rehearsedPage } from './rehearsed-page.ts';
import { exitCodesPage, outcomesPage } from './outcome-pages.ts';

/** The text of a shipped file without the comment at its head, which speaks of that file. */
const exampleOf = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, '../..', name), 'utf8').replace(/^(#.*\n|\n)+/, '');

/** Every page that is made of the program's own tables, by its path in the project. */
export async function referencePages(version: string): Promise<Map<string, string>> {
  const noCommand = (answer: Answer): void => {
    throw new Error(`no command runs here, and one answered with ${answer.exit.name}`);
  };
  const program = describeProgram(buildProgram(processIo(), noCommand));
  return new Map([
    ['docs/man/runbook.8', manPage(program, version)],
    ['docs/man/runbook-playbook.5', playbookManPage(version, exampleOf('playbooks/upgrade-expanders.yml'))],
    ['docs/man/runbook-lab.5', labManPage(version, exampleOf('playbooks/upgrade-expanders.lab.yml'))],
    ['docs/reference/commands.md', commandsPage(program)],
    ['docs/reference/keys.md', playbookKeysPage()],
    ['docs/reference/lab.md', await labPage()],
    ['docs/reference/outcomes.md', outcomesPage()],
    ['docs/reference/exit-codes.md', exitCodesPage()],
    ['docs/reference/diagnostics.md', diagnosticsPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/facts.md', factsPage()],
    ['docs/reference/rehearsed.md', rehearsedPage()],
  ]);
}
