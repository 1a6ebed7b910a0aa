import type { Answer } from './answer.ts';
import { withoutCommands } from './ci-commands.ts';
import { errorAnswer } from './error-answer.ts';
import { inLocale, keepWriting, type Io } from './io.ts';
import type { Scan } from './scan.ts';

/**
 * Runs one command line and writes its answer: with `json` exactly one document, on every path. Returns the exit code.
 *
 * @param fromEnvironment options that nobody typed. They are told before anything else, so that no upgrade is a rehearsal without
 *   anybody noticing it, or the other way round
 */
export async function main(
  argv: readonly string[],
  scan: Scan,
  given: Io,
  fromEnvironment: readonly string[] = [],
): Promise<number> {
  const isJson = scan.format === 'json' || scan.format === 'jsonl';
  const io = scan.format === 'github' ? given : withoutCommands(given, isJson);
  const lost = keepWriting(io);
  if (fromEnvironment.length > 0)
    io.stderr.write(`runbook: options from the environment: ${fromEnvironment.join(' ')}\n`);
  const answer = await answerOf(argv, scan, io);
  if (isJson) {
    if (answer.document !== null) {
      io.stdout.write(`${JSON.stringify(answer.document, null, scan.format === 'json' ? 2 : 0)}\n`);
    }
  } else {
    if (answer.text !== '')
      io.stdout.write(
        scan.format === 'text' && answer.isFile !== true ? inLocale(answer.text, io.env) : answer.text,
      );
    if (answer.notes !== undefined && answer.notes !== '') io.stderr.write(inLocale(answer.notes, io.env));
  }
  if (answer.hint !== undefined) io.stderr.write(inLocale(`${answer.hint}\n`, io.env));
  const problem = await lost();
  if (problem !== null)
    io.stderr.write(
      `runbook: the output on stdout is incomplete: ${problem}\n  next: Send it to a place with free space.\n`,
    );
  if (answer.abandons === true) await io.leave(answer.exit.code);
  if (problem === null) return answer.exit.code;
  // The result of devices stays true; where the output was all that was wanted, it was not had.
  const isVerdict = scan.command === 'apply' || scan.command === 'verify' || answer.exit.code !== 0;
  return isVerdict ? answer.exit.code : (await import('../run/facts/outcome.ts')).exitOf('USAGE').code;
}

async function answerOf(argv: readonly string[], scan: Scan, io: Io): Promise<Answer> {
  try {
    const { runCommandLine } = await import('./program/parse.ts');
    return await runCommandLine(argv, io);
  } catch (error) {
    return await errorAnswer(error, scan, io);
  }
}
