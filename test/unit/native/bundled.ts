import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { bundleOptions, copyNativeLibraries } from '../../../scripts/build.mjs';

const NATIVE = path.resolve(import.meta.dirname, '../../../src/native');

/**
 * Runs a piece of code as a CommonJS bundle in a process of its own, as the product runs: under a loader of ES modules the
 * thread pool exists before our first line. The code sees all exports of libc.ts; what it prints as JSON comes back.
 */
export async function runBundled<T>(
  code: string,
  { env = {}, args = [] }: { env?: Record<string, string>; args?: string[] } = {},
): Promise<T> {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-native-'));
  try {
    const outfile = path.join(directory, 'program.cjs');
    await build({
      ...(bundleOptions('test') as BuildOptions),
      outfile,
      stdin: {
        contents: `import { loadLibc, startLibc, ioctlThreads, callsInFlight } from './libc.ts';
          import fs from 'node:fs';
          ${code}`,
        loader: 'ts',
        resolveDir: NATIVE,
      },
    });
    await copyNativeLibraries(directory);
    const environment = { ...process.env, ...env };
    delete environment['NODE_OPTIONS'];
    if (env['UV_THREADPOOL_SIZE'] === undefined) delete environment['UV_THREADPOOL_SIZE'];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, outfile], {
      cwd: directory,
      env: environment,
      timeout: 30_000,
    });
    return JSON.parse(stdout) as T;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
