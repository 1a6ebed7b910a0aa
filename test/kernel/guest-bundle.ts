import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { bundleOptions, copyNativeLibraries } from '../../scripts/build.mjs';
import { inProject } from '../support/paths.ts';

/**
 * Makes one CommonJS file of a program for the guest, with koffi's native library beside it: TypeScript cannot be
 * translated there in reasonable time, and an ES module would start the thread pool too early.
 */
export async function bundleForGuest(source: string, target: string, directory: string): Promise<void> {
  const options: BuildOptions = { ...(bundleOptions('test') as BuildOptions), outfile: target };
  await build({ ...options, entryPoints: [inProject(source)] });
  await copyNativeLibraries(directory);
}
