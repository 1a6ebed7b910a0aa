/** An option of every command, and the variable that gives it. */
interface GlobalOption {
  readonly option: string;
  readonly variable: string;
  readonly isSwitch: boolean;
}

/** Options of every command that the environment may give. The hidden ones for tests are not among them. */
export const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  { option: '--format', variable: 'RUNBOOK_FORMAT', isSwitch: false },
  { option: '--lab', variable: 'RUNBOOK_LAB', isSwitch: false },
  { option: '--lab-state', variable: 'RUNBOOK_LAB_STATE', isSwitch: false },
  { option: '--state-dir', variable: 'RUNBOOK_STATE_DIR', isSwitch: false },
  { option: '--trace', variable: 'RUNBOOK_TRACE', isSwitch: false },
  { option: '--no-color', variable: 'RUNBOOK_NO_COLOR', isSwitch: true },
  { option: '--verbose', variable: 'RUNBOOK_VERBOSE', isSwitch: true },
];

/** Other spellings of an option on the command line. */
const SHORT: Readonly<Record<string, string>> = { '-v': '--verbose' };
/** A switch with one of these values is off. */
const OFF: readonly string[] = ['0', 'false', 'no', 'off'];

/** The variable of an option; null: it has none. */
export const variableOf = (option: string): string | null =>
  GLOBAL_OPTIONS.find((known) => known.option === option)?.variable ?? null;

/** A command line with what the environment adds to it. */
export interface CompleteWords {
  readonly argv: readonly string[];
  /** `RUNBOOK_LAB=cards.lab.yml` for each option that came from the environment. */
  readonly fromEnvironment: readonly string[];
}

/** Nothing in it that a terminal obeys, or that looks like another option. */
const isPlain = (value: string): boolean => /^[\w./:@%+,=-]+$/.test(value);

/**
 * Puts the options that the environment gives in front of the words, as if they had been typed. What stands on the command
 * line is stronger. An empty variable counts as unset, and a switch is off with 0, false, no and off.
 */
export function withEnvironment(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CompleteWords {
  const end = words.indexOf('--');
  const typed = new Set(
    words.slice(0, end < 0 ? words.length : end).map((word) => SHORT[word] ?? word.split('=', 1)[0]!),
  );
  const given = GLOBAL_OPTIONS.flatMap(({ option, variable, isSwitch }) => {
    const value = env[variable] ?? '';
    if (value === '' || typed.has(option) || (isSwitch && OFF.includes(value.toLowerCase()))) return [];
    return [
      {
        word: isSwitch ? option : `${option}=${value}`,
        told: `${variable}=${isPlain(value) ? value : JSON.stringify(value)}`,
      },
    ];
  });
  return {
    argv: [...given.map(({ word }) => word), ...words],
    fromEnvironment: given.map(({ told }) => told),
  };
}
