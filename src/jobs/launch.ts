import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';

/** A program to start in the background. */
export interface Launch {
  readonly job: string;
  /** Which begin it is: part of the name of a unit of systemd. */
  readonly begin: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Takes stdout and stderr. */
  readonly output: string;
}

/** The result of the start; `ended` settles when the program has ended, as far as that can be seen from here. */
export interface Launched {
  /** `systemd`: a unit of the system. `session`: a session of its own. */
  readonly by: 'systemd' | 'session';
  readonly ended: Promise<number | null>;
}

/** Where systemd runs the machine it removes what a login leaves behind, so a job of root must be a unit of the system. */
export const hasSystemd = (): boolean => existsSync('/run/systemd/system');

/** Starts a program that outlives this process, its terminal and its login. Rejects with a sentence. */
export async function launch(what: Launch, { isRoot }: { readonly isRoot: boolean }): Promise<Launched> {
  return isRoot && hasSystemd() ? await asUnit(what) : inSession(what);
}

/** A session of its own, so that neither a hang-up nor ^C reaches it. */
function inSession({ argv, cwd, environment, output }: Launch): Launched {
  const [program, ...args] = argv;
  const fd = openSync(output, 'a', 0o600);
  try {
    const child = spawn(program!, args, {
      cwd,
      env: environment,
      stdio: ['ignore', fd, fd],
      detached: true,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) => resolve(code));
    });
    ended.catch(() => undefined);
    child.unref();
    return { by: 'session', ended };
  } finally {
    closeSync(fd);
  }
}

/** How systemd may end it: with TERM, which takes effect between two units; never with KILL in the middle of one. */
const NEVER_KILLED = ['KillMode=process', 'SendSIGKILL=no', 'TimeoutStopSec=infinity'];

function asUnit({ job, begin, argv, cwd, environment, output }: Launch): Promise<Launched> {
  const properties = [
    ...NEVER_KILLED,
    `WorkingDirectory=${cwd}`,
    `StandardOutput=file:${output}`,
    `StandardError=file:${output}`,
  ];
  const words = [
    ...['--quiet', '--collect', '--no-ask-password', `--unit=runbook-${job}-${begin}`],
    `--description=runbook job ${job}`,
    ...properties.map((property) => `--property=${property}`),
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
    '--',
    // systemd replaces variables in the words of a command; `$$` is a dollar.
    ...argv.map((word) => word.replaceAll('$', '$$$$')),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('systemd-run', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (said = (said + piece).slice(-2000)));
    child.on('error', (error) => reject(new Error(`systemd-run: ${error.message}`)));
    child.on('close', (code) => {
      // Its end is not seen from here: a unit belongs to systemd.
      if (code === 0) resolve({ by: 'systemd', ended: new Promise<never>(() => undefined) });
      else reject(new Error(`systemd-run: ${said.trim() || `exit ${code}`}`));
    });
  });
}
