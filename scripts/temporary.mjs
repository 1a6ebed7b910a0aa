import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A new folder below TMPDIR. Where none can be made the script ends with one sentence. */
export function temporaryFolder(prefix) {
  try {
    return mkdtempSync(path.join(tmpdir(), prefix));
  } catch (error) {
    console.error(
      `no temporary folder can be made in ${tmpdir()}: ${error.code}. Set TMPDIR to a folder that is writable.`,
    );
    process.exit(1);
  }
}
