// npm run lint: every check that needs no device and no test. All of them run; the exit code is 1 if one failed.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled } from './ensure.mjs';
import { root } from './paths.mjs';

ensureInstalled();

const checks = [
  ['types', () => run('tsc', '--noEmit', '-p', '.')],
  ['eslint', () => run('eslint', '--max-warnings', '0', '.')],
  ['dead code', () => run('knip')],
  ['code that only tests use', () => run('knip', '--production')],
  ['format', () => run('prettier', '--check', '--log-level', 'warn', '.')],
  ['generated code', () => node('scripts/generate.mjs', '--check')],
  ['tests', () => report(badTests())],
  ['lockfile', () => report(badLockfile())],
];

let failed = 0;
for (const [name, check] of checks) {
  const ok = check();
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`);
  if (!ok) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;

function run(tool, ...args) {
  return node(path.join('node_modules', '.bin', tool), ...args);
}

function node(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function report(problems) {
  for (const problem of problems) console.log(`  ${problem}`);
  return problems.length === 0;
}

/** The runner finds a suite that was not run only when the file runs; and `.only` would hide the rest of a file. */
function badTests() {
  const problems = [];
  for (const entry of readdirSync(path.join(root, 'test'), { recursive: true })) {
    if (!entry.endsWith('.test.ts') || entry.split(path.sep).includes('fixtures')) continue;
    const text = readFileSync(path.join(root, 'test', entry), 'utf8');
    const suites = [...text.matchAll(/^(?:export )?const (\w+) = suite[(<]/gm)].map(([, name]) => name);
    for (const name of suites) {
      if (!new RegExp(`^\\s*${name}\\.run\\(\\);`, 'm').test(text))
        problems.push(`test/${entry}: ${name}.run() is missing`);
      if (text.includes(`${name}.only(`)) problems.push(`test/${entry}: ${name}.only hides the other tests`);
    }
  }
  return problems;
}

/** An address in the lockfile would tie every clone to one registry. */
function badLockfile() {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([place]) => `package-lock.json: ${place} has "resolved"; install with the .npmrc of the project`);
}
