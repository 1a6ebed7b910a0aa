import { failureAt, RunbookError, type FailureReport } from '../base/errors.ts';
import { diagnosticsText } from '../report/diagnostics-text.ts';
import { documentOf } from '../report/documents.ts';
import { failureText } from '../report/failure-text.ts';
import { createInk, type Ink } from '../report/ink.ts';
import { failureReportOf } from '../run/unit/failure.ts';
import { exitOf, type Exit } from '../run/outcome.ts';
import type { Answer } from './answer.ts';
import { bugReport, stackText } from './bug.ts';
import { annotations, diagnosticsDocument } from './diagnostics-output.ts';
import { InvalidFiles } from './invalid-files.ts';
import { ignoreLostReaders, wantsColor, type Io } from './io.ts';
import type { Scan } from './scan.ts';
import { UsageError } from './usage-error.ts';

/** Runs one command line and writes its answer: with `json` exactly one document, on every path. Returns the exit code. */
export async function main(argv: readonly string[], scan: Scan, io: Io): Promise<number> {
  ignoreLostReaders(io);
  const answer = await answerOf(argv, scan, io);
  if (scan.format === 'json' || scan.format === 'jsonl') {
    if (answer.document !== null) {
      io.stdout.write(`${JSON.stringify(answer.document, null, scan.format === 'json' ? 2 : 0)}\n`);
    }
  } else {
    if (answer.text !== '') io.stdout.write(answer.text);
    if (answer.notes !== undefined && answer.notes !== '') io.stderr.write(answer.notes);
  }
  if (answer.hint !== undefined) io.stderr.write(`${answer.hint}\n`);
  return answer.exit.code;
}

async function answerOf(argv: readonly string[], scan: Scan, io: Io): Promise<Answer> {
  try {
    const { runProgram } = await import('./program/parse.ts');
    return await runProgram(argv, io);
  } catch (error) {
    return await errorAnswer(error, scan, io);
  }
}

/** Every way in which a command can end without an answer of its own. */
async function errorAnswer(error: unknown, scan: Scan, io: Io): Promise<Answer> {
  const ink = createInk(wantsColor(io.stderr, io.env, scan.color));
  if (error instanceof InvalidFiles) return invalidAnswer(error, scan, io, ink);
  const { exit, failure } = judgeError(error);
  const stack = exit.name === 'INTERNAL' && scan.verbose ? stackText(error) : '';
  return {
    exit,
    document: documentOf('runbook.error/1', scan.command, exit, { error: failure }),
    text: '',
    notes: failureText(failure, ink) + stack,
  };
}

async function invalidAnswer(
  { diagnostics, checked, exit: name }: InvalidFiles,
  scan: Scan,
  io: Io,
  ink: Ink,
): Promise<Answer> {
  const findings = { command: scan.command, exit: exitOf(name), checked, diagnostics };
  return {
    exit: findings.exit,
    document: diagnosticsDocument(findings),
    text: (await annotations(findings, scan.format, io)) ?? '',
    notes: diagnosticsText(diagnostics, ink),
  };
}

function judgeError(error: unknown): { readonly exit: Exit; readonly failure: FailureReport } {
  if (error instanceof UsageError) {
    return { exit: exitOf('USAGE'), failure: failureAt('procedure', error.message, error.next) };
  }
  // Whatever is not caught by a run was met before its first byte.
  if (error instanceof RunbookError)
    return { exit: exitOf('REFUSED'), failure: failureReportOf(error as RunbookError) };
  return { exit: exitOf('INTERNAL'), failure: bugReport(error) };
}
