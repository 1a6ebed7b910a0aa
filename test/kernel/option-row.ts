import * as assert from 'uvu/assert';
import { isWrite } from './card-log.ts';
import type { CardCommand } from './card-log.ts';
import type { CardRow, RowEnd } from './card-rows.ts';
import { nodeOf } from './option-lab.ts';
import type { UnitName } from './option-lab.ts';

/** What came out of one row. `peer` and `cards` count as evidence of the node. */
export interface Seen extends Omit<RowEnd, 'commands'> {
  /** Commands that reached a unit during the row. */
  readonly cards: (unit?: UnitName) => readonly CardCommand[];
}

/** One command line on the kernel. What it covers is read from its words. */
export interface OptionRow extends CardRow {
  /** Has to look at what only the node can give: `cards` or `peer`. */
  readonly proves: (seen: Seen) => void;
}

/** Parts of the JSON documents of the commands; each has its own. */
export interface Document {
  readonly exit: { readonly code: number; readonly name: string };
  readonly error: { readonly message: string; readonly next: string } | null;
  readonly run: string;
  readonly devices: readonly {
    readonly id: string;
    readonly paths: readonly string[];
    readonly outcome: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly sgNode: string | null;
    readonly reason: string | null;
    readonly probe: { readonly serialNumber: string | null } | null;
    readonly error: { readonly message: string; readonly next: string } | null;
  }[];
  readonly hosts: readonly {
    readonly devices: readonly { readonly action: string; readonly paths: readonly string[] }[];
  }[];
}

export const json = (text: string): Document => JSON.parse(text) as Document;
export const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
export const work = (name: string): string => `"$WORK/${name}"`;
export const trace = (name: string): string => `--trace ${work(`${name}.trace`)}`;
export const only = (name: UnitName): string => `--only ${nodeOf(name)}`;
export const nothingWritten = (seen: Seen): void => assert.equal(seen.cards().filter(isWrite), []);
export const revision = (name: UnitName): string => `revision ${nodeOf(name)}`;

const KINDS = ['json', 'jsonl', 'junit', 'markdown', 'html'] as const;
/** A report file in each kind. */
export const reports = (name: string): string =>
  KINDS.map((kind) => `--report ${kind}=${work(`${name}.${kind}`)}`).join(' ');
