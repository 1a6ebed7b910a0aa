import type { CommandGroup } from './context.ts';
import { AUTO_LAB } from '../auto-lab.ts';
import { addMemoryOptions, against, DEVICE_NAMES, repeatable, reportOption, type Memory } from './options.ts';

interface ApplyWords {
  readonly yes?: boolean;
  readonly only: string[];
  readonly report: string[];
  readonly timestamps?: boolean;
}

interface VerifyWords {
  readonly report: string[];
  readonly accept?: string;
  readonly because?: string;
}

/** From a playbook to a verdict. */
export const addRunningCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup('Upgrades:');
  program
    .command('validate')
    .argument('<playbook...>', 'playbook files')
    .description('check playbooks and their images; no hardware needed')
    .option('--without-image', 'check the playbook only; do not read the image')
    .action(async (files: string[], own: { withoutImage?: boolean }) => {
      const { validate } = await import('../commands/validate.ts');
      give(await validate(files, { ...common(), withoutImage: own.withoutImage ?? false }, io));
    });

  const plan = program
    .command('plan')
    .argument('<playbook>', 'playbook file')
    .description('show what apply would do, and why; change nothing')
    .option('--exit-code', 'exit with 5 if apply would change a device')
    .option('--out <file>', 'write the plan to a file, for review and for apply')
    .option('--valid-for <time>', 'how long apply accepts that file', '24h')
    .option('--inventory <file...>', 'plan for hosts recorded with `devices --probe --format json`')
    .option('--explain', 'show each step as an sg3_utils command line, with what runbook adds to it');
  addMemoryOptions(plan).action(
    async (
      file: string,
      own: {
        exitCode?: boolean;
        out?: string;
        validFor: string;
        explain?: boolean;
        inventory?: string[];
      } & Memory,
    ) => {
      const { exitCode = false, out = null, validFor, explain = false, inventory = [] } = own;
      const options = { ...common(), ...against(own), exitCode, out, validFor, explain };
      if (inventory.length > 0) {
        const { planInventories } = await import('../commands/plan-inventory.ts');
        give(await planInventories(file, inventory, options, io));
        return;
      }
      if (options.lab === AUTO_LAB) {
        const { planAuto } = await import('../commands/rehearse.ts');
        give(await planAuto(file, options, io));
        return;
      }
      const { plan } = await import('../commands/plan.ts');
      give(await plan(file, options, io));
    },
  );

  const apply = program
    .command('apply')
    .argument('<playbook>', 'playbook file, or a plan file written by plan --out')
    .description('upgrade the devices that the playbook selects')
    .option('-y, --yes', 'do not ask for confirmation; required without a terminal')
    .addOption(
      repeatable('--only <device>', `only this device: ${DEVICE_NAMES}; repeatable`).default([], 'all'),
    );
  addMemoryOptions(apply)
    .addOption(reportOption())
    .option('--timestamps', 'begin each line of progress with the time; the default in a service and in CI')
    .option('--no-timestamps', 'do not')
    .action(async (file: string, own: ApplyWords & Memory) => {
      const { withReports } = await import('../run-reports.ts');
      const { yes = false, only, report, timestamps = null } = own;
      const options = { ...common(), ...against(own), yes, only, timestamps };
      const run = { command: 'apply', words: report, inputs: [file], options, io };
      give(
        await withReports(run, async (tell) => {
          if (options.lab === AUTO_LAB) {
            const { rehearseApply } = await import('../commands/rehearse.ts');
            return rehearseApply(file, options, io);
          }
          const { apply } = await import('../commands/apply.ts');
          return apply(file, { ...options, tell }, io);
        }),
      );
    });

  program
    .command('verify')
    .argument('[run]', 'only the units of this run: `last`, or (part of) an id shown by history')
    .description('check again the units that wait for an event or are unproven; change nothing')
    .option('--accept <id>', 'close what an earlier run left open on this unit; with --because')
    .option('--because <text>', 'why: what a person saw that runbook cannot see; kept in the record')
    .addOption(reportOption())
    .action(async (run: string | undefined, own: VerifyWords) => {
      const { report, accept = null, because = null } = own;
      const { verify } = await import('../commands/verify.ts');
      const { withReports } = await import('../run-reports.ts');
      const options = common();
      const command = { command: 'verify', words: report, inputs: [], options, io };
      give(await withReports(command, () => verify(run, { ...options, accept, because }, io)));
    });
};
