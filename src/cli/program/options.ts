import { Option, type Command } from 'commander';
import { ANNOTATING_COMMANDS, ANNOTATING_FORMATS, OUTPUT_FORMATS, type CommonOptions } from '../answer.ts';
import { variableOf } from '../environment.ts';
import { UsageError } from '../usage-error.ts';

/** Options that every command has. The placeholder says what a value is: completion offers files for `<file>`. */
export function addCommonOptions(program: Command): void {
  program
    .addOption(
      new Option('--format <format>', `output format; ${ANNOTATING} with ${ANNOTATED} only`)
        .choices(OUTPUT_FORMATS)
        .default('text'),
    )
    .hook('preAction', (_, command) => refuseForeignFormat(command))
    .option(
      '--lab <file>',
      'use the simulated host in this file instead of this machine; auto: make one that fits the playbook',
    )
    .option('--lab-state <file>', 'keep the state of the simulated host in this file between commands')
    .option('--state-dir <dir>', 'where to keep the records of runs and units')
    .option('--trace <file>', 'write every SCSI command and its result to this file (JSON Lines)')
    .option('--no-color', 'do not use colours')
    .option('-v, --verbose', 'show more detail')
    .addOption(new Option('--sysfs <dir>', 'root of sysfs').hideHelp())
    .addOption(new Option('--proc <dir>', 'root of procfs').hideHelp());
  for (const option of program.options) {
    const variable = variableOf(option.long!);
    if (variable !== null) option.description += ` (${variable})`;
  }
}

const ANNOTATING = ANNOTATING_FORMATS.join(' and ');
const ANNOTATED = ANNOTATING_COMMANDS.join(' and ');

function refuseForeignFormat(command: Command): void {
  const { format } = command.optsWithGlobals<CommonOptions>();
  if (!ANNOTATING_FORMATS.includes(format) || ANNOTATING_COMMANDS.includes(command.name())) return;
  throw new UsageError(
    `--format ${format} is only for ${ANNOTATED}: it annotates the lines of playbooks`,
    'Use --format json here.',
  );
}

/** What help says of a DEVICE. */
export const DEVICE_NAMES = 'node or link (/dev/sdX, /dev/sgN), H:C:T:L, id, SAS address or serial';

/** What a person says against what is remembered: options of `plan` and `apply`. */
export interface Memory {
  readonly retry?: boolean;
  readonly takeOver?: boolean;
  readonly recover: string[];
}

export function addMemoryOptions(command: Command): Command {
  return command
    .option('--retry', 'send the image again where it failed before, or where it is already waiting')
    .addOption(
      repeatable(
        '--recover <device>',
        'send to this frozen unit, whatever revision it reports; repeatable',
      ).default([], 'none'),
    )
    .option('--take-over', 'discard an unfinished or waiting download of unknown origin, and send the image');
}

export const against = ({ retry = false, recover, takeOver = false }: Memory): Required<Memory> => ({
  retry,
  recover,
  takeOver,
});

/** An option whose values are collected. Give it a default: a list. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((value: string, before: string[]) => [...before, value]);

export const onlyOption = (): Option =>
  repeatable('--only <device>', `only this device: ${DEVICE_NAMES}; repeatable`).default([], 'all');

/** Files for others than the person who runs the command. */
export const reportOption = (): Option =>
  repeatable(
    '--report <kind=file>',
    'also write the result to a file: json, jsonl, junit, markdown or html; repeatable',
  ).default([], 'none');
