// Import this before temporary files are made. Every test file has a folder of its own for them, and for those of the
// programs that it starts, which is gone when its process ends. scripts/test-runner.mjs gives it one, and takes it away
// even when the process was killed; a file that is run by itself makes it here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const given = process.env['RUNBOOK_TEST_FOLDER'];
// A test of the runner starts files of its own, with other folders.
delete process.env['RUNBOOK_TEST_FOLDER'];
process.env['TMPDIR'] = given ?? ownFolder();

function ownFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-t-'));
  // Before this one, listeners of the test file have taken away what they know of.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 2 }));
  return folder;
}
