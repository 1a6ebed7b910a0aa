// npm test [-- WORD…]: set-up, build, then every test file whose path holds one of the words.
// Nothing may be printed after the closing line: others read it.
import { parseArgs } from 'node:util';
import path from 'node:path';
import { ensureReady } from './ensure.mjs';
import { root } from './paths.mjs';
import { closingLine, findTestFiles, runTestFiles } from './test-runner.mjs';

/** For what hangs: several times what the longest takes on a busy machine. */
const FILE_LIMIT_MS = 240_000;
/** The kernel suite boots a machine and starts some sixty slow processes in it. */
const KERNEL_LIMIT_MS = 15 * 60_000;

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    // For the tests of this runner:
    root: { type: 'string', default: 'test' },
    limit: { type: 'string', default: String(FILE_LIMIT_MS) },
    'no-setup': { type: 'boolean', default: false },
  },
});
const isKernel = (file) => file.startsWith('test/kernel/');
/** Both wait for other processes: a machine that boots, a program whose lab takes its time. */
const isIdling = (file) => isKernel(file) || file.startsWith('test/cli/');

/** The longest first, so that nothing is left to wait for at the end. Beginnings of paths; the others come behind. */
const LONGEST = [
  'test/kernel/upgrade',
  'test/kernel/faults',
  'test/kernel/shelves',
  'test/kernel/',
  'test/cli/guide',
  'test/cli/kill',
  'test/cli/signals',
  'test/cli/apply',
  'test/unit/run/faults/',
];
const rank = (file) => {
  const at = LONGEST.findIndex((beginning) => file.startsWith(beginning));
  return at < 0 ? LONGEST.length : at;
};

if (!values['no-setup']) ensureReady();
const files = findTestFiles(path.resolve(root, values.root), filters);
files.sort((a, b) => rank(a) - rank(b));

const notices = [];
const sum = await runTestFiles(files, {
  idling: isIdling,
  timeLimitMs: (file) => (isKernel(file) ? KERNEL_LIMIT_MS : Number(values.limit)),
  onFinished(result) {
    const mark = result.failed > 0 ? 'FAIL' : 'ok  ';
    console.log(`${mark} ${result.file} (${closingLine(result)}, ${result.seconds.toFixed(1)} s)`);
    if (result.failed > 0) {
      console.log(indent(result.output));
      for (const problem of result.problems) console.log(indent(problem));
    }
    notices.push(...result.notices);
  },
});
if (files.length === 0) {
  console.log(`FAIL no test file below ${values.root} matches: ${filters.join(' ')}`);
  sum.failed++;
}
for (const notice of notices) console.log(`\n*** ${notice} ***\n`);
process.exitCode = sum.failed > 0 ? 1 : 0;
console.log(closingLine(sum));

function indent(text) {
  return text.trimEnd().replace(/^/gm, '     ');
}
