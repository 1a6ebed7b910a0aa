import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from './child.ts';
import { inProject, program } from './paths.ts';

/** Captures stay there for whoever looks at the run. */
const SHOTS = inProject('.cache/screens');
const LOOK_EVERY_MS = 400;
const MOST_MS = 120_000;

/** What a terminal shows. */
export interface Shot {
  /** The lines on the screen, without empty ones at its end. */
  readonly lines: readonly string[];
  /** The same with what has scrolled away; a line that the terminal broke is one again. */
  readonly all: readonly string[];
}

/** A tmux server of this test: terminals of a fixed size, each with one runbook in it. */
export class Terminals {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'runbook-tmux-'));

  /** Starts the program on a new terminal; its state directory is its own. */
  async start(name: string, columns: number, rows: number, args: readonly string[]): Promise<void> {
    const words = [process.execPath, program, ...args, '--state-dir', path.join(this.#folder, name)];
    const environment = ['-u', 'CI', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR', 'LANG=C.UTF-8', 'LC_ALL=C.UTF-8'];
    const command = ['exec', 'env', ...environment, ...words].map((word) => `'${word}'`).join(' ');
    await this.#tmux(
      [
        'new-session',
        '-d',
        '-s',
        name,
        '-x',
        `${columns}`,
        '-y',
        `${rows}`,
        command.replace("'exec'", 'exec'),
      ],
      [';', 'set-option', '-w', '-t', name, 'remain-on-exit', 'on'],
    );
  }

  /** Looks until `isThere`, and keeps what it saw; throws with the last look when that takes too long. */
  async until(name: string, what: string, isThere: (lines: readonly string[]) => boolean): Promise<Shot> {
    const lastMs = Date.now() + MOST_MS;
    for (;;) {
      const lines = await this.#capture(name);
      if (isThere(lines)) {
        keep(`${name}-${what}`, lines);
        return { lines, all: await this.#capture(name, '-J', '-S', '-') };
      }
      if (Date.now() > lastMs) throw new Error(`${name} never shows ${what}:\n${lines.join('\n')}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #capture(name: string, ...how: readonly string[]): Promise<string[]> {
    return linesOf(await this.#tmux(['capture-pane', '-p', '-t', name, ...how]));
  }

  async type(name: string, ...keys: readonly string[]): Promise<void> {
    await this.#tmux(['send-keys', '-t', name, ...keys]);
  }

  /** The program of a lost terminal goes on: it is killed first. */
  async close(): Promise<void> {
    const pids = await this.#tmux(['list-panes', '-a', '-F', '#{?pane_dead,,#{pane_pid}}']);
    for (const pid of pids.split('\n')) if (pid !== '') process.kill(Number(pid), 'SIGKILL');
    await this.#tmux(['kill-server']);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #tmux(...commands: readonly (readonly string[])[]): Promise<string> {
    const args = ['-u', '-f', '/dev/null', '-S', path.join(this.#folder, 'socket'), ...commands.flat()];
    const { exitCode, stdout, stderr } = await runChild('tmux', args, { env: { TMUX: undefined } });
    if (exitCode !== 0) throw new Error(`tmux ${commands.flat().join(' ')}: ${stderr}`);
    return stdout;
  }
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n+(?:Pane is dead.*)?\n*$/, '')
    .split('\n');

function keep(name: string, lines: readonly string[]): void {
  mkdirSync(SHOTS, { recursive: true });
  writeFileSync(path.join(SHOTS, `${name}.txt`), `${lines.join('\n')}\n`);
}
