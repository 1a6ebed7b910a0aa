// Makes dist/runbook.cjs, the program as one CommonJS file, with koffi's native libraries beside it, and
// dist/runbook.cache, which it starts faster with and does without.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleInParts } from './lazy-parts.mjs';
import { program, root } from './paths.mjs';

const ENTRY = path.join(root, 'src/cli/entry.ts');
const DIST = path.join(root, 'dist');
const CACHE = path.join(DIST, 'runbook.cache');
const MAKE_CACHE = path.join(root, 'scripts/code-cache.mjs');

/**
 * What every bundle of the project shares. koffi's ESM entry looks for its native file through import.meta and dies
 * in a CommonJS file, so the name leads to its CommonJS entry, which looks beside the file that it is in.
 */
export const bundleOptions = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  absWorkingDir: root,
  alias: { koffi: path.join(root, 'node_modules/koffi/index.cjs') },
  logLevel: 'warning',
};

/** koffi looks for `<platform>_<arch>/koffi.node`, glibc or musl, in the folder of the bundle. */
export async function copyNativeLibraries(directory) {
  const packages = path.join(root, 'node_modules/@koromix');
  for (const name of await readdir(packages)) {
    for (const triplet of await readdir(path.join(packages, name))) {
      if (!/^(linux|musl)_/.test(triplet)) continue;
      await cp(path.join(packages, name, triplet), path.join(directory, triplet), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
  }
}

/**
 * Builds the program. Builds at the same time do no harm: a file appears whole or not at all, and the program leaves
 * the cache of another build alone.
 */
export async function buildProgram() {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const text = await bundleInParts({
    entry: ENTRY,
    banner: '#!/usr/bin/env node',
    options: { ...bundleOptions, define: { RUNBOOK_VERSION: JSON.stringify(version) } },
  });
  await mkdir(DIST, { recursive: true });
  await mkdir(path.join(root, '.cache'), { recursive: true });
  await copyNativeLibraries(DIST);
  // Not in dist, which may be copied at any time.
  const unfinished = await mkdtemp(path.join(root, '.cache/build-'));
  try {
    const file = path.join(unfinished, 'runbook.cjs');
    const cache = path.join(unfinished, 'runbook.cache');
    await writeFile(file, text);
    await chmod(file, 0o755);
    await promisify(execFile)(process.execPath, [MAKE_CACHE, file, cache], { cwd: root });
    await rename(file, program);
    await rename(cache, CACHE);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { file: program, bytes: Buffer.byteLength(text) };
}

if (process.argv[1] === import.meta.filename) {
  const started = performance.now();
  try {
    const { file, bytes } = await buildProgram();
    const ms = Math.round(performance.now() - started);
    console.log(`${path.relative(root, file)}: ${Math.round(bytes / 1024)} KiB in ${ms} ms`);
  } catch (error) {
    if (error.errors === undefined) throw error; // else esbuild has shown what is wrong
    process.exitCode = 1;
  }
}
