import {
  commandsOf,
  type ArgumentDescription,
  type CommandDescription,
  type OptionDescription,
  type ValueDescription,
} from '../../src/cli/program/describe.ts';
import { code, page, table } from './markdown.ts';

export function commandsPage(program: CommandDescription): string {
  const parts: string[] = [];
  let group = '';
  for (const command of commandsOf(program)) {
    const heading = groupOf(program, command);
    if (heading !== group) parts.push(`## ${(group = heading).replace(/:$/, '')}`);
    parts.push(...commandParts(command));
  }
  return page(
    'Commands',
    'src/cli/program',
    program.description,
    'What a command ends with: [exit codes](exit-codes.md), [outcomes](outcomes.md).',
    ...parts,
    '## Options of every command',
    table(['option', 'meaning'], program.options.map(optionRow)),
  );
}

/** Heading of the group in the help: for `lab up` that of `lab`. */
export function groupOf(program: CommandDescription, { words }: CommandDescription): string {
  return program.commands.find((command) => command.words[0] === words[0])!.group;
}

/** `runbook plan [options] PLAYBOOK` */
function usageOf({ words, arguments: operands, options }: CommandDescription): string {
  return [
    'runbook',
    ...words,
    ...options
      .filter(({ isRequired }) => isRequired)
      .map(({ long, value }) => `${long} ${valueName(value!)}`),
    ...(options.some(({ isRequired }) => !isRequired) ? ['[options]'] : []),
    ...operands.map(operandText),
  ].join(' ');
}

export function operandText(operand: ArgumentDescription): string {
  const name = `${valueName(operand)}${operand.isList ? '…' : ''}`;
  return operand.isRequired ? name : `[${name}]`;
}

const valueName = ({ name }: ValueDescription): string => name.toUpperCase();

function commandParts(command: CommandDescription): string[] {
  const { arguments: operands, options, description, words } = command;
  const rows = [
    ...operands.map((operand) => [code(operandText(operand)), operand.meaning]),
    ...options.map(optionRow),
  ];
  return [
    `### ${code(words.join(' '))}`,
    sentence(description),
    `\`\`\`sh\n${usageOf(command)}\n\`\`\``,
    ...(rows.length === 0 ? [] : [table(['', 'meaning'], rows)]),
  ];
}

/** ` FILE…`, behind the name of the option; empty: a switch. */
export const optionValue = ({ value, isList }: OptionDescription): string =>
  value === null ? '' : ` ${valueName(value)}${isList ? '…' : ''}`;

function optionRow(option: OptionDescription): string[] {
  const { short, long } = option;
  const name = `${short === null ? '' : `${short}, `}${long}${optionValue(option)}`;
  return [code(name), option.meaning];
}

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;
