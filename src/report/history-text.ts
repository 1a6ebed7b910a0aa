import { knowledgeOf } from '../run/records/knowledge.ts';
import { memoryOf } from '../run/records/memory.ts';
import type { HostMemory } from '../run/records/memory.ts';
import { openEnd } from '../run/records/open-units.ts';
import type { JournalEntry, UnknownEntry } from '../run/records/journal-entry.ts';
import type { DeviceRecord, RunRecord } from '../run/records/run-record.ts';
import type { AcceptedByPerson, UnitRecord } from '../run/records/unit-record.ts';
import type { StateError } from '../run/records/state-error.ts';
import { saysMore } from './attention.ts';
import { failureFacts } from './failure-text.ts';
import { outcomeTone, printable, type Ink, type Tone } from './ink.ts';
import { counted, modelText, secondsText } from './quantities.ts';
import { renderTable, type Cell } from './table.ts';
import { settledText } from './verify-text.ts';
import { wrappedText } from './wrap.ts';

/** `runbook history`: one line for each run, the newest first, then what cannot be read. */
export function historyText(
  runs: readonly RunRecord[],
  memory: HostMemory,
  unreadable: readonly StateError[],
  ink: Ink,
): string {
  const rows = runs.map((run): Cell[] => [
    run.run,
    timeText(run.startedAt),
    run.header?.command ?? '-',
    run.header?.playbook?.name ?? '-',
    endCell(run),
    countsText(run, memory),
  ]);
  const table =
    rows.length === 0
      ? ['no runs']
      : renderTable(['RUN', 'STARTED', 'COMMAND', 'PLAYBOOK', 'END', 'DEVICES'], rows, ink, {
          spare: [1, 3], // the id of a run has its time
        });
  const interrupted = runs.filter(({ state }) => state === 'died');
  const lines = [...table];
  for (const run of interrupted) lines.push('', ...interruptedLines(run, memory, ink));
  for (const { message, next } of unreadable) {
    lines.push('', `${ink('bad', 'cannot be read:')} ${printable(message)}`, `  next: ${printable(next)}`);
  }
  return wrappedText(lines, ink);
}

/** `runbook history RUN`: who, when, with what; each device; then what needs a person. */
export function runText(
  run: RunRecord,
  memory: HostMemory,
  { ink, verbose }: { ink: Ink; verbose: boolean },
): string {
  const { header } = run;
  const lines = [`${ink('bold', run.run)}  ${textOf(endCell(run))}`];
  if (header !== null) {
    lines.push(
      `  started   ${timeText(run.startedAt)}, on ${printable(header.host.name)}${header.host.kind === 'lab' ? ' (lab)' : ''}, by runbook ${header.runbook}${commitText(header.commit)} ${header.command}`,
    );
    if (header.playbook !== null) {
      const { file, name, sha256 } = header.playbook;
      lines.push(`  playbook  ${printable(name)} (${printable(file)}, sha256 ${sha256})`);
    }
    if (header.planDigest !== null) lines.push(`  plan      sha256 ${header.planDigest}`);
  }
  lines.push(`  journal   ${printable(run.file)}`);
  for (const note of run.notes) lines.push(`  ${ink('warn', 'note')}      ${printable(note)}`);
  if (run.devices.length > 0) {
    const rows = run.devices.map((device) => deviceRow(device, run.run));
    const head = ['ID', 'PRODUCT', 'BEFORE', 'TARGET', 'AFTER', 'END', ''];
    lines.push('', ...renderTable(head, rows, ink, { spare: [6, 1, 3] }));
  }
  for (const device of run.devices) lines.push(...deviceLines(device, run, memory, ink));
  if (verbose) lines.push('', ...run.entries.map(entryLine));
  return wrappedText(lines, ink);
}

function deviceRow(device: DeviceRecord, run: string): Cell[] {
  const { result } = device;
  return [
    device.id,
    modelText(device),
    device.before,
    device.target,
    result?.after ?? '-',
    result === null
      ? { text: knowledgeOf(device, run).known, tone: 'warn' }
      : { text: result.outcome, tone: outcomeTone(result.outcome) },
    result === null || result.chunks === 0
      ? ''
      : `${counted(result.chunks, 'command')}, ${secondsText(result.seconds)}`,
  ];
}

