import type { Ink, Tone } from './ink.ts';
import { renderRows } from './table.ts';
import { wrappedText } from './wrap.ts';

/** What `doctor` looks at. A stable word: programs match it. */
export type CheckName =
  | 'program'
  | 'native-part'
  | 'libatomic'
  | 'kernel'
  | 'permission'
  | 'proc'
  | 'sysfs'
  | 'sg-driver'
  | 'sg-nodes'
  | 'host-adapter'
  | 'shutdown'
  | 'state-directory'
  | 'lock-directory'
  | 'earlier-runs';

/** `problem`: something that an upgrade needs is not as it must be. `warning`: it goes, and somebody should know. */
export type FindingStatus = 'ok' | 'warning' | 'problem';

export interface Finding {
  readonly check: CheckName;
  readonly status: FindingStatus;
  /** What was seen. */
  readonly found: string;
  /** One next step; null: there is nothing to do. */
  readonly next: string | null;
}

const TONES: Readonly<Record<FindingStatus, Tone>> = { ok: 'good', warning: 'warn', problem: 'bad' };

/** A line for each finding, with what to do below it, and a count. */
export function doctorText(findings: readonly Finding[], ink: Ink): string {
  const rows = findings.map(({ check, status, found }) => [
    { text: status, tone: TONES[status] },
    check,
    found,
  ]);
  const indent = ' '.repeat(2 + Math.max(...findings.map(({ status }) => status.length)));
  // A row may take several lines of a narrow terminal: each is rendered with the widths of all.
  const lines = renderRows(rows, ink).flatMap((shown, index) => {
    const { next } = findings[index]!;
    return next === null ? shown : [...shown, `${indent}next: ${next}`];
  });
  const count = (status: FindingStatus): number => findings.filter((one) => one.status === status).length;
  const told = [`${count('problem')} problem`, `${count('warning')} warning`].map((text) =>
    text.startsWith('1 ') ? text : `${text}s`,
  );
  return wrappedText([...lines, '', told.join(', ')], ink);
}
