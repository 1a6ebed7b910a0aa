// The only file that imports commander.
import { Command, CommanderError, Option } from 'commander';
import { documentOf } from '../report/documents.ts';
import { exitCodesHelp } from '../report/exit-text.ts';
import { exitOf } from '../run/outcome.ts';
import { OUTPUT_FORMATS, type Answer, type CommonOptions } from './answer.ts';
import type { InitOptions } from './commands/init.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

/** Parses argv and runs the command. Throws UsageError for a wrong command line. */
export async function runProgram(argv: readonly string[], io: Io): Promise<Answer> {
  const answers: Answer[] = [];
  let help = '';
  const program = buildProgram(io, (answer) => answers.push(answer));
  program.configureOutput({
    writeOut: (text) => (help += text),
    writeErr: () => undefined, // usage errors are told by main, in the format that was asked for
    getOutHelpWidth: () => io.stdout.columns || 80,
    getErrHelpWidth: () => io.stderr.columns || 80,
  });
  // Settings reach commands that are made after them only: hand them on.
  inheritSettings(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, program, argv);
    return helpAnswer(help);
  }
  const [answer] = answers;
  if (answer === undefined) throw new Error('the command gave no answer');
  return answer;
}

function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}

function buildProgram(io: Io, give: (answer: Answer) => void): Command {
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

  program
    .command('validate')
    .argument('<playbook...>', 'playbook files')
    .description('check playbooks and their images; needs no hardware')
    .option('--without-image', 'check the words only, do not read the image')
    .action(async (files: string[], own: { withoutImage?: boolean }) => {
      const { validate } = await import('./commands/validate.ts');
      give(await validate(files, { ...common(program), withoutImage: own.withoutImage ?? false }, io));
    });
  program
    .command('plan')
    .argument('<playbook>', 'playbook file')
    .description('show what apply would do, and why; changes nothing')
    .option('--exit-code', 'exit with 5 when apply would change a device')
    .option('--out <file>', 'write the plan to a file that can be reviewed, and given to apply')
    .option('--valid-for <time>', 'how long apply takes that file', '24h')
    .option('--retry', RETRY)
    .addOption(recoverOption())
    .option('--take-over', TAKE_OVER)
    .action(async (file: string, own: { exitCode?: boolean; out?: string; validFor: string } & Memory) => {
      const { plan } = await import('./commands/plan.ts');
      const { exitCode = false, out = null, validFor } = own;
      give(await plan(file, { ...common(program), ...against(own), exitCode, out, validFor }, io));
    });
  program
    .command('apply')
    .argument('<playbook>', 'playbook file, or a plan file of plan --out')
    .description('upgrade the devices that the playbook selects')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .addOption(
      new Option(
        '--only <device>',
        'this device alone: /dev/sgN, H:C:T:L, id, SAS address or serial; can be repeated',
      )
        .argParser((value: string, before: string[]) => [...before, value])
        .default([], 'all'),
    )
    .option('--retry', RETRY)
    .addOption(recoverOption())
    .option('--take-over', TAKE_OVER)
    .action(async (file: string, own: { yes?: boolean; only: string[] } & Memory) => {
      const { apply } = await import('./commands/apply.ts');
      give(
        await apply(file, { ...common(program), ...against(own), yes: own.yes ?? false, only: own.only }, io),
      );
    });
  program
    .command('devices')
    .description('list the SCSI devices of this host; reads sysfs only')
    .option('--probe', 'ask each device too (INQUIRY, VPD): fresh revision, identity, download modes')
    .action(async (own: { probe?: boolean }) => {
      const { devices } = await import('./commands/devices.ts');
      give(await devices({ ...common(program), probe: own.probe ?? false }, io));
    });
  program
    .command('status')
    .argument(
      '[device...]',
      '/dev/sgN, H:C:T:L, id, SAS address or serial; all enclosures when none is named',
    )
    .description('what enclosures say about downloads: status page in words, revisions, images that wait')
    .action(async (names: string[]) => {
      const { status } = await import('./commands/status.ts');
      give(await status(names, common(program), io));
    });
  addAuthoringCommands(program, io, give);
  addLabCommands(program, io, give);
  program
    .command('image')
    .argument('<file>', 'image or package: .scexe, tar, tar.gz, zip, rpm')
    .description('show what a package holds and what an image is; opens packages, never executes them')
    .option('--member <name>', 'a member of the package; levels are separated by !')
    .option('--strip <header>', 'leave out a header: its size, dell-df or seagate-lod')
    .option('--out <file>', 'write the image to a new file')
    .action(async (file: string, own: { member?: string; strip?: string; out?: string }) => {
      const { image } = await import('./commands/image.ts');
      give(await image(file, { ...common(program), ...own }, io));
    });
  program
    .command('schema')
    .argument('[name]', 'playbook, lab, report, events, trace or journal', 'playbook')
    .description('print a JSON schema')
    .action(async (name: string) => {
      const { schema } = await import('./commands/schema.ts');
      give(await schema(name));
    });
  program
    .command('verify')
    .argument('[run]', 'units of this run alone; `last`, an id of runbook history, or a part of one')
    .description('look again at units that wait for an event or were never proven; changes nothing')
    .action(async (run: string | undefined) => {
      const { verify } = await import('./commands/verify.ts');
      give(await verify(run, common(program), io));
    });
  program
    .command('history')
    .argument('[run]', 'this run in full; `last`, an id, or a part of one; -v shows its journal')
    .description('list the runs of this host, and what runs that died have left behind')
    .action(async (run: string | undefined) => {
      const { history } = await import('./commands/history.ts');
      give(await history(run, common(program), io));
    });
  return program;
}

