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
  readonly #running = new Set<Item>();
  readonly #wake = new Map<Item, () => void>();
  #waiting: readonly Item[];

  constructor(
    items: readonly Item[],
    private readonly rules: TurnRules<Item>,
  ) {
    this.#waiting = items;
  }

  /** Resolves when it is the item's turn. It keeps its turn until it leaves. */
  enter(item: Item): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.set(item, resolve);
      this.#next();
    });
  }

  leave(item: Item): Promise<void> {
    this.#running.delete(item);
    this.#next();
    return Promise.resolve();
  }

  #next(): void {
    let free = this.rules.atOnce - this.#running.size;
    const first = this.rules.first();
    const before = [...this.#running];
    for (const item of this.#waiting) {
      if (free <= 0) break;
      if (first?.has(item) === false) continue;
      const blocked = before.some((other) => this.rules.apart(other, item));
      before.push(item);
      if (blocked) continue;
      free--; // kept for it even if it has not asked yet
      this.#begin(item);
    }
  }

  #begin(item: Item): void {
    const wake = this.#wake.get(item);
    if (wake === undefined) return;
    this.#running.add(item);
    this.#waiting = this.#waiting.filter((other) => other !== item);
    wake();
  }
}
