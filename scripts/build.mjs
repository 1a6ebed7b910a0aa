// Makes dist/: runbook.cjs, which looks whether the program can run here, program.cjs, which is the program, and koffi's
// native parts beside them.
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, transform } from 'esbuild';
import { program, root } from './paths.mjs';

const ENTRY = path.join(root, 'src/cli/entry.cjs');
const START = path.join(root, 'src/cli/start.ts');
const DIST = path.dirname(program);

/**
 * What the program says of itself (src/base/program-facts.ts). Where git does not know this folder, there is no commit; where the
 * work tree differs from the commit, that is said.
 */
export async function buildFacts() {
  const versionIn = async (file) => JSON.parse(await readFile(path.join(root, file), 'utf8')).version;
  const version = await versionIn('package.json');
  const koffi = await versionIn('node_modules/koffi/package.json');
  const git = (...args) =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    if (realpathSync(git('rev-parse', '--show-toplevel')) !== realpathSync(root))
      throw new Error('of another project');
    const [commit, seconds] = git('log', '-1', '--abbrev=12', '--format=%h %ct').split(' ');
    const changes = git('status', '--porcelain') === '' ? '' : '+changes';
    const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
    return { version, commit: `${commit}${changes}`, date, koffi };
  } catch {
    return { version, commit: null, date: null, koffi };
  }
}

/**
 * What every bundle of the project shares.
 *
 * @param facts what the program says of itself; the name of a bundle that is none
 */
export const bundleOptions = (facts) => ({
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  absWorkingDir: root,
  define: {
    'import.meta.filename': '__filename',
    RUNBOOK_BUILD: JSON.stringify(
      typeof facts === 'string' ? { version: facts, commit: null, date: null, koffi: '' } : facts,
    ),
  },
  logLevel: 'warning',
});

/**
 * No spaces and short forms, but the names of functions stay, and lines are short: the stack in a bug report says where it was.
 * A start with short names takes as long.
 */
const SMALL = { minifyWhitespace: true, minifySyntax: true, lineLimit: 160, legalComments: 'none' };

/** The whole program as one file: `program.cjs`. */
export const programOptions = (facts) => ({ ...bundleOptions(facts), ...SMALL, entryPoints: [START] });

/** `runbook.cjs`, for every Node that there ever was: esbuild refuses what it cannot write in the language of 2009. */
export async function entryText() {
  const { engines } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const { code } = await transform(await readFile(ENTRY, 'utf8'), {
    target: 'es5',
    define: { NODE_NEEDED: JSON.stringify(engines.node.replace(/^>=/, '')) },
  });
  return code;
}

/** src/native/koffi.ts looks for `<platform>_<arch>/koffi.node`, glibc or musl, in the folder of the bundle. */
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

/** Builds the program. Builds at the same time do no harm: a file appears whole or not at all. */
export async function buildProgram() {
  const bundle = await build({ ...programOptions(await buildFacts()), write: false });
  const entry = await entryText();
  await mkdir(DIST, { recursive: true });
  await mkdir(path.join(root, '.cache'), { recursive: true });
  await copyNativeLibraries(DIST);
  // Not in dist, which may be copied at any time.
  const unfinished = await mkdtemp(path.join(root, '.cache/build-'));
  try {
    const texts = { 'program.cjs': bundle.outputFiles[0].text, 'runbook.cjs': entry };
    for (const [name, text] of Object.entries(texts)) {
      const file = path.join(unfinished, name);
      await writeFile(file, text);
      if (name === 'runbook.cjs') await chmod(file, 0o755);
      await rename(file, path.join(DIST, name));
    }
    return { file: program, bytes: Buffer.byteLength(texts['program.cjs']) };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
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
