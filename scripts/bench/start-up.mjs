// Times of whole processes, in turns: first one of each, then the second of each, … A machine that is busy for a while
// slows all of them, and the ratios stay.
import { spawnSync } from 'node:child_process';

/**
 * Starts every command `rounds` times. `commands` maps a name to argv; the first is the base, and one that is not
 * installed is left out of the answer. Returns by name the median time and the median of the ratios to the base of
 * the same round.
 */
export function startUpTimes(commands, rounds, cwd) {
  const times = new Map(Object.keys(commands).map((name) => [name, []]));
  // The first round fills the caches of the file system and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const name of [...times.keys()]) {
      const [file, ...args] = commands[name];
      const started = performance.now();
      const { status, error } = spawnSync(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
      const took = performance.now() - started;
      if (error?.code === 'ENOENT') times.delete(name);
      else if (error ?? status !== 0)
        throw error ?? new Error(`${commands[name].join(' ')} ended with ${status}`);
      else if (round > 0) times.get(name).push(took);
    }
  }
  const [base] = times.values();
  return new Map(
    [...times].map(([name, each]) => [
      name,
      { ms: median(each), ratio: median(each.map((took, round) => took / base[round])) },
    ]),
  );
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
