import { statSync } from 'node:fs';
import path from 'node:path';
import { realTarget } from '../base/durable-file.ts';
import { parseYaml } from '../playbook/yaml.ts';
import { looksLikePlanFile } from '../run/plan/plan-file.ts';
import { readText } from './read-text.ts';
import { scanArguments } from './scan.ts';
import { UsageError } from './usage-error.ts';

/** Options whose file is written, and what was in it is gone. */
const WRITING_OPTIONS: readonly string[] = ['--out', '--trace', '--lab-state', '--report'];

interface Output {
  /** The option as it was given. */
  readonly told: string;
  readonly file: string;
  /** Of the word with the file. */
  readonly index: number;
}

/**
 * Refuses a command line that would write over a file that it reads: one that it names, or one that a playbook, a plan or a lab
 * on it names, an image for one; also through links, and under another name of the same file. Throws UsageError.
 */
export async function checkOutputs(argv: readonly string[]): Promise<void> {
  const end = argv.indexOf('--');
  const outputs = outputsOf(end < 0 ? argv : argv.slice(0, end));
  const taken = new Map<string, Output>();
  for (const output of outputs) {
    const key = keyOf(output.file);
    if (key === null) continue;
    if (taken.has(key)) throw isUsed(output);
    taken.set(key, output);
  }
  const command = argv.indexOf(scanArguments(argv).command ?? '');
  const written = new Set(outputs.map(({ index }) => index));
  for (const [index, word] of argv.entries()) {
    if (index === command || written.has(index)) continue;
    const file = splitOption(word)[1] ?? word;
    const output = taken.get(keyOf(file) ?? '');
    if (output !== undefined) throw isUsed(output);
    if (keyOfInput(file) !== null) await refuseNamed(file, taken, new Set());
  }
}

/** What the file itself names, and what that names in turn. */
async function refuseNamed(
  file: string,
  taken: ReadonlyMap<string, Output>,
  seen: Set<string>,
): Promise<void> {
  for (const named of await namedIn(file)) {
    const key = keyOfInput(named);
    if (key === null || seen.has(key)) continue;
    seen.add(key);
    const output = taken.get(key);
    if (output !== undefined)
      throw new UsageError(
        `${output.told}: ${file} names this file, so this command reads it`,
        'Write to a file of another name.',
      );
    await refuseNamed(named, taken, seen);
  }
}

async function namedIn(file: string): Promise<string[]> {
  // What comes through a pipe can be read only once.
  const { text } = await readText(file);
  if (text === null || !(looksLikePlanFile(text) || /^(?:runbook|lab)\s*:/m.test(text))) return [];
  const directory = path.dirname(file);
  const { document } = parseYaml(file, text);
  return filesOf(document?.value).map((name) => path.resolve(directory, name));
}

/** The values of every key `file`, as playbooks, labs and plans have them, and programs that are run. */
function filesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) => {
    if (key === 'file' && typeof entry === 'string') return [entry];
    if (key === 'run' && Array.isArray(entry) && typeof entry[0] === 'string') return [entry[0]];
    return filesOf(entry);
  });
}

function outputsOf(words: readonly string[]): Output[] {
  return words.flatMap((word, at): Output[] => {
    const [option, inline] = splitOption(word);
    if (!WRITING_OPTIONS.includes(option)) return [];
    const index = inline === null ? at + 1 : at;
    const value = inline ?? words[index];
    if (value === undefined) return [];
    const file = option === '--report' ? value.slice(value.indexOf('=') + 1) : value;
    return [{ told: `${option} ${value}`, file, index }];
  });
}

/** One text for one file; null: a device or a pipe, in which nothing is lost. */
function keyOf(file: string): string | null {
  const stats = statsOf(file);
  return stats === undefined ? realTarget(file) : keyOfInput(file);
}

/** null: there is no such file, or nothing in it could be lost. */
function keyOfInput(file: string): string | null {
  const stats = statsOf(file);
  return stats?.isFile() === true ? `${stats.dev}:${stats.ino}` : null;
}

function statsOf(file: string): ReturnType<typeof statSync> {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // words that are not a path
  }
}

/** `--lab=FILE` in its parts; null: the word is not an option with its value. */
function splitOption(word: string): [string, string | null] {
  const match = /^(--[a-z-]+)=(.*)$/s.exec(word);
  return match === null ? [word, null] : [match[1]!, match[2]!];
}

const isUsed = ({ told }: Output): UsageError =>
  new UsageError(`${told}: this command already uses the file`, 'Use a different file for each option.');
