import { enclosureOf } from '../run/facts/domains.ts';
import type { Exit } from '../run/facts/outcome.ts';
import type { Decision } from '../run/plan/decision.ts';

/** Hosts on which the same would happen. */
export interface AlikeGroup {
  readonly hosts: readonly string[];
  /** A line for each kind of unit, without names. */
  readonly what: readonly string[];
  readonly exit: Exit;
}

/** Hosts in groups of which the same is told. */
export class AlikeHosts {
  readonly #groups = new Map<string, { hosts: string[]; what: readonly string[]; exit: Exit }>();

  add(host: string, what: readonly string[], exit: Exit): void {
    const key = JSON.stringify([exit.code, what]);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { hosts: [host], what, exit });
    else group.hosts.push(host);
  }

  /** The largest first. */
  get entries(): readonly AlikeGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.hosts.length - a.hosts.length);
  }
}

/** A unit, or an enclosure, that several hosts reach. */
export interface Shared {
  readonly id: string;
  readonly hosts: readonly string[];
}

/** Locks are those of one host: whoever upgrades hosts together has to know which of them reach the same things. */
export class SharedUnits {
  readonly #first = new Map<string, string>();
  readonly #shared = new Map<string, string[]>();

  /** Takes in the units that the plays select. Returns the ids of those that no earlier host has. */
  add(host: string, decisions: readonly Decision[]): ReadonlySet<string> {
    const news = new Set<string>();
    const own = new Set<string>();
    for (const { facts, play } of decisions) {
      if (play === null) continue;
      const enclosure = enclosureOf(facts);
      for (const id of [facts.id, ...(enclosure === null ? [] : [`enclosure ${enclosure}`])]) {
        if (own.has(id)) continue;
        own.add(id);
        const first = this.#first.get(id);
        if (first === undefined) {
          this.#first.set(id, host);
          news.add(id);
        } else this.#shared.set(id, [...(this.#shared.get(id) ?? [first]), host]);
      }
    }
    return news;
  }

  get entries(): readonly Shared[] {
    return [...this.#shared].map(([id, hosts]) => ({ id, hosts }));
  }
}
