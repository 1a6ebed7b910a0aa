// One executable: Node.js itself with the program inside (https://nodejs.org/api/single-executable-applications.html).
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeRuntime } from './runtime.mjs';

/** Builds `work/<processor>/runbook`. Returns its path. Not stripped: before or after, it does not survive that. */
export async function makeExecutable({ processor, bundle, work }) {
  const folder = path.join(work, processor);
  mkdirSync(folder, { recursive: true });
  // Names in it are relative: they get into the executable.
  copyFileSync(bundle.file, path.join(folder, 'program.cjs'));
  const settings = {
    main: 'program.cjs',
    mainFormat: 'commonjs',
    executable: path.relative(folder, nodeRuntime(processor).node),
    output: 'runbook',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // One that was made for another processor is rejected at each start, with a warning.
    useCodeCache: processor === process.arch,
    // Else NODE_OPTIONS of a user would run code in the program of root.
    execArgvExtension: 'none',
  };
  writeFileSync(path.join(folder, 'sea.json'), JSON.stringify(settings));
  // The seed goes into what V8 has compiled.
  execFileSync(nodeRuntime(process.arch).node, ['--random-seed=1', '--build-sea', 'sea.json'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, HOME: '/' },
  });
  const executable = path.join(folder, 'runbook');
  chmodSync(executable, 0o755);
  return executable;
}
