/** What a word of another tool (Ansible, apt, fwupd, sg3_utils) is here. */
interface Elsewhere {
  readonly words: readonly string[];
  /** A sentence. */
  readonly here: string;
}

const PLAN_FIRST =
  'runbook plan PLAYBOOK shows what would be done and changes nothing; runbook apply PLAYBOOK does it.';
const LOOK = 'runbook devices lists the devices, runbook status DEVICE asks one of them.';

export const OTHER_COMMANDS: readonly Elsewhere[] = [
  {
    words: ['upgrade', 'update', 'flash', 'install', 'download', 'write', 'run', 'start', 'upload'],
    here: PLAN_FIRST,
  },
  {
    words: ['check', 'test', 'dry-run', 'simulate', 'preview', 'diff', 'show'],
    here: 'runbook plan PLAYBOOK shows what would be done and changes nothing; runbook validate PLAYBOOK checks the file alone.',
  },
  { words: ['list', 'ls', 'scan', 'get-devices', 'discover', 'info', 'inquiry', 'query'], here: LOOK },
  { words: ['version'], here: 'runbook --version prints it.' },
  { words: ['log', 'logs', 'runs', 'get-history'], here: 'runbook history lists the runs on this host.' },
];

export const OTHER_OPTIONS: readonly Elsewhere[] = [
  {
    words: ['--dry-run', '--check', '--simulate', '--noop', '--no-act', '--what-if', '--diff', '-n', '-C'],
    here: 'runbook plan PLAYBOOK shows what would be done and changes nothing.',
  },
  {
    words: ['--limit', '-l', '--device', '-d', '--target', '--filter', '--host'],
    here: 'plan, apply and verify take --only DEVICE.',
  },
  { words: ['--json', '-j', '--output', '-o'], here: 'Every command takes --format json.' },
  { words: ['--debug', '-vv', '-vvv'], here: '-v shows more, --trace FILE keeps every command.' },
  {
    words: ['--force', '-f', '--allow-older', '--allow-reinstall', '--no-check'],
    here: 'Nothing is forced here: each refusal says what to do about its own reason.',
  },
  {
    words: ['--mode', '-m', '--bpw', '-b', '--in', '-I', '--length', '--offset', '--subenc'],
    here: 'How an image is sent stands in the playbook (download: mode, bpw); runbook init --device DEVICE --firmware FILE writes one.',
  },
];

const find = (table: readonly Elsewhere[], word: string): string | null =>
  table.find(({ words }) => words.includes(word))?.here ?? null;

/** What a command of another tool is here; null: nothing is known of it. */
export const commandElsewhere = (word: string): string | null => find(OTHER_COMMANDS, word);

/** What an option of another tool is here, with its value or without; null: nothing is known of it. */
export const optionElsewhere = (word: string): string | null => find(OTHER_OPTIONS, word.split('=', 1)[0]!);
