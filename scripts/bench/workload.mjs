// Workloads of the benchmark are TypeScript over src/: bundled as the program is, each run in a process of its own.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { bundleOptions } from '../build.mjs';
import { root } from '../paths.mjs';

const BUNDLES = path.join(root, '.cache/bench');

/** Bundles `scripts/bench/<name>.ts` for each name; `runWorkload` starts them. */
export async function buildWorkloads(names) {
  await build({
    ...bundleOptions('bench'),
    entryPoints: names.map((name) => path.join(import.meta.dirname, `${name}.ts`)),
    outdir: BUNDLES,
    outExtension: { '.js': '.cjs' },
  });
}

/** Runs one and returns what it told. */
export function runWorkload(name, ...args) {
  const { status, stdout, error } = spawnSync(
    process.execPath,
    [path.join(BUNDLES, `${name}.cjs`), ...args.map(String)],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`the workload ${name} ended with status ${status}`);
  return JSON.parse(stdout);
}
