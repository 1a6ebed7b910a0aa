import { ReadError, readWhole } from '../base/whole-file.ts';
import { diagnosticOfFile, type Diagnostic } from '../playbook/diagnostics.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { InventoryError, parseInventory } from '../inventory/parse.ts';
import { InvalidFiles } from './invalid-files.ts';

export interface InventoryFile {
  readonly file: string;
  readonly inventory: Inventory;
}

/** A host with thousands of drives; a file far beyond that is none of ours. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Recorded hosts, one after the other: not more than one is kept in memory here. Throws InvalidFiles behind the last one, with what
 * is wrong in all of the files.
 */
export async function* readInventories(files: readonly string[]): AsyncGenerator<InventoryFile> {
  /** By host. */
  const seen = new Map<string, string>();
  const problems: Diagnostic[] = [];
  const problem = (file: string, message: string): void =>
    void problems.push(diagnosticOfFile(file, { code: 'inventory', message }));
  for (const file of files) {
    let inventory: Inventory;
    try {
      inventory = parseInventory(await textOf(file));
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
      problem(file, error.message);
      continue;
    }
    const twin = seen.get(inventory.host);
    if (twin === undefined) {
      seen.set(inventory.host, file);
      yield { file, inventory };
    } else problem(file, `is of host ${inventory.host}, like ${twin}; give only the newer one`);
  }
  if (problems.length > 0) throw new InvalidFiles(problems);
}

async function textOf(file: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readWhole(file, MOST_BYTES));
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new InventoryError('not-an-inventory', `${error.message}; check the path`);
  }
}
