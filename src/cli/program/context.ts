import type { Command } from 'commander';
import type { Answer, CommonOptions } from '../answer.ts';
import type { Io } from '../io.ts';

/** What the actions of commands are given. The commands themselves are loaded when one of them is asked for. */
export interface ProgramContext {
  readonly io: Io;
  /** The options that every command has. */
  readonly common: () => CommonOptions;
  /** Takes the answer of the command. */
  readonly give: (answer: Answer) => void;
}

/** Adds the commands of one group to the program. */
export type CommandGroup = (program: Command, context: ProgramContext) => void;
