// npm test [-- WORD…]: set-up, build, then every test file whose path holds one of the words.
// Nothing may be printed after the closing line: others read it.
import { parseArgs } from 'node:util';
import path from 'node:path';
import { ensureReady } from './ensure.mjs';
import { root } from './paths.mjs';
import { FILE_LIMIT_MINUTES, longestFirst, REQUIREMENTS, suiteOf, SUITES } from './suites.mjs';
import { closingLine, findTestFiles, runTestFiles } from './test-runner.mjs';

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    // For the tests of this runner:
    root: { type: 'string', default: 'test' },
    'limit-seconds': { type: 'string' },
    'no-setup': { type: 'boolean', default: false },
  },
});
const required = (process.env.RUNBOOK_REQUIRE ?? '')
  .split(',')
  .map((word) => word.trim())
  .filter((word) => word !== '');
/** Reasons by requirement: what was not tested. */
const notTested = new Map();
const started = performance.now();
const sum = { passed: 0, failed: 0, skipped: 0 };

for (const word of required) {
  if (Object.hasOwn(REQUIREMENTS, word)) continue;
  fail(`RUNBOOK_REQUIRE names ${word}; there are ${Object.keys(REQUIREMENTS).join(', ')}`);
}
const files = longestFirst(findTestFiles(path.resolve(root, values.root), filters)).filter(isWanted);
if (files.length + sum.skipped === 0) fail(`no test file below ${values.root} matches: ${filters.join(' ')}`);

// Without words every suite runs: one that is required and has no file is a mistake.
for (const suite of filters.length === 0 ? required : []) {
  if (!Object.hasOwn(SUITES, suite) || files.some((file) => suiteOf(file) === suite)) continue;
  fail(`RUNBOOK_REQUIRE names ${suite}, which has no test file`);
}

if (files.length > 0 && !values['no-setup']) ensureReady();
const results = [];
await runTestFiles(files, {
  waits: (file) => rowOf(file).waits === true,
  timeLimitMs: (file) =>
    values['limit-seconds'] === undefined
      ? (rowOf(file).limitMinutes ?? FILE_LIMIT_MINUTES) * 60_000
      : Number(values['limit-seconds']) * 1000,
  onFinished(result) {
    results.push(result);
    for (const key of Object.keys(sum)) sum[key] += result[key];
    const mark = result.failed > 0 ? 'FAIL' : 'ok  ';
    console.log(`${mark} ${result.file} (${closingLine(result)}, ${result.seconds.toFixed(1)} s)`);
    if (result.failed > 0) {
      console.log(indent(result.output));
      for (const problem of result.problems) console.log(indent(problem));
    }
    for (const { requirement, reason } of result.notTested) addReason(requirement, reason);
  },
});
if (results.length > 10) tellTimes();
for (const [requirement, reasons] of notTested) {
  const told = REQUIREMENTS[requirement]?.([...reasons]);
  if (told === undefined) fail(`scripts/suites.mjs has no requirement ${requirement}`);
  else console.log(`\n*** NOT TESTED (${requirement}): ${told} ***\n`);
}
process.exitCode = sum.failed > 0 ? 1 : 0;
console.log(closingLine(sum));

function rowOf(file) {
  return SUITES[suiteOf(file)] ?? {};
}

/** Whether to run a file now. One that is not run without being asked for counts as skipped. */
function isWanted(file) {
  const suite = suiteOf(file);
  const { onRequest } = rowOf(file);
  if (onRequest === undefined || required.includes(suite)) return true;
  if (filters.some((filter) => filter.includes(suite))) return true;
  addReason(suite, `${onRequest}; run it with: npm test -- ${suite}`);
  sum.skipped++;
  return false;
}

function addReason(requirement, reason) {
  if (!notTested.has(requirement)) notTested.set(requirement, new Set());
  notTested.get(requirement).add(reason);
}

function fail(reason) {
  console.log(`FAIL ${reason}`);
  sum.failed++;
}

/** Where the time goes. Files run side by side, so their minutes are more than those on the clock. */
function tellTimes() {
  const minutes = (seconds) => (seconds / 60).toFixed(1).padStart(6);
  console.log('\nminutes per suite, those of its files added up');
  for (const suite of [...new Set(results.map(({ file }) => suiteOf(file)))].sort()) {
    const ofSuite = results.filter(({ file }) => suiteOf(file) === suite);
    const seconds = ofSuite.reduce((total, result) => total + result.seconds, 0);
    console.log(`${minutes(seconds)}  ${suite}, files: ${ofSuite.length}`);
  }
  console.log(`${minutes((performance.now() - started) / 1000)}  on the clock, set-up included`);
  console.log('\nseconds of the ten slowest files');
  for (const { file, seconds } of results.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10)) {
    console.log(`${seconds.toFixed(1).padStart(6)}  ${file}`);
  }
  console.log('');
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '     ');
}
