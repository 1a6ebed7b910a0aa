/** What a page tells its reader to do: to save a file, or to type a command and see what it prints. */
export type Step =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | {
      readonly kind: 'command';
      readonly line: number;
      readonly command: string;
      readonly shown: readonly string[];
    };

/**
 * Steps of a page in their order. A fence with a file name (```` ```yaml cards.yml ````) is a file to save; in a fence
 * `console` a line with `$ ` is a command, and the lines below it what it prints. `…` stands for anything in a line, and
 * for any lines where it stands alone.
 */
export function stepsOf(markdown: string): Step[] {
  return [...markdown.matchAll(/^```([a-z]+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].flatMap(
    ({ 1: language, 2: name, 3: text, index }): Step[] => {
      if (name !== undefined) return [{ kind: 'file', name, text: text! }];
      if (language !== 'console') return [];
      const line = markdown.slice(0, index).split('\n').length;
      return commandsOf(text!, line + 1);
    },
  );
}

function commandsOf(text: string, firstLine: number): Step[] {
  const steps: { kind: 'command'; line: number; command: string; shown: string[] }[] = [];
  for (const [i, line] of text.split('\n').slice(0, -1).entries()) {
    if (line.startsWith('$ ')) {
      steps.push({ kind: 'command', line: firstLine + i, command: line.slice(2), shown: [] });
      continue;
    }
    const last = steps.at(-1);
    if (last === undefined) throw new Error(`line ${firstLine + i}: nothing was typed before this`);
    last.shown.push(line);
  }
  return steps;
}

/** True: the page shows what was printed. Blank lines at the end do not count. */
export function shows(shown: readonly string[], printed: string): boolean {
  const pattern = shown
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${line.split('…').map(literal).join('.*')} *\n`))
    .join('');
  return new RegExp(`^${pattern}\\s*$`).test(printed.trimEnd() === '' ? '' : `${printed.trimEnd()}\n`);
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
