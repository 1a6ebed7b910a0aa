import type { Answer } from '../../src/cli/answer.ts';
import { processIo } from '../../src/cli/io.ts';
import { describeProgram } from '../../src/cli/program/describe.ts';
import { buildProgram } from '../../src/cli/program/tree.ts';
import { commandsPage } from './command-page.ts';
import { diagnosticsPage } from './code-pages.ts';
import { errorsPage } from './error-page.ts';
import { labPage, playbookKeysPage } from './key-pages.ts';
import { manPage } from './man-page.ts';
import { exitCodesPage, outcomesPage } from './outcome-pages.ts';

/** Every page that is made of the program's own tables, by its path in the project. */
export async function referencePages(version: string): Promise<Map<string, string>> {
  const noCommand = (answer: Answer): void => {
    throw new Error(`no command runs here, and one answered with ${answer.exit.name}`);
  };
  const program = describeProgram(buildProgram(processIo(), noCommand));
  return new Map([
    ['docs/man/runbook.1', manPage(program, version)],
    ['docs/reference/commands.md', commandsPage(program)],
    ['docs/reference/keys.md', playbookKeysPage()],
    ['docs/reference/lab.md', await labPage()],
    ['docs/reference/outcomes.md', outcomesPage()],
    ['docs/reference/exit-codes.md', exitCodesPage()],
    ['docs/reference/diagnostics.md', diagnosticsPage()],
    ['docs/reference/errors.md', errorsPage()],
  ]);
}
