import { OUTPUT_FORMATS, type OutputFormat } from './answer.ts';

/** Commands that may open devices, `devices` with --probe alone; only these pay for a thread pool. */
export const DEVICE_COMMANDS: readonly string[] = [
  'plan',
  'apply',
  'devices',
  'status',
  'verify',
  'init',
  'doctor',
];

const COMMANDS: readonly string[] = [
  'validate',
  'pin',
  'lint',
  ...DEVICE_COMMANDS,
  'image',
  'lab',
  'report',
  'history',
  'job',
  'schema',
  'completion',
  'help',
];

/** Options with a value in the next word, so that the value is not taken for a command. */
export const WITH_VALUE: readonly string[] = [
  '--format',
  '--lab',
  '--lab-state',
  '--state-dir',
  '--trace',
  '--sysfs',
  '--proc',
  '--accept',
  '--because',
  '--wait',
  '--only',
  '--recover',
  '--device',
  '--digest',
  '--firmware',
  '--revision',
  '--member',
  '--strip',
  '--out',
  '--valid-for',
  '--report',
  '--inventory',
  '--limit',
  '--prune',
  '--job',
  '--for',
  '--as',
];

/** What must be known before argv is parsed: even a command line that cannot be parsed is answered in its format. */
export interface Scan {
  readonly format: OutputFormat;
  readonly command: string | null;
  readonly verbose: boolean;
  readonly color: boolean;
  /** A command that will open sg nodes of this machine. */
  readonly opensDevices: boolean;
}

/** Looks through the words before commander does: the format of an error about them must be known. Never throws. */
export function scanArguments(argv: readonly string[]): Scan {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  let format: OutputFormat = 'text';
  let command: string | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const wanted = word === '--format' ? words[i + 1] : /^--format=(.*)$/.exec(word)?.[1];
    format = OUTPUT_FORMATS.find((known) => known === wanted) ?? format;
    // A value that is missing takes the next option's place; the format is meant nevertheless.
    if (WITH_VALUE.includes(word) && !/^--format(=|$)/.test(words[i + 1] ?? '')) i++;
    else if (command === null && COMMANDS.includes(word)) command = word;
  }
  const lab = words.some((word) => word === '--lab' || word.startsWith('--lab='));
  const help = words.some((word) => word === '--help' || word === '-h');
  const verbose = words.some((word) => word === '-v' || word === '--verbose');
  const color = !words.includes('--no-color');
  const looks = command === 'devices' && !words.includes('--probe');
  // The process that it starts opens them.
  const detaches = words.includes('--detach');
  // `doctor` looks at the threads of this machine, whatever host it is asked about.
  const onMachine = !lab || command === 'doctor';
  const opensDevices = DEVICE_COMMANDS.includes(command ?? '') && !looks && onMachine && !help && !detaches;
  return { format, command, verbose, color, opensDevices };
}
