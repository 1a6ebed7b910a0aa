// npm run coverage [-- WORD…]: the tests under c8. Its own script, so that nothing is printed behind the closing line of npm test.
import { spawnSync } from 'node:child_process';
import { ensureReady } from './ensure.mjs';
import { root } from './paths.mjs';

ensureReady();
const c8 = [
  '--include',
  'src/**',
  '--exclude',
  'src/generated/**',
  '--all',
  '--reporter',
  'text',
  '--reporter',
  'lcovonly',
];
const { status, error } = spawnSync(
  process.execPath,
  ['node_modules/.bin/c8', ...c8, process.execPath, 'scripts/test.mjs', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
if (error) throw error;
process.exitCode = status ?? 1;
