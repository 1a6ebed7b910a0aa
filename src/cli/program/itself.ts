import { Argument } from 'commander';
import { SCHEMA_NAMES } from '../schema-names.ts';
import { SHELLS, type Shell } from '../shells.ts';
import type { CommandGroup } from './context.ts';

export const PROGRAM_GROUP = 'The program itself:';

/** What editors, shells and people want to know of the program. */
export const addProgramCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup(PROGRAM_GROUP);

  program
    .command('doctor')
    .description('check what this machine has for an upgrade, and what waits; changes nothing')
    .action(async () => {
      const { doctor } = await import('../commands/doctor.ts');
      give(await doctor(common(), io));
    });

  program
    .command('schema')
    .addArgument(
      withChoices(
        new Argument(
          '[name]',
          'playbook, lab, report, events, trace, journal, or the format of a JSON document such as runbook.plan/1',
        ).default('playbook'),
        SCHEMA_NAMES,
      ),
    )
    .description('print a JSON schema, for editors and for programs that read the output')
    .action(async (name: string) => {
      const { schema } = await import('../commands/schema.ts');
      give(await schema(name));
    });

  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .description('print a completion script for a shell')
    .action(async (shell: Shell) => {
      const { completion } = await import('../commands/completion.ts');
      const { describeProgram } = await import('./describe.ts');
      give(completion(shell, describeProgram(program)));
    });
};

/** For help and completion; the command itself says best what is wrong with another name. */
function withChoices(argument: Argument, choices: readonly string[]): Argument {
  argument.argChoices = [...choices];
  return argument;
}
