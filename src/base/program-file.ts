import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where programs of a playbook are looked for, whatever the environment of the caller says. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The file that is run for the first word of a command; null: there is none. */
export function programFile(name: string): string | null {
  if (path.isAbsolute(name)) return name;
  const files = PROGRAM_PATH.split(':').map((folder) => path.join(folder, name));
  return name === '' || name.includes('/') ? null : (files.find((file) => existsSync(file)) ?? null);
}
