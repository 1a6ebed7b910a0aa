import { HIDDEN } from '../base/hidden.ts';
import type { Outcome } from '../run/facts/outcome.ts';

/** Text with or without SGR colours; one place decides, everybody else just names the tone. */
export type Tone = 'plain' | 'bold' | 'dim' | 'good' | 'warn' | 'bad';

/** How text looks where it goes: its colours, and the room that a line has. */
export interface Ink {
  (tone: Tone, text: string): string;
  /** Columns of the terminal; Infinity: nothing limits a line. Only tables and wrapped text ask for it. */
  readonly columns: number;
}

const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  bold: '1',
  dim: '2',
  good: '32',
  warn: '33',
  bad: '31',
};

export function createInk(color: boolean, columns = Infinity): Ink {
  const paint = (tone: Tone, text: string): string =>
    !color || tone === 'plain' || text === '' ? text : `\x1b[${SGR[tone]}m${text}\x1b[0m`;
  return Object.assign(paint, { columns });
}

/** @internal for tests */
export const noInk: Ink = createInk(false);

/** How an outcome is coloured: green is proven, yellow wants attention, red went wrong. */
export function outcomeTone(outcome: Outcome): Tone {
  switch (outcome) {
    case 'updated':
      return 'good';
    case 'current':
    case 'skipped':
      return 'dim';
    case 'pending':
    case 'unverified':
    case 'refused':
      return 'warn';
    case 'failed':
    case 'degraded':
    case 'lost':
    case 'frozen':
      return 'bad';
  }
}

/** Free text of a file or a device on a terminal: a control character must not move somebody's cursor. */
export function printable(text: string): string {
  return text.replaceAll(HIDDEN, '?');
}

const ASCII: Readonly<Record<string, string>> = {
  '→': '->',
  '…': '...',
  '–': '-',
  '×': 'x',
  '≤': '<=',
  '≥': '>=',
  '├': '|',
  '└': '`',
  '│': '|',
  '─': '-',
};

/** Our own signs for a terminal whose locale does not have them. What a file or a device is called stays as it is. */
export const asciiText = (text: string): string =>
  text.replaceAll(/[→…–×≤≥├└│─]/g, (sign) => ASCII[sign] ?? sign);
