import type { CommandDescription, ValueDescription } from '../program/describe.ts';
import { commandTree, everyOption, wordsOf } from './offers.ts';

/**
 * A script for `complete -F` that needs no other package. It walks the words before the cursor: which command they
 * name, and whether the last of them is an option that waits for its value (`--format json`, `--format=json`).
 */
export function bashCompletion(program: CommandDescription): string {
  const commands = commandTree(program);
  const options = everyOption(program);
  const ownOptions = commands.slice(1).filter((command) => command.options.length > 0);
  const withValue = options.filter(({ option }) => option.value !== null);
  return `# Completion of runbook for bash. Made by: runbook completion bash
_runbook_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_runbook_files() {
  mapfile -t COMPREPLY < <(compgen "-$1" -- "$cur")
  compopt -o filenames -o default 2>/dev/null
}
_runbook_devices() { _runbook_words "$(compgen -G '/dev/sg[0-9]*')"; }

_runbook() {
  local everywhere=${quoted(optionWords(program).join(' '))}
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' option='' only_operands='' word i
  local -i operands=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $option ]]; then
      # bash makes a word of the = in --format=json
      [[ $word == '=' ]] || option=''
      continue
    fi
    if [[ -z $only_operands && $word == -* ]]; then
      case $word in
        --) only_operands=1 ;;
        ${patterns(new Set(withValue.map(({ option }) => option.long)))}) option=$word ;;
      esac
      continue
    fi
    case "$command $word" in
      ${patterns(commands.slice(1).map(({ words }) => `${words.slice(0, -1).join(' ')} ${words.at(-1)!}`))}) command="\${command:+$command }$word" ;;
      *) operands+=1 ;;
    esac
  done

  if [[ -n $option ]]; then
    [[ $cur == '=' ]] && cur=''
    case "$command $option" in
${valueCases(withValue)}
    esac
    return
  fi
  if [[ -z $only_operands && $cur == -* ]]; then
    local own=''
    case $command in
${ownOptions.map((command) => `      ${quoted(wordsOf(command))}) own=${quoted(optionWords(command).join(' '))} ;;`).join('\n')}
    esac
    _runbook_words "$own $everywhere"
    return
  fi
  case "$command $operands" in
${commands.flatMap((command) => operandCases(program, command)).join('\n')}
  esac
}
complete -F _runbook runbook
`;
}

type Offered = ReturnType<typeof everyOption>[number];

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const patterns = (texts: Iterable<string>): string => [...texts].map(quoted).join('|');

/** One case for an option that takes the same everywhere, else one for each command. */
function valueCases(options: readonly Offered[]): string {
  const cases = options.map(({ command, option }) => {
    const call = offer(option.value!);
    const isSame = options.every(
      (other) => other.option.long !== option.long || offer(other.option.value!) === call,
    );
    const place = isSame ? `*${quoted(` ${option.long}`)}` : quoted(`${wordsOf(command)} ${option.long}`);
    return `      ${place}) ${call} ;;`;
  });
  return [...new Set(cases)].join('\n');
}

function operandCases(program: CommandDescription, command: CommandDescription): string[] {
  const words = wordsOf(command);
  if (command.commands.length > 0) {
    const names = command.commands.map((child) => child.words.at(-1)!);
    return [`    ${quoted(`${words} 0`)}) _runbook_words ${quoted(names.join(' '))} ;;`];
  }
  return command.arguments.map((argument, i) => {
    const place = argument.isList ? `${quoted(`${words} `)}*` : quoted(`${words} ${i}`);
    return `    ${place}) ${offer(argument, program)} ;;`;
  });
}

const optionWords = ({ options }: CommandDescription): string[] =>
  options.flatMap(({ short, long }) => (short === null ? [long] : [short, long]));

function offer({ kind, choices }: ValueDescription, program?: CommandDescription): string {
  if (choices.length > 0) return `_runbook_words ${quoted(choices.join(' '))}`;
  switch (kind) {
    case 'file':
      return '_runbook_files f';
    case 'directory':
      return '_runbook_files d';
    case 'device':
      return '_runbook_devices';
    case 'command':
      return `_runbook_words ${quoted((program?.commands ?? []).map((child) => wordsOf(child)).join(' '))}`;
    case 'text':
      return ':';
  }
}