/** What writes playbooks, and what a reviewer asks of them. */
function addAuthoringCommands(program: Command, io: Io, give: (answer: Answer) => void): void {
  program
    .command('lint')
    .argument('<playbook...>', 'playbook files')
    .description('say what is right in playbooks, and still not wise')
    .option('--strict', 'exit with 3 for warnings too')
    .option('--without-image', 'check the words only, do not read the image')
    .action(async (files: string[], own: { strict?: boolean; withoutImage?: boolean }) => {
      const { lint } = await import('./commands/lint.ts');
      const { strict = false, withoutImage = false } = own;
      give(await lint(files, { ...common(program), strict, withoutImage }, io));
    });
  program
    .command('pin')
    .argument('<playbook...>', 'playbook files')
    .description('write the hashes of the images into playbooks, and change nothing else')
    .option('--check', 'change nothing; exit with 3 when a hash is not right')
    .action(async (files: string[], own: { check?: boolean }) => {
      const { pin } = await import('./commands/pin.ts');
      give(await pin(files, { ...common(program), check: own.check ?? false }, io));
    });
  program
    .command('init')
    .description('write a playbook from what a device says about itself; changes no device')
    .requiredOption('--device <device>', '/dev/sgN, H:C:T:L, id, SAS address or serial')
    .requiredOption('--firmware <file>', 'the image, or a package that holds it')
    .requiredOption('--revision <revision>', 'what the device shows with that firmware')
    .option('--member <path>', 'the image inside the package')
    .option('--out <file>', 'a new file; without it the playbook is printed')
    .action(async (own: Pick<InitOptions, 'device' | 'firmware' | 'revision'> & Partial<InitOptions>) => {
      const { init } = await import('./commands/init.ts');
      const { member = null, out = null } = own;
      give(await init({ ...common(program), ...own, member, out }, io));
    });
}

