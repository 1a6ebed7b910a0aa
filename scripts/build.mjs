// Makes dist/runbook.cjs, the program as one CommonJS file, with koffi's native libraries beside it.
import { chmod, cp, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleInParts } from './lazy-parts.mjs';
import { root } from './paths.mjs';

const ENTRY = path.join(root, 'src/cli/entry.ts');
const DIST = path.join(root, 'dist');
const BUNDLE = path.join(DIST, 'runbook.cjs');

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

/** Builds the program. Two builds at a time do no harm: the file appears whole or not at all. */
export async function buildProgram() {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const text = await bundleInParts({
    entry: ENTRY,
    banner: '#!/usr/bin/env node',
    options: { ...bundleOptions, define: { RUNBOOK_VERSION: JSON.stringify(version) } },
  });
  await mkdir(DIST, { recursive: true });
  await copyNativeLibraries(DIST);
  const unfinished = `${BUNDLE}.${process.pid}`;
  await writeFile(unfinished, text);
  await chmod(unfinished, 0o755);
  await rename(unfinished, BUNDLE);
  return { file: BUNDLE, bytes: Buffer.byteLength(text) };
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
