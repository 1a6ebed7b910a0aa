import type { CommandGroup } from './context.ts';
import { DEVICE_NAMES } from './options.ts';

/** The simulator as devices of the running kernel. */
export const addLabCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup('Simulated devices:');
  const lab = program
    .command('lab')
    .description(
      'attach simulated devices to this machine as /dev/sgN; needs root and the TCMU kernel modules',
    )
    .exitOverride();

  lab
    .command('up')
    .argument('<lab>', 'lab file')
    .description('attach the devices of a lab until ^C or lab down')
    .action(async (file: string) => {
      const { labUp } = await import('../commands/lab-up.ts');
      give(await labUp(file, common(), io));
    });

  lab
    .command('down')
    .argument('[lab]', 'lab file')
    .option('--all', 'remove every lab')
    .description('remove a lab, and what a killed one left behind')
    .action(async (file: string | undefined, own: { all?: boolean }) => {
      const { labDown } = await import('../commands/lab-down.ts');
      give(await labDown(file, { ...common(), all: own.all ?? false }));
    });

  lab
    .command('status')
    .description('show the attached labs and the revisions of their devices')
    .action(async () => {
      const { labStatus } = await import('../commands/lab-status.ts');
      give(await labStatus(common()));
    });

  lab
    .command('power-cycle')
    .argument('[device]', DEVICE_NAMES)
    .description('power-cycle one simulated device, or all; also with --lab and --lab-state')
    .action(async (device: string | undefined) => {
      const { labPowerCycle } = await import('../commands/lab-power-cycle.ts');
      give(await labPowerCycle(device, common()));
    });
};
