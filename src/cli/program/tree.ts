import { Command } from 'commander';
import { programText } from '../../base/program-facts.ts';
import { exitCodesHelp } from '../../report/exit-text.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import type { Io } from '../io.ts';
import { addAuthoringCommands } from './authoring.ts';
import { addProgramCommands, PROGRAM_GROUP } from './itself.ts';
import { addJobCommands } from './jobs.ts';
import { addLabCommands } from './lab.ts';
import { addInspectingCommands } from './inspecting.ts';
import { argumentMeaning, optionMeaning } from './meaning.ts';
import { addCommonOptions } from './options.ts';
import { addRunningCommands } from './running.ts';

/** The commands with their options. Nothing runs, and no command is loaded, before `parseAsync`. */
export function buildProgram(io: Io, give: (answer: Answer) => void): Command {
  const program = new Command('runbook')
    .description('Upgrade the firmware of SAS expanders, enclosures and drives from a reviewed playbook.')
    .version(
      `runbook ${programText()}`,
      '-V, --version',
      'print the version, and what the program is built of',
    )
    .helpOption('-h, --help', 'show help')
    .addHelpCommand(
      new Command('help')
        .argument('[command]', 'the command')
        .description('show help for a command')
        .helpOption(false)
        .helpGroup(PROGRAM_GROUP),
    )
    .configureHelp({
      showGlobalOptions: true,
      optionDescription: optionMeaning,
      argumentDescription: argumentMeaning,
    })
    .addHelpText('after', exitCodesHelp())
    .exitOverride();
  addCommonOptions(program);

  const context = {
    io,
    give,
    common: (): CommonOptions => ({ verbose: false, ...program.opts<Omit<CommonOptions, 'verbose'>>() }),
  };
  addRunningCommands(program, context);
  addJobCommands(program, context);
  addInspectingCommands(program, context);
  addAuthoringCommands(program, context);
  addLabCommands(program, context);
  addProgramCommands(program, context);
  return program;
}
