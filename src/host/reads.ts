import { readdirSync, readFileSync } from 'node:fs';
import type { FactName, Unreadable } from '../base/facts.ts';
import { refusal } from '../base/refusal.ts';

/** What is not there, or is just going away, is absent; every other error is one of reading. */
const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO'];

/** Reads of /proc, /run and sysfs for one fact. What could not be read is kept, and is not the same as what is not there. */
export class Reads {
  readonly #fact: FactName;
  #unreadable: readonly Unreadable[] = [];

  constructor(fact: FactName) {
    this.#fact = fact;
  }

  /** The first thing that could not be read; empty: all that is there was read. */
  get unreadable(): readonly Unreadable[] {
    return this.#unreadable;
  }

  /** Sorted; empty: there is no such directory. */
  names(directory: string): string[] {
    return this.#read(directory, () => readdirSync(directory).sort()) ?? [];
  }

  /** Trimmed; empty: there is no such file. */
  text(file: string): string {
    return this.#read(file, () => readFileSync(file, 'utf8').trim()) ?? '';
  }

  lines(file: string): string[] {
    const content = this.text(file);
    return content === '' ? [] : content.split('\n');
  }

  #read<Value>(file: string, read: () => Value): Value | null {
    try {
      return read();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!ABSENT.includes(code) && this.#unreadable.length === 0) {
        const why = refusal('host-unreadable', { file, errno: code ?? 'unknown error' });
        this.#unreadable = [{ fact: this.#fact, why }];
      }
      return null;
    }
  }
}
