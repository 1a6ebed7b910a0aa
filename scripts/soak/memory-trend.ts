const SAMPLE_EVERY_MS = 1000;
const MIB = 1024 ** 2;
/** Garbage of one run moves the numbers; a leak of a path or a log of each run goes beyond this in a minute. */
const ALLOWED_GROWTH = 0.25;
const ALLOWED_GROWTH_MIB = 12;
const LEAST_SAMPLES = 9;

interface Sample {
  readonly heapMiB: number;
  readonly rssMiB: number;
}

/** Memory of this process over time. With `--expose-gc` garbage is collected before each sample. */
export class MemoryTrend {
  readonly #samples: Sample[] = [];
  #lastMs = performance.now();

  sample(): void {
    if (performance.now() - this.#lastMs < SAMPLE_EVERY_MS) return;
    this.#lastMs = performance.now();
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    this.#samples.push({ heapMiB: heapUsed / MIB, rssMiB: rss / MIB });
  }

  /** Why the memory is not flat; null: it is, or the time was too short to tell. The first third warms up. */
  problem(): string | null {
    if (this.#samples.length < LEAST_SAMPLES) return null;
    for (const key of ['heapMiB', 'rssMiB'] as const) {
      const [from, to] = this.#thirds(key);
      const grown = to - from;
      if (grown > ALLOWED_GROWTH_MIB && grown > from * ALLOWED_GROWTH) {
        return `memory grows: ${key} from ${from.toFixed(1)} to ${to.toFixed(1)}`;
      }
    }
    return null;
  }

  text(): string {
    if (this.#samples.length < LEAST_SAMPLES) return 'memory: too short to tell';
    const [heapFrom, heapTo] = this.#thirds('heapMiB');
    const [rssFrom, rssTo] = this.#thirds('rssMiB');
    const mib = (from: number, to: number): string => `${from.toFixed(1)} → ${to.toFixed(1)} MiB`;
    return `memory, second third → last third: heap ${mib(heapFrom, heapTo)}, RSS ${mib(rssFrom, rssTo)}`;
  }

  /** Medians of the second and of the last third. */
  #thirds(key: keyof Sample): readonly [number, number] {
    const third = Math.floor(this.#samples.length / 3);
    const middle = (samples: readonly Sample[]): number =>
      samples.map((sample) => sample[key]).sort((a, b) => a - b)[samples.length >> 1]!;
    return [middle(this.#samples.slice(third, 2 * third)), middle(this.#samples.slice(2 * third))];
  }
}
