// The only file that knows where koffi's native part lies. Its own loader is not used: in a bundle it looks in places outside
// of the installation, and does not say where it looked.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type koffiModule from 'koffi';
import { isExecutable } from '../base/program-facts.ts';
import { NativeError } from './native-error.ts';

export type Koffi = typeof koffiModule;

/** The interpreter of a program is named in its first bytes. */
const HEAD_BYTES = 4096;
const require = createRequire(import.meta.filename);
let loaded: Koffi | undefined;
let loadedFrom: string | undefined;

/**
 * Loads koffi's native part, once. The executable has one place for it, below the folder that it is installed in; the bundle
 * looks into the folders beside it, which are made with it, and into the package that npm has installed for this platform. Throws
 * NativeError `no-native-part`, which says where it looked.
 */
export function loadKoffi(): Koffi {
  return (loaded ??= configured(
    isExecutable()
      ? loadFirst([besideExecutable(process.execPath)])
      : nativePart(path.dirname(import.meta.filename)),
  ));
}

/** Where the native part was loaded from; undefined: it is not loaded. */
export const nativePartFile = (): string | undefined => loadedFrom;

/** `/usr/bin/runbook` → `/usr/lib/runbook/koffi.node`. Whoever may write there decides what runs as root: no other place is tried. */
const besideExecutable = (executable: string): string =>
  path.resolve(path.dirname(executable), '../lib/runbook/koffi.node');

function nativePart(directory: string): Koffi {
  const platform = `${process.platform}-${process.arch}`;
  // Only that of the program's own libc: the other one may load as well, and then both are in one process.
  const folder = `${isMusl() ? 'musl' : process.platform}_${process.arch}`;
  const packed = packageDirectory(`@koromix/koffi-${platform}`);
  const files = [directory, ...(packed === null ? [] : [packed])].map((place) =>
    path.join(place, folder, 'koffi.node'),
  );
  return loadFirst(files, packed === null ? [`the package @koromix/koffi-${platform}`] : []);
}

/** Loads the first of the files that is there and fits. `elsewhere`: other places where there is none. */
function loadFirst(files: readonly string[], elsewhere: readonly string[] = []): Koffi {
  const platform = `${process.platform}-${process.arch}`;
  let problem: unknown;
  for (const file of files) {
    if (!existsSync(file)) continue;
    try {
      const module: { exports: unknown } = { exports: {} };
      process.dlopen(module, file);
      loadedFrom = file;
      return module.exports as Koffi;
    } catch (error) {
      problem ??= error;
    }
  }
  const tried = [...files, ...elsewhere];
  const what =
    problem instanceof Error
      ? `the native part for ${platform} cannot be loaded: ${problem.message}`
      : `there is no native part for this platform (${platform})`;
  throw new NativeError('no-native-part', `${what}; looked for ${tried.join(', ')}`, {}, { cause: problem });
}

/** koffi takes its settings before the first library only. */
function configured(koffi: Koffi): Koffi {
  // The default of 256 calls is too few for 256 devices.
  koffi.config({
    max_async_calls: 4096,
    resident_async_pools: 32,
    async_stack_size: 65_536,
    async_heap_size: 4096,
  });
  return koffi;
}

function packageDirectory(name: string): string | null {
  try {
    return path.dirname(require.resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

/** The program that runs, node, is linked to musl. */
function isMusl(): boolean {
  const head = Buffer.alloc(HEAD_BYTES);
  const fd = openSync(process.execPath, 'r');
  try {
    readSync(fd, head);
  } finally {
    closeSync(fd);
  }
  return head.includes('/ld-musl-');
}
