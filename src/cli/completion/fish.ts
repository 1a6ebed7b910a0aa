import type { CommandDescription, OptionDescription, ValueDescription } from '../program/describe.ts';
import { commandTree, everyOption, wordsOf } from './offers.ts';

/** A script of `complete` lines for fish; a function tells which command the words before the cursor name. */
export function fishCompletion(program: CommandDescription): string {
  const commands = commandTree(program);
  const withValue = everyOption(program).filter(({ option }) => option.value !== null);
  const names = [...new Set(withValue.map(({ option }) => option.long))];
  return `# Completion of runbook for fish. Made by: runbook completion fish
function __runbook_at --description 'are the words before the cursor this command'
    set -l command
    set -l is_value no
    for word in (commandline -opc)[2..-1]
        if test $is_value = yes
            set is_value no
            continue
        end
        switch $word
            case ${names.join(' ')}
                set is_value yes
            case '-*'
            case '*'
                contains -- "$command $word" ${commands
                  .slice(1)
                  .map(({ words }) => quoted(`${words.slice(0, -1).join(' ')} ${words.at(-1)!}`))
                  .join(' ')}
                and set command (string trim -- "$command $word")
        end
    end
    test "$command" = "$argv"
end

function __runbook_devices
    set -l nodes /dev/sg*
    string match --regex '^/dev/sg[0-9]+$' -- $nodes
end

complete -c runbook -f
${program.options.map((option) => `complete -c runbook ${optionWords(option)}`).join('\n')}
${commands.flatMap((command) => linesOf(program, command)).join('\n')}
`;
}

function linesOf(program: CommandDescription, command: CommandDescription): string[] {
  const at = `complete -c runbook -n ${quoted(`__runbook_at ${wordsOf(command)}`.trim())}`;
  const children = command.commands.map(
    (child) => `${at} -a ${child.words.at(-1)!} -d ${quoted(child.description)}`,
  );
  const operands = command.arguments.map((argument) => `${at} ${offer(argument, program)}`);
  const options = command === program ? [] : command.options.map((option) => `${at} ${optionWords(option)}`);
  return [...children, ...operands.filter((line) => !line.endsWith(' ')), ...options];
}

function optionWords({ short, long, description, value }: OptionDescription): string {
  const names = `${short === null ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const takes = value === null ? '' : value.kind === 'file' ? ' -r -F' : ` -x ${offer(value)}`.trimEnd();
  return `${names}${takes} -d ${quoted(description)}`;
}

/** What follows \`complete\` for a value; empty: nothing can be offered. */
function offer({ kind, choices }: ValueDescription, program?: CommandDescription): string {
  if (choices.length > 0) return `-a ${quoted(choices.join(' '))}`;
  switch (kind) {
    case 'file':
      return '-F';
    case 'directory':
      return "-a '(__fish_complete_directories)'";
    case 'device':
      return "-a '(__runbook_devices)'";
    case 'command':
      return `-a ${quoted((program?.commands ?? []).map(({ words }) => words[0]!).join(' '))}`;
    case 'text':
      return '';
  }
}

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
