import type { Answer } from '../answer.ts';
import type { CommandGroup } from './context.ts';
import { AUTO_LAB } from '../auto-lab.ts';
import { addMemoryOptions, against, onlyOption, reportOption, type Memory } from './options.ts';
import { UsageError } from '../usage-error.ts';

interface VerifyWords {
  readonly only: string[];
  readonly report: string[];
  readonly accept?: string;
  readonly because?: string;
  readonly wait?: string;
}

type ApplyWords = {
  readonly yes?: boolean;
  readonly only: string[];
  readonly report: string[];
  readonly digest?: string;
  readonly job?: string;
  readonly detach?: boolean;
  readonly timestamps?: boolean;
} & Memory;

/** What a job cannot be: nobody sees its question, and a rehearsal keeps nothing. Throws UsageError. */
function refuseJobOf(
  { lab, yes }: { readonly lab?: string; readonly yes: boolean },
  { job, detach }: { readonly job: string | undefined; readonly detach: boolean },
): void {
  if (job === undefined)
    throw new UsageError('--detach needs a name, by which the job is found again', 'Add --job NAME.');
  if (lab === AUTO_LAB)
    throw new UsageError('a rehearsal (--lab auto) is not a job', 'Remove --job and --detach.');
  if (detach && !yes)
    throw new UsageError('apply asks before it writes, and nobody can answer a job', 'Add --yes.');
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
    .option('--valid-for <time>', 'how long apply accepts that file: 7d, 8h, 30m', '24h')
    .option('--inventory <file...>', 'plan for hosts recorded with `devices --probe --format json`')
    .option('--explain', 'show each step as an sg3_utils command line, with what runbook adds to it')
    .addOption(onlyOption())
    .addOption(reportOption());
  addMemoryOptions(plan).action(
    async (
      file: string,
      own: {
        exitCode?: boolean;
        out?: string;
        validFor: string;
        explain?: boolean;
        inventory?: string[];
        only: string[];
        report: string[];
      } & Memory,
    ) => {
      const { exitCode = false, out = null, validFor, explain = false, inventory = [], only, report } = own;
      const options = { ...common(), ...against(own), exitCode, out, validFor, explain, only };
      const answer = async (): Promise<Answer> => {
        if (inventory.length > 0) {
          const { planInventories } = await import('../commands/plan-inventory.ts');
          const wantsDocument = options.format !== 'text' || report.length > 0;
          return planInventories(file, inventory, { ...options, wantsDocument }, io);
        }
        if (options.lab === AUTO_LAB) {
          const { planAuto } = await import('../commands/rehearse.ts');
          return planAuto(file, options, io);
        }
        const { plan } = await import('../commands/plan.ts');
        return plan(file, options, io);
      };
      // Looking at a host is what a plan is mostly for: what only files need is loaded when there is one.
      if (report.length === 0) {
        give(await answer());
        return;
      }
      const { withReports } = await import('../run-reports.ts');
      give(await withReports({ command: 'plan', words: report, options, io }, answer));
    },
  );

  const apply = program
    .command('apply')
    .argument('<playbook>', 'playbook file, or a plan file written by plan --out')
    .description('upgrade the devices that the playbook selects')
    .option('-y, --yes', 'do not ask for confirmation; required without a terminal')
    .addOption(onlyOption())
    .option(
      '--job <name>',
      'keep the run as a job of this name, for: runbook job; begun once, however often it is asked for',
    )
    .option('--detach', 'start the job in the background, and return; it outlives the login');
  addMemoryOptions(apply)
    .option(
      '--digest <sha256>',
      'the digest that `plan --out` printed; a plan file with another one is refused',
    )
    .addOption(reportOption())
    .option('--timestamps', 'begin each line of progress with the time; the default in a service and in CI')
    .option('--no-timestamps', 'do not')
    .action(async (file: string, own: ApplyWords) => {
      const { yes = false, only, report, digest = null, job, detach = false, timestamps = null } = own;
      const options = { ...common(), ...against(own), yes, only, digest, timestamps };
      if (detach || job !== undefined) refuseJobOf(options, { job, detach });
      if (detach) {
        const { startJob } = await import('../commands/job-start.ts');
        give(await startJob(job!, file, options, io));
        return;
      }
      const { withReports } = await import('../run-reports.ts');
      const command = { command: 'apply', words: report, options, io };
      const answer = (run: string | null): Promise<Answer> =>
        withReports(command, async (tell) => {
          if (options.lab === AUTO_LAB) {
            const { rehearseApply } = await import('../commands/rehearse.ts');
            return rehearseApply(file, options, io);
          }
          const { apply } = await import('../commands/apply.ts');
          return apply(file, { ...options, run, tell }, io);
        });
      if (job === undefined) {
        give(await answer(null));
        return;
      }
      const { runAsJob } = await import('../run-as-job.ts');
      give(await runAsJob({ job, file, options, io }, answer));
    });

  program
    .command('verify')
    .argument('[run]', 'only the units of this run: `last`, or (part of) an id shown by history')
    .description('check again the units that wait for an event or are unproven; change nothing')
    .option('--accept <id>', 'close what an earlier run left open on this unit; with --because')
    .option('--because <text>', 'why: what a person saw that runbook cannot see; kept in the record')
    .option('--wait <time>', 'wait so long for units that the kernel has not found yet, as after a start')
    .addOption(onlyOption())
    .addOption(reportOption())
    .action(async (run: string | undefined, own: VerifyWords) => {
      const { report, accept = null, because = null, wait = null, only } = own;
      const { verify } = await import('../commands/verify.ts');
      const { withReports } = await import('../run-reports.ts');
      const options = common();
      const command = { command: 'verify', words: report, options, io };
      give(await withReports(command, () => verify(run, { ...options, accept, because, wait, only }, io)));
    });
};
