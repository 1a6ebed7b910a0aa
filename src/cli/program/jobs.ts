import type { CommandGroup } from './context.ts';

/** Runs in the background: `apply --job NAME --detach` starts one. */
export const addJobCommands: CommandGroup = (program, { io, common, give }) => {
  program.commandsGroup('Upgrades:');
  const job = program
    .command('job')
    .description('follow runs in the background, which apply --job NAME --detach starts')
    .exitOverride();

  job
    .command('wait')
    .argument('<name>', 'name of the job')
    .option('--for <time>', 'return after this time even if it is running, with exit code 11 (50s, 10m)')
    .description('wait until a job has ended; the exit code is that of its run')
    .action(async (name: string, own: { for?: string }) => {
      const { waitForJob } = await import('../commands/job.ts');
      give(await waitForJob(name, { ...common(), for: own.for ?? null }, io));
    });

  job
    .command('result')
    .argument('<name>', 'name of the job')
    .description('print the report of a job that has ended, with the exit code of its run')
    .action(async (name: string) => {
      const { jobResult } = await import('../commands/job.ts');
      give(await jobResult(name, common(), io));
    });

  job
    .command('list')
    .description('list the jobs that run, and those that have ended and are not forgotten yet')
    .action(async () => {
      const { listJobs } = await import('../commands/job.ts');
      give(await listJobs(common(), io));
    });

  job
    .command('forget')
    .argument('<name>', 'name of the job')
    .description('remove a job that has ended, when its result was seen; its run stays in the history')
    .action(async (name: string) => {
      const { forgetJob } = await import('../commands/job.ts');
      give(await forgetJob(name, common(), io));
    });
};
