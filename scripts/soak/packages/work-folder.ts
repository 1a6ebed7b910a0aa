import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Plain files by name. */
export type Files = ReadonlyMap<string, Buffer>;

/** Runs `act` in a folder that holds these files, and takes the folder away. */
export function inFolder<Result>(
  files: Readonly<Record<string, Uint8Array>>,
  act: (folder: string) => Result,
): Result {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-differences-'));
  try {
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), bytes);
    }
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What lies in a folder; links and special files are left out. */
export function filesIn(folder: string): Files {
  const found = new Map<string, Buffer>();
  const enter = (directory: Buffer, prefix: string): void => {
    for (const raw of readdirSync(directory, { encoding: 'buffer' })) {
      const place = Buffer.concat([directory, Buffer.from('/'), raw]);
      const name = prefix + raw.toString('utf8').replaceAll('\\', '/');
      const stat = lstatSync(place);
      if (stat.isDirectory()) enter(place, `${name}/`);
      else if (stat.isFile()) found.set(name, readFileSync(place));
    }
  };
  enter(Buffer.from(folder), '');
  return found;
}
