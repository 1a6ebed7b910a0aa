import { spawnSync } from 'node:child_process';

/** What a POSIX shell calls with these lines, word by word; the programs themselves are not started. */
export function calledBy(lines: readonly string[], programs: readonly string[]): string[][] {
  const stubs = programs.map((name) => `${name}() { printf '%s\\0' ${name} "$@"; printf '\\n\\0'; }`);
  const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', [...stubs, ...lines].join('\n')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the shell ended with ${status}: ${stderr}`);
  const calls: string[][] = [[]];
  for (const word of stdout.split('\0').slice(0, -1)) {
    if (word === '\n') calls.push([]);
    else calls.at(-1)!.push(word);
  }
  return calls.slice(0, -1);
}
