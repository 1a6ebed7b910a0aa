import type { LabDeviceWords, LabImageWords } from '../../../src/generated/lab.ts';
import type { RunSummary } from '../../../src/run/engine/run.ts';
import type { Plan } from '../../../src/run/plan/plan.ts';
import type { SimulatedHost } from '../../../src/simulator/simulated-host.ts';

/** Words of a playbook; a mapping is laid over the mapping below it, everything else replaces. null takes a key away. */
export interface Words {
  readonly [key: string]: unknown;
}

/** What a try ended with, for who looks further than its outcomes. */
export interface TryEnd extends RunSummary {
  readonly plan: Plan;
  /** What was told while it ran. */
  readonly notices: readonly string[];
  readonly host: SimulatedHost;
  /** By the clock of the host. */
  readonly tookMs: number;
}

/** The words of one play, and what comes of them on the devices of the row. */
export interface Try {
  /** Laid over the playbook of the kind. */
  readonly play?: Words;
  /** Of the whole playbook: `strategy`, and other plays behind the first one. */
  readonly top?: Words;
  /**
   * Outcomes, with their codes behind them: `updated`, `refused fact-unreadable`. Name of the exit where no unit has one. `invalid`
   * and the codes of the mistakes where nothing can begin.
   */
  readonly ends: string;
  /** Anything more that this try has to show. */
  readonly sees?: (end: TryEnd) => void;
}

/** One key of the language, rehearsed for its documented purpose. */
export interface RehearsedKey {
  /** As docs/reference/keys.md has it: the heading, and the key. */
  readonly at: string;
  readonly key: string;
  /** What happens without the word, and with it. A short sentence. */
  readonly shows: string;
  readonly kind: 'card' | 'disk' | 'shelf' | 'tape';
  /** Absent: one of the kind. */
  readonly devices?: readonly Partial<LabDeviceWords>[];
  /** Absent: `fw.bin`, 12 KiB by the rule standard, which brings 2.10. */
  readonly images?: readonly LabImageWords[];
  /** Files beside the playbook. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** A playbook that an earlier run applied on the same devices; then what happens to them. */
  readonly before?: { readonly play: Words; readonly then?: 'power-cycle' };
  /** The last one has the key as the reference describes it, those before show what it is good for. */
  readonly tries: readonly Try[];
}
