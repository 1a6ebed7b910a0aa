import { Command } from 'commander';
import { exitCodesHelp } from '../../report/exit-text.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import type { Io } from '../io.ts';
import { VERSION } from '../version.ts';
import { addAuthoringCommands } from './authoring.ts';
import { addLabCommands } from './lab.ts';
import { addLookingCommands } from './looking.ts';
import { addCommonOptions } from './options.ts';
import { addRunningCommands } from './running.ts';

/** The commands with their options. Nothing runs, and no command is loaded, before `parseAsync`. */
export function buildProgram(io: Io, give: (answer: Answer) => void): Command {
  const program = new Command('runbook')
    .description(
      'Firmware upgrades for SAS expanders, enclosures and drives, from a playbook that was reviewed.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', exitCodesHelp())
    .exitOverride();
  addCommonOptions(program);

  const context = { io, give, common: () => program.opts<CommonOptions>() };
  addRunningCommands(program, context);
  addLookingCommands(program, context);
  addAuthoringCommands(program, context);
  addLabCommands(program, context);
  return program;
}
