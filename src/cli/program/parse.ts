import { CommanderError, type Command } from 'commander';
import { documentOf } from '../../report/documents.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import { OUTPUT_FORMATS, type Answer } from '../answer.ts';
import { checkWords } from '../check-words.ts';
import type { Io } from '../io.ts';
import { reachFiles } from '../reach-files.ts';
import { scanArguments } from '../scan.ts';
import { UsageError } from '../usage-error.ts';
import { buildProgram } from './tree.ts';
import { commandElsewhere, optionElsewhere } from './words-elsewhere.ts';

const STANDS_ASIDE: readonly string[] = ['--yes', '--retry', '--recover', '--take-over', '--accept'];

/** Only a command line that writes files pays for looking at what it reads. */
const WRITES = /^--(?:out|trace|lab-state|report)(?:=|$)/;

/** Started again and again, by editors and people; what they read of the command line they read in the pool. */
const QUICK: readonly string[] = ['', 'validate', 'lint', 'devices', 'completion', 'schema'];

/** Parses argv and runs the command. Throws UsageError for a wrong command line. Without a command it has the help. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<Answer> {
  checkWords(argv);
  const writes = argv.some((word) => WRITES.test(word));
  const { command } = scanArguments(argv);
  if (writes || !QUICK.includes(command ?? '')) await reachFiles(argv, command);
  if (writes) {
    const { checkOutputs } = await import('../check-outputs.ts');
    await checkOutputs(argv);
  }
  const answers: Answer[] = [];
  let help = '';
  let errorText = '';
  const program = buildProgram(io, (answer) => answers.push(answer));
  program.configureOutput({
    writeOut: (text) => (help += text),
    writeErr: (text) => (errorText += text), // usage errors are told by main, in the format that was asked for
    getOutHelpWidth: () => io.stdout.columns || 80,
    getErrHelpWidth: () => io.stderr.columns || 80,
  });
  // Settings reach commands that are made after them only: hand them on.
  inheritSettings(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) {
      const format = io.env['RUNBOOK_FORMAT'] ?? '';
      const isFromEnvironment =
        format !== '' &&
        argv.includes(`--format=${format}`) &&
        !OUTPUT_FORMATS.some((each) => each === format);
      if (isFromEnvironment)
        throw new UsageError(
          `RUNBOOK_FORMAT=${format} is not a format of runbook`,
          `Unset it, or set it to one of ${OUTPUT_FORMATS.join(', ')}.`,
        );
      throw usageError(error, program, argv, errorText);
    }
    return helpAnswer(help);
  }
  const [answer] = answers;
  if (answer === undefined) throw new Error('the command returned no answer');
  return answer;
}

function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}

function helpAnswer(text: string): Answer {
  const exit = exitOf('OK');
  return { exit, text, document: documentOf('runbook.help/1', 'help', exit, { body: { help: text } }) };
}

/** commander's own words and suggestion, without its prefix, and where to read on. */
function usageError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
  errorText: string,
): UsageError {
  const names = program.commands.map((command) => command.name());
  // Without a command, commander shows the help as if it were an error.
  if (error.code === 'commander.help') {
    const group = program.commands.find(
      (command) => command.commands.length > 0 && argv.includes(command.name()),
    );
    const choice = group === undefined ? names : group.commands.map((command) => command.name());
    const see = group === undefined ? 'runbook --help' : `runbook ${group.name()} --help`;
    // `help WORD` shows all there is when there is no such command.
    const unknown = argv.slice(argv.indexOf('help') + 1).find((word) => !word.startsWith('-'));
    if (argv.includes('help') && unknown !== undefined)
      return new UsageError(`unknown command '${unknown}'`, `Give one of ${choice.join(', ')}; see ${see}.`);
    return new UsageError('no command given', `Give one of ${choice.join(', ')}; see ${see}.`, errorText);
  }
  const command = names.find((name) => argv.includes(name));
  const [message, ...more] = error.message.replace(/^error: /, '').split('\n');
  const see = `See runbook ${command === undefined ? '' : `${command} `}--help.`;
  const hint = wordElsewhere(error, program, argv) ?? likeWord(more.join(' '));
  return new UsageError(message!.replace(/\.$/, ''), hint === '' ? see : `${hint} ${see}`);
}

/** What the unknown word is here, where it is one of another tool. */
function wordElsewhere({ code }: CommanderError, program: Command, argv: readonly string[]): string | null {
  const first = (words: readonly string[], of: (word: string) => string | null): string | null =>
    words.map(of).find((here) => here !== null) ?? null;
  if (code === 'commander.unknownCommand') return first(argv, commandElsewhere);
  if (code !== 'commander.unknownOption') return null;
  const command = program.commands.find((each) => argv.includes(each.name())) ?? program;
  const known = command.options.flatMap(({ short, long }) => [short, long]);
  return first(
    argv.filter((word) => !known.includes(word.split('=', 1)[0])),
    optionElsewhere,
  );
}

/** commander's suggestion; but nobody is led to an option by which a guard stands aside. */
function likeWord(suggestion: string): string {
  if (STANDS_ASIDE.some((option) => suggestion.includes(option))) return '';
  return suggestion.replaceAll(/[()]/g, '').trim();
}
