// Random labs, playbooks and faults for a bounded time. Every run has its seed: `--seed N --runs 1` repeats it and shows
// what happened. Exit 1 on a violation.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { MemoryTrend } from './memory-trend.ts';
import { compare } from './packages/differences.ts';
import { READERS } from './packages/readers.ts';
import type { SoakRun } from './soak-run.ts';
import { soakRun } from './soak-run.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    runs: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const firstSeed = Number(values.seed ?? randomInt(2 ** 31));
const maximumRuns = Number(values.runs ?? Infinity);
const SHOWN_VIOLATIONS = 20;

async function main(): Promise<void> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say(`seed ${firstSeed}, ${maximumRuns === Infinity ? `${seconds} s` : `${maximumRuns} runs`}`);
  const memory = new MemoryTrend();
  const cells = new Set<string>();
  const outcomes = new Map<string, number>();
  const endMs = performance.now() + seconds * 1000;
  let runs = 0;
  let devices = 0;
  let refusedWords = 0;
  let violations = 0;
  for (let at = 0; at < maximumRuns && performance.now() < endMs; at++) {
    const seed = firstSeed + at;
    const run = await soakRun(seed);
    if (maximumRuns === 1) say(story(run));
    if (run.summary === null && run.violations.length === 0) refusedWords++;
    else runs++;
    for (const cell of run.cells) cells.add(cell);
    for (const { outcome } of run.summary?.results ?? []) {
      devices++;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    for (const violation of run.violations) {
      if (violations++ < SHOWN_VIOLATIONS) say(`VIOLATION seed ${seed}: ${violation}`);
    }
    memory.sample();
  }
  if (maximumRuns === Infinity) violations += await packageDifferences(say);
  const growth = memory.problem();
  if (growth !== null) {
    violations++;
    say(`VIOLATION ${growth}`);
  }
  const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`);
  say(`${devices} devices: ${counts.join(', ')}`);
  say(`${refusedWords} random playbooks were not valid and not run`);
  say(memory.text());
  say(`${runs} runs, ${cells.size} cells, ${violations} violations`);
  if (violations > 0) {
    say('repeat one: npm run soak -- --runs 1 --seed N');
    process.exitCode = 1;
  }
}

/** Changed packages, to runbook and to the programs of everybody; a fifth of the time again. Gives the violations. */
async function packageDifferences(say: (text: string) => void): Promise<number> {
  let found = 0;
  for (const reader of READERS) {
    if (!reader.programs.every(hasProgram)) {
      say(`packages: ${reader.name} not compared: ${reader.programs.join(' or ')} is missing here`);
      continue;
    }
    const endMs = performance.now() + (seconds * 1000) / 5 / READERS.length;
    const { tried, same, refused, onlyHere, differences } = await compare(
      reader,
      firstSeed,
      () => performance.now() < endMs,
    );
    say(
      `packages: ${reader.name}: ${tried} tried, ${same} the same, ${refused} refused${onlyHere === 0 ? '' : `, ${onlyHere} refused by the program alone`}`,
    );
    for (const difference of differences) say(`VIOLATION ${difference}`);
    found += differences.length;
  }
  return found;
}

const hasProgram = (name: string): boolean =>
  spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Everything about one run, for the repetition of a violation. */
function story({ made, summary, events }: SoakRun): string {
  const lines = [made.playbookText];
  made.lab.devices.forEach((device, index) => {
    const faults = made.faults[index]!.map(({ name, fault }) => `${name} ${JSON.stringify(fault)}`);
    lines.push(`device ${index}: ${JSON.stringify(device)}`, ...faults.map((fault) => `  ${fault}`));
  });
  lines.push(`images: ${JSON.stringify(made.lab.images)}`, '');
  for (const event of events) if (event.type !== 'progress') lines.push(JSON.stringify(event));
  for (const { error, ...result } of summary?.results ?? []) {
    lines.push('', JSON.stringify(result), JSON.stringify(error));
  }
  return lines.join('\n');
}

void main();
