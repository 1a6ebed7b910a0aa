import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildProgram } from '../../src/cli/program/tree.ts';
import { commandsOf, describeProgram } from '../../src/cli/program/describe.ts';
import type { CommandDescription } from '../../src/cli/program/describe.ts';
import { OUTPUT_FORMATS } from '../../src/cli/answer.ts';
import type { Io } from '../../src/cli/io.ts';
import { REPORT_KINDS } from '../../src/cli/run-reports.ts';
import { scanArguments } from '../../src/cli/scan.ts';
import { inProject } from '../support/paths.ts';

/** Commands that have nothing to do with a node: they open none, which is checked. Keep the list as short as it is. */
const WITHOUT_A_NODE: Readonly<Record<string, string>> = {
  validate: 'reads files',
  lint: 'reads files',
  pin: 'reads and writes files',
  image: 'reads a package',
  report: 'reads and writes files',
  schema: 'prints what is in the program',
  completion: 'prints what is in the program',
  help: 'prints what is in the program',
  'job wait': 'reads what the job has written',
  'job result': 'reads what the job has written',
  'job list': 'reads what jobs have written',
  'job forget': 'removes what the job has written',
};

/** Options of every command that have nothing to do with a node. */
const OPTIONS_WITHOUT_A_NODE: Readonly<Record<string, string>> = {
  '--lab': 'another host than this one: no node is opened',
  '--lab-state': 'keeps that other host',
  '--no-color': 'how the text looks',
  '--version': 'prints what is in the program',
  '--help': 'prints what is in the program',
  '--format github': 'for validate and lint alone',
  '--format sarif': 'for validate and lint alone',
};

const io = {} as Io;
const program = describeProgram(buildProgram(io, () => undefined));
const nameOf = ({ words }: CommandDescription): string => words.join(' ');
const commands = commandsOf(program);
const SCHEMA = JSON.parse(readFileSync(inProject('schemas/playbook.schema.json'), 'utf8')) as {
  readonly definitions: {
    readonly plainStep: { readonly enum: readonly string[] };
    readonly timedStep: { readonly properties: Readonly<Record<string, unknown>> };
  };
};
/** Every step that `activate` may list. */
const STEPS: readonly string[] = [
  ...SCHEMA.definitions.plainStep.enum,
  ...Object.keys(SCHEMA.definitions.timedStep.properties),
];

/** Reasons that do not hold: of commands that are not there (any more), or that do open devices. */
export function wrongReasons(): string[] {
  const known = new Set([...commands.map(nameOf), 'help']);
  return Object.keys(WITHOUT_A_NODE).filter(
    (name) => !known.has(name) || scanArguments(name.split(' ')).opensDevices,
  );
}

/** Everything that has to run on a node: `apply`, `apply --only`, `apply --report junit`, `plan --trace`, `step rescan`. */
export function requiredNames(): string[] {
  const opensDevices = (name: string): boolean => scanArguments(name.split(' ')).opensDevices;
  const own = commands
    .filter((command) => !(nameOf(command) in WITHOUT_A_NODE))
    .flatMap((command) => {
      const name = nameOf(command);
      const options = command.options.flatMap(({ long }) =>
        long === '--report' ? REPORT_KINDS.map((kind) => `${name} ${long} ${kind}`) : [`${name} ${long}`],
      );
      return [name, ...options, ...(opensDevices(name) ? [`${name} --trace`, `${name} --format json`] : [])];
    });
  const common = program.options.flatMap(({ long }) =>
    long === '--format' ? OUTPUT_FORMATS.map((format) => `${long} ${format}`) : [long],
  );
  return [
    ...own,
    ...common.filter((name) => !(name in OPTIONS_WITHOUT_A_NODE)),
    ...STEPS.map((step) => `step ${step}`),
  ].sort();
}

/** What a command line runs, in the same words; `steps` are those of the playbook that it applies. */
export function namesIn(line: string, directory: string): string[] {
  const words = line.replaceAll('"', '').split(' ');
  const command = commands.find(({ words: own }) => own.every((word, index) => words[index] === word));
  if (command === undefined) throw new Error(`no command: ${line}`);
  const name = nameOf(command);
  const isOwn = (long: string): boolean => command.options.some((option) => option.long === long);
  const names = [name];
  for (const [index, word] of words.entries()) {
    const long = optionOf(word, command);
    if (long === null) continue;
    const value = words[index + 1] ?? '';
    if (!isOwn(long)) names.push(long === '--format' ? `${long} ${value}` : long);
    if (long === '--report') names.push(`${name} ${long} ${value.split('=')[0]!}`);
    else names.push(long === '--format' ? `${name} ${long} ${value}` : `${name} ${long}`);
  }
  if (!words.includes('--format')) names.push('--format text');
  const playbook = name === 'apply' ? /\$WORK\/(\S+\.yml)/.exec(line)?.[1] : undefined;
  return playbook === undefined ? names : [...names, ...stepsOf(path.join(directory, playbook))];
}

/** `-y` is `--yes`. */
function optionOf(word: string, { options }: CommandDescription): string | null {
  if (!word.startsWith('-')) return null;
  const all = [...options, ...program.options];
  return all.find(({ short, long }) => word === short || word === long)?.long ?? null;
}

function stepsOf(playbook: string): string[] {
  const activate = /^ *activate: \[(.*)\]$/m.exec(readFileSync(playbook, 'utf8'))?.[1] ?? '';
  return STEPS.filter((step) => new RegExp(`(^|[\\s{])${step}(:|,|$)`).test(activate)).map(
    (step) => `step ${step}`,
  );
}
