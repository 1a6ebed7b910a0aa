import { ReadError, readWhole } from '../../base/whole-file.ts';
import { diagnosticOfFile, type Diagnostic } from '../../playbook/diagnostics.ts';
import type { Document } from '../../report/documents.ts';
import { exitText } from '../../report/exit-text.ts';
import { pageDataOf } from '../../report/html/page-data.ts';
import { verdictSentence } from '../../report/html/verdict.ts';
import { readReport } from '../../report/read-report.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { InvalidFiles } from '../invalid-files.ts';
import type { JoinedForm } from '../joined-forms.ts';
import { withReports } from '../run-reports.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../usage-error.ts';

/** Hundreds of hosts; a file far beyond that is none of ours. */
const MOST_BYTES = 256 * 1024 * 1024;

export interface ReportPageOptions extends CommonOptions {
  readonly report: readonly string[];
  readonly as: JoinedForm;
}

/**
 * `runbook report FILE --report html=PAGE`: the page of a report that was kept as JSON, byte for byte as its command wrote it;
 * of many files, one page of all hosts. Throws InvalidFiles with what is wrong in all of them.
 */
export async function reportPage(
  files: readonly string[],
  options: ReportPageOptions,
  io: Io,
): Promise<Answer> {
  const other = options.report.find((word) => !word.startsWith('html='));
  if (other !== undefined)
    throw new UsageError(
      `--report ${other}: of kept reports only html is made`,
      'Write --report html=FILE, or print another form with --as.',
    );
  const documents: Document[] = [];
  const problems: Diagnostic[] = [];
  for (const file of files) {
    const read = readReport(await textOf(file));
    if (read.fault === null) documents.push(read.value);
    else problems.push(diagnosticOfFile(file, { code: 'report', message: read.message }));
  }
  if (problems.length > 0) throw new InvalidFiles(problems);
  const command = { command: 'report', words: options.report, options, io };
  return withReports(command, async () => {
    const [document] = documents;
    if (document !== undefined && documents.length === 1) return answerOf(document);
    const { joinReports } = await import('./report.ts');
    return joinReports(files, options, io);
  });
}

const answerOf = (document: Document): Answer => ({
  exit: document.exit,
  document,
  text: `${verdictSentence(pageDataOf(document))}\n${exitText(document.exit)}\n`,
});

async function textOf(file: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readWhole(file, MOST_BYTES));
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new InvalidFiles([
      diagnosticOfFile(file, { code: 'report', message: `${error.message}; check the path` }),
    ]);
  }
}
