// `npm install` in this folder, `npm pack`, and an installation from git (pre-commit does that) end with a built program:
// dist/ is not committed. Not `npm ci`: who works on the program wants its packages also where it cannot be built just
// now. Without the packages for development there is nothing to build with, and nothing is done. What is packed goes to other
// machines: it has the native parts for all of them, or there is no package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './ensure.mjs';
import { addNativeParts } from './native-parts.mjs';
import { program, root } from './paths.mjs';

const hasBundler = () => existsSync(path.join(root, 'node_modules/esbuild'));
const {
  npm_command: command,
  npm_config_global: isGlobal,
  npm_config_ignore_scripts: isIgnored,
} = process.env;

// npm 10 runs this before `npm pack --ignore-scripts`, too.
if (isIgnored === 'true') process.exit();

// With -g, npm puts the packages that a clone is built with to where the program goes, and not into the clone.
if (command === 'install' && isGlobal === 'true' && !hasBundler()) {
  spawnSync('npm', ['ci', '--global=false', '--location=project', '--include=dev'], {
    cwd: root,
    stdio: [0, 2, 2],
  });
}
if (command !== 'ci' && hasBundler()) ensureBuilt();
if (command === 'pack' || command === 'publish') {
  try {
    addNativeParts(root, path.dirname(program));
  } catch (error) {
    console.error(`Nothing was packed, for a native part is missing: ${error.message}`);
    process.exitCode = 1;
  }
}