/** What is worth more than its row in the table. */
function deviceLines(device: DeviceRecord, run: RunRecord, memory: HostMemory, ink: Ink): string[] {
  const { result } = device;
  const accepted = acceptedOf(device, run.run, memory);
  const settled = accepted === undefined ? [] : [`  ${settledText(accepted)}`];
  if (result === null)
    return run.state === 'running' ? [] : ['', ...knowledgeLines(device, run.run, memory, ink), ...settled];
  if (result.reason === null && result.error === null && accepted === undefined) return [];
  const lines = ['', `${device.id} ${ink(outcomeTone(result.outcome), result.outcome)}${reasonText(result)}`];
  if (result.error !== null) {
    if (saysMore(result)) lines.push(`  ${printable(result.error.message)}`);
    lines.push(...failureFacts(result.error));
  }
  return [...lines, ...settled];
}

type Work = Pick<DeviceRecord, 'id' | 'play'>;

/** What is remembered of this very work; null: something else was done since. */
function recordOf({ id, play }: Work, run: string, memory: HostMemory): UnitRecord | null {
  const { record } = memoryOf(memory, id);
  return record?.unit === id && record.run === run && record.play === play ? record : null;
}

/** What a person has said of this work since; undefined: nothing. */
const acceptedOf = (device: Work, run: string, memory: HostMemory): AcceptedByPerson | undefined =>
  recordOf(device, run, memory)?.accepted;

/** The run that has seen since that it is well; undefined: none, or not known. */
function seenBy(device: DeviceRecord, run: string, memory: HostMemory): string | undefined {
  const record = recordOf(device, run, memory);
  const isWell = record?.outcome === 'updated' && record.accepted === undefined;
  return isWell && device.result?.outcome !== 'updated' ? record.seen?.run : undefined;
}

const reasonText = ({ reason }: { readonly reason: string | null }): string =>
  reason === null ? '' : `: ${printable(reason)}`;

/** An interrupted run, in the list: what it left open. */
function interruptedLines(run: RunRecord, memory: HostMemory, ink: Ink): string[] {
  const open = run.devices.filter((device) => isOpen(device, run.run, memory));
  const frozen = run.devices.filter((device) => isFrozenSince(device, run.run, memory));
  const left = open.length + frozen.length;
  const what = left === 0 ? 'nothing was left open' : `what it left on ${counted(left, 'device')}:`;
  return [
    `${ink('bad', run.run)} died${run.lastAt === null ? '' : ` after ${timeText(run.lastAt)}`}; ${what}`,
    ...open.flatMap((device) => knowledgeLines(device, run.run, memory, ink).map((line) => `  ${line}`)),
    ...frozen.map(({ id, result }) => `  ${id}: ${ink('bad', 'frozen')}${reasonText(result!)}`),
  ];
}

/** An answer of the unit was the end of the run on it, too, and it is frozen still. */
const isFrozenSince = ({ id, result }: DeviceRecord, run: string, memory: HostMemory): boolean =>
  result?.outcome === 'frozen' && memoryOf(memory, id).record?.frozen?.run === run;

/** What the run left on this unit when it was interrupted is what `verify` looks at. */
function isOpen({ id, play }: Pick<DeviceRecord, 'id' | 'play'>, run: string, memory: HostMemory): boolean {
  const open = openEnd(memoryOf(memory, id));
  return open?.run === run && open.interrupted?.device.id === id && open.interrupted.device.play === play;
}

function knowledgeLines(device: DeviceRecord, run: string, memory: HostMemory, ink: Ink): string[] {
  const { known, text, next } = knowledgeOf(device, run);
  const tone: Tone = known === 'nothing-sent' ? 'dim' : 'warn';
  const lines = [`${device.id}: ${ink(tone, printable(text))}`];
  if (!isOpen(device, run, memory))
    return known === 'nothing-sent' ? lines : [`${lines[0]!} (settled since)`];
  return next === null ? lines : [...lines, `  next: ${next}`];
}

