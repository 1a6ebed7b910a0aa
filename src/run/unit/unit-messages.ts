import { withoutText } from '../../base/facts.ts';
import type { FactName, Unreadable } from '../../base/facts.ts';
import type { Emit } from '../facts/events.ts';

/** What the run of one unit tells on its way. Its methods can be handed out. */
export class UnitMessages {
  /** Facts that could not be read, and that the playbook goes on without. */
  readonly #without: Map<FactName, Unreadable>;

  constructor(
    private readonly device: string,
    private readonly emit: Emit,
    /** Those that the plan went on without. */
    without: readonly Unreadable[],
  ) {
    this.#without = new Map(without.map((unread) => [unread.fact, unread]));
  }

  get without(): readonly FactName[] {
    return [...this.#without.keys()];
  }

  /** At the start: what the plan went on without. */
  begin(): void {
    for (const unread of this.#without.values()) this.notice(withoutText(unread));
  }

  readonly notice = (message: string): void => this.emit({ type: 'notice', device: this.device, message });

  readonly waiting = (what: string, withinMs: number): void =>
    this.emit({ type: 'waiting', device: this.device, what, withinMs });

  readonly goOnWithout = (unread: Unreadable): void => {
    if (this.#without.has(unread.fact)) return;
    this.#without.set(unread.fact, unread);
    this.notice(withoutText(unread));
  };
}
