import type { Argument, Command, Option } from 'commander';
import { argumentMeaning, optionMeaning } from './meaning.ts';

/** What a value is, by its placeholder: `<file>` is a file. Anything that is not known here is text. */
export type ValueKind = 'file' | 'directory' | 'device' | 'command' | 'text';

export interface ValueDescription {
  readonly name: string;
  readonly kind: ValueKind;
  /** Empty: whatever fits the kind. */
  readonly choices: readonly string[];
}

export interface ArgumentDescription extends ValueDescription {
  readonly isRequired: boolean;
  readonly isList: boolean;
  /** Description, choices and default. */
  readonly meaning: string;
}

export interface OptionDescription {
  /** `-y` */
  readonly short: string | null;
  /** `--yes` */
  readonly long: string;
  readonly description: string;
  /** Description, choices and default. */
  readonly meaning: string;
  /** null: a switch. */
  readonly value: ValueDescription | null;
  readonly isRequired: boolean;
  /** The option takes several values in a row. */
  readonly isList: boolean;
  readonly isRepeatable: boolean;
}

/** A command as manual, reference and completion tell of it. The program itself is the one without words. */
export interface CommandDescription {
  /** `['lab', 'up']` */
  readonly words: readonly string[];
  readonly description: string;
  /** Heading of the group that it stands in, with a colon. */
  readonly group: string;
  readonly arguments: readonly ArgumentDescription[];
  /** Of this command alone; those of the program hold everywhere. */
  readonly options: readonly OptionDescription[];
  readonly commands: readonly CommandDescription[];
}

const KINDS: Readonly<Record<string, ValueKind>> = {
  file: 'file',
  playbook: 'file',
  lab: 'file',
  dir: 'directory',
  device: 'device',
  command: 'command',
};

/** The whole program, hidden options apart. Runs and loads no command. */
export const describeProgram = (program: Command): CommandDescription => describe(program, []);

/** Every command that does something, in the order of the help; groups such as `lab` are left out. */
export function commandsOf({ commands }: CommandDescription): CommandDescription[] {
  return commands.flatMap((command) => (command.commands.length > 0 ? commandsOf(command) : [command]));
}

function describe(command: Command, words: readonly string[]): CommandDescription {
  const help = command.createHelp();
  return {
    words,
    description: command.description(),
    group: command.helpGroup(),
    arguments: command.registeredArguments.map(describeArgument),
    // Every command has --help; the program tells of it.
    options: help
      .visibleOptions(command)
      .map(describeOption)
      .filter(({ long }) => words.length === 0 || long !== '--help'),
    // `help` stands in a command that has others, and describes itself.
    commands: help
      .visibleCommands(command)
      .filter((child) => words.length === 0 || child.name() !== 'help')
      .map((child) => describe(child, [...words, child.name()])),
  };
}

function describeArgument(argument: Argument): ArgumentDescription {
  return {
    ...valueOf(argument.name(), argument.argChoices),
    isRequired: argument.required,
    isList: argument.variadic,
    meaning: argumentMeaning(argument),
  };
}

function describeOption(option: Option): OptionDescription {
  const placeholder = /[<[]([^<>[\]]*?)(?:\.\.\.)?[\]>]/.exec(option.flags)?.[1] ?? null;
  return {
    short: option.short ?? null,
    long: option.long!,
    description: option.description,
    meaning: optionMeaning(option),
    value: placeholder === null ? null : valueOf(placeholder, option.argChoices),
    isRequired: option.mandatory,
    isList: option.variadic,
    isRepeatable: option.variadic || Array.isArray(option.defaultValue),
  };
}

const valueOf = (name: string, choices: readonly string[] = []): ValueDescription => ({
  name,
  kind: KINDS[name] ?? 'text',
  choices,
});
