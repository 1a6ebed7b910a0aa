import * as assert from 'uvu/assert';
import type { TraceRecord } from '../../src/transport/trace-record.ts';
import { isWrite } from './card-log.ts';
import type { CardCommand } from './card-log.ts';
import { nodeOf } from './option-lab.ts';
import type { UnitName } from './option-lab.ts';

/** What came out of one row. */
export interface Seen {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** What `after` printed, line by line: of the kernel, or of another program. Counts as evidence of the node. */
  readonly peer: readonly string[];
  /** Commands that reached a unit during the row. Counts as evidence of the node. */
  readonly cards: (unit?: UnitName) => readonly CardCommand[];
  readonly file: (name: string) => string;
  readonly trace: (name: string) => readonly TraceRecord[];
}

/** One command line on the kernel. What it covers is read from its words. */
export interface OptionRow {
  readonly name: string;
  /** Shell, before the row is marked in the log of the cards. */
  readonly before?: string;
  /** Behind `runbook`; $WORK is at hand. */
  readonly words: string;
  /** As an ordinary user, who may not open nodes. */
  readonly asNobody?: true;
  /** Shell that runs it; `runbook` and the words where it is not given. */
  readonly script?: string;
  /** Shell, whose output is `peer`. */
  readonly after?: string;
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