function endCell({ state, exit }: RunRecord): { text: string; tone: Tone } {
  if (state === 'running') return { text: 'running', tone: 'bold' };
  if (state === 'died' || exit === null) return { text: 'died', tone: 'bad' };
  const tone = exit.code === 0 ? 'good' : exit.name === 'PENDING' ? 'warn' : 'bad';
  return { text: exit.name, tone };
}

const textOf = ({ text }: { readonly text: string }): string => text;

/** `2 updated, 1 open`; `1 pending (settled by RUN)`: a later run has seen how it ended. */
function countsText(run: RunRecord, memory: HostMemory): string {
  const counts = new Map<string, number>();
  for (const device of run.devices) {
    const end = endText(device, run, memory);
    counts.set(end, (counts.get(end) ?? 0) + 1);
  }
  return [...counts].map(([end, count]) => `${count} ${end}`).join(', ') || '-';
}

function endText(device: DeviceRecord, { run, state }: RunRecord, memory: HostMemory): string {
  const { result } = device;
  if (result === null) {
    if (state === 'running' || isOpen(device, run, memory)) return 'open';
    return knowledgeOf(device, run).known === 'nothing-sent' ? 'not begun' : 'settled since';
  }
  const record = recordOf(device, run, memory);
  if (record?.outcome !== 'updated' || result.outcome === 'updated') return result.outcome;
  const by =
    record.accepted === undefined ? (seenBy(device, run, memory) ?? 'a later run') : 'verify --accept';
  return `${result.outcome} (settled by ${by})`;
}

const commitText = (commit: string | null = null): string =>
  commit === null ? '' : ` (commit ${printable(commit)})`;

/** UTC, to the second. */
function timeText(at: string | null): string {
  return at === null ? '-' : `${at.slice(0, 10)} ${at.slice(11, 19)}Z`;
}

/** One line of the journal for a person, with -v. */
function entryLine(entry: JournalEntry | UnknownEntry): string {
  const { at, type } = entry;
  const facts =
    entry.type === 'run-started'
      ? counted(entry.devices.length, 'device')
      : Object.entries(entry)
          .filter(([key]) => !['n', 'at', 'type'].includes(key))
          .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
          .join(' ');
  return printable(`${at.slice(11, 23)}  ${type}  ${facts}`);
}

/** A run in runbook.history/1; `entries` only where one run was asked for. */
export function historyEntry(
  run: RunRecord,
  memory: HostMemory,
  withEntries: boolean,
): Record<string, unknown> {
  const { header } = run;
  return {
    run: run.run,
    state: run.state,
    command: header?.command ?? null,
    startedAt: run.startedAt,
    lastAt: run.lastAt,
    end: run.exit,
    playbook: header?.playbook ?? null,
    planDigest: header?.planDigest ?? null,
    host: header === null ? null : { name: header.host.name, kind: header.host.kind },
    runbook: header?.runbook ?? null,
    commit: header?.commit ?? null,
    journal: run.file,
    notes: run.notes,
    devices: run.devices.map((device) => deviceEntry(device, run, memory)),
    entries: withEntries ? run.entries : null,
  };
}

function deviceEntry(device: DeviceRecord, run: RunRecord, memory: HostMemory): Record<string, unknown> {
  const { id, play, paths, vendor, product, before, target, imageSha256, errors, result } = device;
  const { known, text, next, verifyFirst } = knowledgeOf(device, run.run);
  const accepted = acceptedOf(device, run.run, memory);
  const settledBy = seenBy(device, run.run, memory);
  return {
    id,
    play,
    paths,
    vendor,
    product,
    before,
    target,
    imageSha256,
    known,
    text,
    open: isOpen(device, run.run, memory),
    ...(accepted && { accepted }),
    ...(settledBy !== undefined && { settledBy }),
    next,
    verifyFirst,
    errors,
    result,
  };
}
