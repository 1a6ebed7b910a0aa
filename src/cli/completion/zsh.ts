import type { CommandDescription, OptionDescription, ValueDescription } from '../program/describe.ts';

/** A script for zsh's own completion system: one function for the program, one for each group of commands. */
export function zshCompletion(program: CommandDescription): string {
  const groups = program.commands.filter(({ commands }) => commands.length > 0);
  return `#compdef runbook
# Completion of runbook for zsh. Made by: runbook completion zsh
_runbook_devices() {
  local -a nodes=(/dev/sg<->(N))
  _describe -t devices device nodes
}

${[...groups, program].map((group) => groupFunction(program, group)).join('\n\n')}

# As a file of fpath this is run when it is first needed; from a sourced file it has to be announced.
if [[ $funcstack[1] == _runbook ]]; then
  _runbook "$@"
else
  compdef _runbook runbook
fi
`;
}

const functionName = ({ words }: CommandDescription): string => ['_runbook', ...words].join('_');

function groupFunction(program: CommandDescription, group: CommandDescription): string {
  const isProgram = group === program;
  const everywhere = program.options.map((option) => `    ${optionSpecs(option)}`).join('\n');
  return `${functionName(group)}() {
  local curcontext=$curcontext state line ret=1
  typeset -A opt_args
${isProgram ? `  local -a everywhere=(\n${everywhere}\n  )\n` : ''}  local -a commands=(
${group.commands.map(({ words, description }) => `    ${quoted(`${escaped(words.at(-1)!)}:${description}`)}`).join('\n')}
  )
  _arguments -C -S $everywhere '(-)1: :->command' '(-)*:: :->words' && ret=0
  case $state in
    command) _describe -t commands command commands && ret=0 ;;
    words)
      curcontext=\${curcontext%:*:*}:runbook-$words[1]:
      case $words[1] in
${group.commands.map((command) => `        ${command.words.at(-1)!}) ${call(program, command)} && ret=0 ;;`).join('\n')}
      esac
      ;;
  esac
  return ret
}`;
}

function call(program: CommandDescription, command: CommandDescription): string {
  if (command.commands.length > 0) return functionName(command);
  const operands = command.arguments.map((argument) =>
    quoted(
      `${argument.isList ? '*' : argument.isRequired ? '' : ':'}:${argument.name}:${action(argument, program)}`,
    ),
  );
  return ['_arguments -S $everywhere', ...command.options.map(optionSpecs), ...operands].join(
    ' \\\n          ',
  );
}

/** `'(-y --yes)'{-y,--yes}'[do not ask]'` */
function optionSpecs({ short, long, description, value, isRepeatable }: OptionDescription): string {
  const told = quoted(
    `[${escaped(description)}]${value === null ? '' : `:${escaped(value.name)}:${action(value)}`}`,
  );
  // = lets the value stand behind the name in one word as well.
  const name = value === null ? long : `${long}=`;
  if (isRepeatable) return `'*'${short === null ? name : `{${short},${name}}`}${told}`;
  return short === null ? `${name}${told}` : `'(${short} ${long})'{${short},${name}}${told}`;
}

function action({ kind, choices }: ValueDescription, program?: CommandDescription): string {
  if (choices.length > 0) return `(${choices.join(' ')})`;
  switch (kind) {
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'device':
      return '_runbook_devices';
    case 'command':
      return `(${(program?.commands ?? []).map(({ words }) => words[0]!).join(' ')})`;
    case 'text':
      return ' ';
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const escaped = (text: string): string => text.replaceAll(/[[\]:\\]/g, '\\$&');
