import type { CommandDescription, OptionDescription } from '../program/describe.ts';

/** `lab up`; empty for the program. */
export const wordsOf = ({ words }: CommandDescription): string => words.join(' ');

/** The program, and every command in it, groups included. */
export function commandTree(command: CommandDescription): CommandDescription[] {
  return [command, ...command.commands.flatMap((child) => commandTree(child))];
}

/** Every option beside the command that it belongs to. */
export function everyOption(
  program: CommandDescription,
): { readonly command: CommandDescription; readonly option: OptionDescription }[] {
  return commandTree(program).flatMap((command) => command.options.map((option) => ({ command, option })));
}
