import { UsageError } from '../usage-error.ts';
import type { CommandGroup } from './context.ts';
import { DEVICE_NAMES } from './options.ts';

/** What is there, and what was done. */
export const addLookingCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup('What is there, and what was done:');
  program
    .command('devices')
    .description('list the SCSI devices of this host; reads sysfs only')
    .option('--probe', 'ask each device too (INQUIRY, VPD): fresh revision, identity, download modes')
    .action(async (own: { probe?: boolean }) => {
      const { devices } = await import('../commands/devices.ts');
      give(await devices({ ...common(), probe: own.probe ?? false }, io));
    });

  program
    .command('status')
    .argument('[device...]', `${DEVICE_NAMES}; all enclosures when none is named`)
    .description('what enclosures say about downloads: status page in words, revisions, images that wait')
    .action(async (names: string[]) => {
      const { status } = await import('../commands/status.ts');
      give(await status(names, common(), io));
    });

  program
    .command('history')
    .argument('[run]', 'this run in full; `last`, an id, or a part of one; -v shows its journal')
    .description('list the runs of this host, and what runs that died have left behind')
    .option('--limit <count>', 'list so many runs, the newest ones', '50')
    .option('--prune <age>', 'remove journals older than this (90d, 12h) that nothing depends on any more')
    .action(async (run: string | undefined, own: { limit: string; prune?: string }) => {
      if (own.prune !== undefined) {
        if (run !== undefined) throw new UsageError('--prune is for all runs', 'Leave the run out.');
        const { pruneHistory } = await import('../commands/history-prune.ts');
        give(await pruneHistory(own.prune, common(), io));
        return;
      }
      const { history } = await import('../commands/history.ts');
      give(await history(run, { ...common(), limit: own.limit }, io));
    });
};
