import { isCi, type Io } from './io.ts';

/** `::error::` at the beginning of a line (GitHub), `##vso[…]` and `##teamcity[…]` anywhere in it. */
const COMMANDS = /^([ \t]*):(?=:)|#(?=#[a-z]*\[)/gm;

/**
 * The streams as a CI system reads them: it obeys commands in what is printed, and a playbook, a device or a program of the
 * playbook could have one printed. They are broken up there, in JSON without changing its value. What is meant for a CI system
 * (`--format github`) does not go through this.
 */
export function withoutCommands(io: Io, isJson: boolean): Io {
  if (!isCi(io.env) && io.env.GITHUB_ACTIONS !== 'true') return io;
  const { env, leave } = io;
  const broken = (text: string): string =>
    text.replaceAll(COMMANDS, (found) => (isJson && found === '#' ? '\\u0023' : `${found} `));
  return {
    env,
    leave,
    get stdin() {
      return io.stdin;
    },
    stdout: writing(io.stdout, broken),
    // Progress and errors of every format are text, but for one document that a program reads.
    stderr: writing(io.stderr, (text) => text.replaceAll(COMMANDS, (found) => `${found} `)),
  };
}

/** The stream, but for the text that is written to it. */
const writing = (stream: NodeJS.WriteStream, changed: (text: string) => string): NodeJS.WriteStream =>
  new Proxy(stream, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => unknown;
      if (name !== 'write') return method.bind(target);
      return (data: unknown, ...rest: unknown[]) =>
        method.call(target, typeof data === 'string' ? changed(data) : data, ...rest);
    },
  });
