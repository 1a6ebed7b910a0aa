import { Option } from 'commander';
import { JOINED_FORMS, type JoinedForm } from '../joined-forms.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandGroup } from './context.ts';
import { DEVICE_NAMES, reportOption } from './options.ts';

/** What is there, and what was done. */
export const addInspectingCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup('Devices and history:');
  program
    .command('devices')
    .description('list the SCSI devices of this host, from sysfs alone')
    .option('--probe', 'also ask each device (INQUIRY, VPD) for its revision, identity and download modes')
    .option('--tree', 'show what hangs where: adapters, expanders, enclosures, drives; -v names each drive')
    .action(async (own: { probe?: boolean; tree?: boolean }) => {
      const { devices } = await import('../commands/devices.ts');
      give(await devices({ ...common(), probe: own.probe ?? false, tree: own.tree ?? false }, io));
    });

  program
    .command('status')
    .argument('[device...]', `${DEVICE_NAMES}; default: all enclosures, and what is frozen or lost`)
    .description('show the download status of enclosures, their revisions and waiting images')
    .action(async (names: string[]) => {
      const { status } = await import('../commands/status.ts');
      give(await status(names, common(), io));
    });

  program
    .command('history')
    .argument('[run]', 'show this run in full: `last`, or (part of) its id; -v adds its journal')
    .description('list the runs on this host, and what interrupted runs left behind')
    .option('--limit <count>', 'how many of the newest runs to list', '50')
    .option('--prune <age>', 'delete journals older than this (90d, 12h) that are no longer needed')
    .action(async (run: string | undefined, own: { limit: string; prune?: string }) => {
      if (own.prune !== undefined) {
        if (run !== undefined) throw new UsageError('--prune works on all runs', 'Remove the run.');
        const { pruneHistory } = await import('../commands/history-prune.ts');
        give(await pruneHistory(own.prune, common(), io));
        return;
      }
      const { history } = await import('../commands/history.ts');
      give(await history(run, { ...common(), limit: own.limit }, io));
    });

  program
    .command('report')
    .argument('<file...>', 'reports of hosts, NAME.json each: what apply --format json wrote')
    .description('join the reports of many hosts to one table, failures first')
    .addOption(new Option('--as <form>', 'what to print').choices(JOINED_FORMS).default('text'))
    .addOption(reportOption())
    .action(async (files: string[], own: { as: JoinedForm; report: string[] }) => {
      if (own.report.length > 0) {
        const { reportPage } = await import('../commands/report-page.ts');
        give(await reportPage(files, { ...common(), ...own }, io));
        return;
      }
      const { joinReports } = await import('../commands/report.ts');
      give(await joinReports(files, { ...common(), ...own }, io));
    });
};