/** The simulator as devices of the running kernel. */
function addLabCommands(program: Command, io: Io, give: (answer: Answer) => void): void {
  const lab = program
    .command('lab')
    .description('simulated devices as real /dev/sgN of this machine; needs root and the TCMU kernel modules')
    .exitOverride();
  lab
    .command('up')
    .argument('<lab>', 'lab file')
    .description('attach the devices of a lab, until ^C or lab down')
    .action(async (file: string) => {
      const { labUp } = await import('./commands/lab-up.ts');
      give(await labUp(file, common(program), io));
    });
  lab
    .command('down')
    .argument('[lab]', 'lab file')
    .option('--all', 'every lab')
    .description('take a lab away, and what a killed one left')
    .action(async (file: string | undefined, own: { all?: boolean }) => {
      const { labDown } = await import('./commands/lab-down.ts');
      give(await labDown(file, { ...common(program), all: own.all ?? false }));
    });
  lab
    .command('status')
    .description('show the labs that are up and what their devices run')
    .action(async () => {
      const { labStatus } = await import('./commands/lab-status.ts');
      give(await labStatus(common(program)));
    });
  lab
    .command('power-cycle')
    .argument('[device]', '/dev/sgN, H:C:T:L, id or serial')
    .description('take the power from one device, or all, for a moment')
    .action(async (device: string | undefined) => {
      const { labPowerCycle } = await import('./commands/lab-power-cycle.ts');
      give(await labPowerCycle(device, common(program)));
    });
}

const RETRY = 'send an image again that ended badly on a unit, or that waits on it';

const TAKE_OVER =
  'throw away a download that is not ours, or not remembered, and send the image in its place';

interface Memory {
  readonly retry?: boolean;
  readonly takeOver?: boolean;
  readonly recover: string[];
}

const recoverOption = (): Option =>
  new Option('--recover <device>', 'send to this frozen unit, whatever revision it shows; can be repeated')
    .argParser((value: string, before: string[]) => [...before, value])
    .default([], 'none');

const against = ({ retry = false, recover, takeOver = false }: Memory): Required<Memory> => ({
  retry,
  recover,
  takeOver,
});

function addCommonOptions(program: Command): void {
  program
    .addOption(new Option('--format <format>', 'output format').choices(OUTPUT_FORMATS).default('text'))
    .option('--lab <file>', 'a simulated host, described by a file, instead of this one')
    .option('--lab-state <file>', 'keep the simulated host between commands in this file')
    .option('--state-dir <dir>', 'where runs and units are remembered (RUNBOOK_STATE_DIR)')
    .option('--trace <file>', 'write every SCSI command and its outcome to this file (JSON Lines)')
    .option('--no-color', 'no colours')
    .option('-v, --verbose', 'show more', false)
    .addOption(new Option('--sysfs <dir>', 'root of sysfs').hideHelp())
    .addOption(new Option('--proc <dir>', 'root of procfs').hideHelp());
}

const common = (program: Command): CommonOptions => program.opts<CommonOptions>();

function helpAnswer(text: string): Answer {
  const exit = exitOf('OK');
  return { exit, text, document: documentOf('runbook.help/1', 'help', exit, { body: { help: text } }) };
}

/** commander's own words and suggestion, without its prefix, and where to read on. */
function usageError(error: CommanderError, program: Command, argv: readonly string[]): UsageError {
  const names = program.commands.map((command) => command.name());
  // Without a command, commander shows the help as if it were an error.
  if (error.code === 'commander.help') {
    const group = program.commands.find(
      (command) => command.commands.length > 0 && argv.includes(command.name()),
    );
    const choice = group === undefined ? names : group.commands.map((command) => command.name());
    const see = group === undefined ? 'runbook --help' : `runbook ${group.name()} --help`;
    return new UsageError('no command given', `Give one of ${choice.join(', ')}; see ${see}.`);
  }
  const command = names.find((name) => argv.includes(name));
  const [message, ...more] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = more.join(' ').replaceAll(/[()]/g, '').trim();
  const see = `See runbook ${command === undefined ? '' : `${command} `}--help.`;
  return new UsageError(message!.replace(/\.$/, ''), suggestion === '' ? see : `${suggestion} ${see}`);
}
