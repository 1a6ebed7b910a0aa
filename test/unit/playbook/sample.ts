import type { Diagnostic } from '../../../src/playbook/diagnostics.ts';
import { formatDiagnostic } from '../../../src/playbook/diagnostics.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import type { Playbook } from '../../../src/playbook/playbook.ts';

/** A playbook without a mistake; each test breaks one line of it. */
export const SAMPLE = `runbook: v1
name: cards
plays:
  - name: card
    match:
      type: enclosure
      vendor: HP
      product: HP SAS EXP Card
      revision: ["2.06", "2.08"]
    expect: 1..4
    firmware:
      file: PUF21000.bin
      sha256: 2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9
      revision: "2.10"
    download:
      via: write-buffer
      mode: dmc_offs_defer
      bpw: 4096
    activate:
      - activate_mc
      - wait-ready: 2m
    verify:
      within: 2m
`;

/** The sample with one text replaced by another; throws when the text is not there. */
export function sampleWith(...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the sample has no ${JSON.stringify(from)}`);
    return text.replace(from, () => to);
  }, SAMPLE);
}

/** `line:column code` of each problem, then its message and hint. */
export const brief = ({ line, column, code, message, hint }: Diagnostic): string =>
  `${line}:${column} ${code}: ${message}${hint === null ? '' : ` | ${hint}`}`;

export const problemsOf = (text: string): string[] => loadPlaybook('x.yml', text).diagnostics.map(brief);

export const textOf = (text: string): string =>
  loadPlaybook('x.yml', text).diagnostics.map(formatDiagnostic).join('\n');

export function loaded(text: string): Playbook {
  const { playbook, diagnostics } = loadPlaybook('x.yml', text);
  if (playbook === null) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return playbook;
}
