export interface TurnRules<Item> {
  readonly atOnce: number;
  /** May these two not run at the same time? In either order. */
  readonly apart: (a: Item, b: Item) => boolean;
  /** Only these may begin now; null: all. Asked whenever somebody comes or leaves. */
  readonly first: () => ReadonlySet<Item> | null;
}

/**
 * Who may begin when. Items begin in their order; one that has to wait is overtaken only by items that could run beside it.
 * Nothing polls: who waits is woken when another one leaves.
 */
export class Turns<Item> {
  /** Whose turn it is, whether they have asked for it yet or not. */
  readonly #running = new Set<Item>();
  readonly #wake = new Map<Item, () => void>();
  #waiting: readonly Item[];

  constructor(
    items: readonly Item[],
    private readonly rules: TurnRules<Item>,
  ) {
    this.#waiting = items;
    this.#next();
  }

  /** Resolves when it is the item's turn. It keeps its turn until it leaves. */
  enter(item: Item): Promise<void> {
    if (this.#running.has(item)) return Promise.resolve();
    return new Promise((resolve) => this.#wake.set(item, resolve));
  }

  leave(item: Item): Promise<void> {
    this.#running.delete(item);
    this.#next();
    return Promise.resolve();
  }

  #next(): void {
    const first = this.rules.first();
    const before = [...this.#running];
    const begun = new Set<Item>();
    for (const item of this.#waiting) {
      if (this.#running.size >= this.rules.atOnce) break;
      if (first?.has(item) === false) continue;
      const blocked = before.some((other) => this.rules.apart(other, item));
      before.push(item);
      if (blocked) continue;
      this.#running.add(item);
      begun.add(item);
    }
    if (begun.size === 0) return;
    this.#waiting = this.#waiting.filter((item) => !begun.has(item));
    for (const item of begun) this.#wake.get(item)?.();
  }
}
