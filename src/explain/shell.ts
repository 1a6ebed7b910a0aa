/** One word of a command line as a POSIX shell reads it back: quoted only where it has to be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(' ');

/** A file as an argument that no tool takes for an option, nor `-` for its standard input. */
export const fileWord = (file: string): string => (file.startsWith('-') ? `./${file}` : file);

/** The same command for 0 … count−1: the first few as they are, more of them as a loop. */
export function shellLoop(count: number, line: (index: Index) => string): readonly string[] {
  if (count <= MOST_LISTED) return Array.from({ length: count }, (_, index) => line(listed(index)));
  return [`for i in $(seq 0 ${count - 1}); do ${line(LOOPED)} || break; done`];
}

const MOST_LISTED = 4;

/** A number that depends on the turn of a loop, as text for the shell. */
export interface Index {
  /** `base + index × step`. */
  linear(base: number, step: number): string;
  /** One value for the turns before `index`, another from there on. */
  before(index: number, value: number, other: number): string;
}

const listed = (index: number): Index => ({
  linear: (base, step) => String(base + index * step),
  before: (limit, value, other) => String(index < limit ? value : other),
});

const LOOPED: Index = {
  linear: (base, step) => (step === 0 ? String(base) : `$((${base} + i * ${step}))`),
  before: (limit, value, other) =>
    value === other ? String(value) : `$((i < ${limit} ? ${value} : ${other}))`,
};
