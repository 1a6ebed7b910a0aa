// npm run soak [-- --seconds N] [--seed N] [--runs N]: random labs, playbooks and faults, and what must hold after each run.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureInstalled } from './ensure.mjs';
import { root } from './paths.mjs';

ensureInstalled();
// Needs installed packages, so not before.
const { build } = await import('esbuild');
const { bundleOptions } = await import('./build.mjs');
const outfile = path.join(root, '.cache/soak/soak.cjs');
await build({
  ...bundleOptions('soak'),
  entryPoints: [path.join(root, 'scripts/soak/soak.ts')],
  outfile,
  sourcemap: 'inline',
});
const { status, error } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--expose-gc', outfile, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
if (error) throw error;
process.exitCode = status ?? 1;
