import type { UnitProgress } from '../jobs/job-progress.ts';
import type { JobState } from '../jobs/job-state.ts';
import { printable, type Ink } from './ink.ts';
import { sizeText } from './quantities.ts';
import { renderTable, type Cell } from './table.ts';
import { wrappedText } from './wrap.ts';

/** A job in JSON. */
export function jobEntry(state: JobState, units: readonly UnitProgress[]): Record<string, unknown> {
  const { job, attempt, run, startedAt, file, runbook, sudoUser, process, begin } = state.record;
  return {
    job,
    state: state.state,
    attempt,
    begin,
    run,
    startedAt,
    finishedAt: state.state === 'finished' ? state.result.finishedAt : null,
    file,
    runbook,
    sudoUser,
    pid: process.pid,
    died: state.state === 'died' ? state.how : null,
    result: state.state === 'finished' ? state.result.document.exit : null,
    units,
  };
}

/** One job, for a person: a line, then its units. */
export function jobText(state: JobState, units: readonly UnitProgress[], ink: Ink): string {
  const { job, run, attempt } = state.record;
  const times = attempt === 1 ? '' : `, attempt ${attempt}`;
  const lines = [`${ink('bold', printable(job))}  ${endText(state)}, run ${run}${times}`];
  for (const unit of units) lines.push(`  ${printable(unit.id)}: ${printable(unitText(unit))}`);
  return wrappedText(lines, ink);
}

/** All jobs, one line each. */
export function jobsText(states: readonly JobState[], ink: Ink): string {
  if (states.length === 0) return 'no jobs\n';
  const rows = states.map((state): Cell[] => {
    const { job, startedAt, run, sudoUser, file } = state.record;
    return [job, startedAt, run, sudoUser ?? '-', file, { text: endText(state), tone: toneOf(state) }];
  });
  return `${renderTable(['JOB', 'STARTED', 'RUN', 'BY', 'FILE', 'STATE'], rows, ink).join('\n')}\n`;
}

function endText(state: JobState): string {
  switch (state.state) {
    case 'running':
      return `running, process ${state.record.process.pid}`;
    case 'died':
      return state.how === 'restarted' ? 'died: the host was restarted' : 'died: its process is gone';
    case 'finished': {
      const { code, name } = state.result.document.exit;
      return `finished, exit ${code} (${name})`;
    }
  }
}

function toneOf(state: JobState): 'bad' | 'dim' | 'good' {
  if (state.state === 'running') return 'dim';
  return state.state === 'finished' && state.result.document.exit.code === 0 ? 'good' : 'bad';
}

function unitText({ outcome, text, doneBytes, totalBytes }: UnitProgress): string {
  if (outcome !== null || totalBytes === 0) return text;
  return `${sizeText(doneBytes)} of ${sizeText(totalBytes)}; ${text}`;
}
