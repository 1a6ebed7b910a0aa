import { programText } from '../base/program-facts.ts';
import type { DeviceResult } from '../run/facts/outcome.ts';
import type { Document } from './documents.ts';
import { attentions, namesOf, saysMore, sharedRows, withoutLines, type Alike } from './attention.ts';
import { exitText } from './exit-text.ts';
import { failureFacts } from './failure-text.ts';
import { mdCode, mdTable, mdText } from './markdown.ts';
import { modelText } from './quantities.ts';
import { countsText, sharedWorkText, workText } from './report-text.ts';
import { runOf, troubleOf, type RunDocument } from './run-record.ts';
import type { RehearsalEnd } from '../rehearsal/rehearsal-end.ts';

/** A run for the change ticket: what was done, where, by which playbook, what came of it, and what is left to do. */
export function runMarkdown(record: RunDocument): string {
  const { document } = record;
  const { devices, playbook, rehearsals } = runOf(document);
  const counts = countsText(devices);
  const sections = [
    [`# ${mdText(playbook?.name ?? `runbook ${document.command ?? ''}`)}`],
    [`**${mdText(counts === '' ? exitText(document.exit) : counts)}**`],
    factsOf(record),
    devices.length === 0 ? [] : ['## Devices', '', ...deviceTable(devices)],
    ...attentions(devices).map(attention),
    withoutLines(devices).map((line) => `- ${mdText(line)}`),
    rehearsals.length === 0 ? [] : ['## Rehearsals', '', ...rehearsalTable(rehearsals)],
    notesSection(document),
    troubleSection(record),
    todo(document),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function factsOf({ document, hostname, startedAt, lab }: RunDocument): string[] {
  const { run, playbook, planFile } = runOf(document);
  const rows = [
    ['Command', mdCode(`runbook ${document.command ?? ''}`)],
    ['Host', mdText(hostname)],
    ...(lab === null ? [] : [['**Simulated**', `no real device was used: ${mdCode(`--lab ${lab}`)}`]]),
    ['Started', `${startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`],
    ...(run === null ? [] : [['Run', mdCode(run)]]),
    ...(playbook === null
      ? []
      : [['Playbook', `${mdCode(playbook.file)}, SHA-256 ${mdCode(playbook.sha256)}`]]),
    ...(planFile === null
      ? []
      : [['Plan file', `${mdCode(planFile.file)}, digest ${mdCode(planFile.digest)}`]]),
    ['Ended with', mdText(exitText(document.exit))],
    ['runbook', mdText(programText(document.program))],
  ];
  return mdTable(['', ''], rows);
}

function deviceTable(devices: readonly DeviceResult[]): string[] {
  return mdTable(
    ['Device', 'Id', 'Product', 'Play', 'Before', 'After', 'Outcome', 'Sent'],
    sharedRows(devices).map((alike) => {
      const [result, ...others] = alike;
      return [
        mdText(namesOf(alike)),
        others.length === 0 ? mdCode(result.id) : '–',
        mdText(modelText(result)),
        mdText(result.play),
        result.before === null ? '–' : mdText(result.before),
        result.after === null ? '–' : mdText(result.after),
        `**${result.outcome}**`,
        mdText(others.length === 0 ? workText(result) : sharedWorkText(alike)),
      ];
    }),
  );
}

function rehearsalTable(rehearsals: readonly RehearsalEnd[]): string[] {
  return mdTable(
    ['Rehearsal', 'The first device', 'Outcome', 'Exit', 'Problem'],
    rehearsals.map(({ name, what, devices, exit, problems }) => [
      mdText(name),
      mdText(what),
      mdText(devices.map(({ outcome }) => outcome).join(' ')),
      mdText(`${exit.code} (${exit.name})`),
      mdText(problems.join('; ')),
    ]),
  );
}

function attention(alike: Alike): string[] {
  const [result] = alike;
  const { error, outcome, id, reason } = result;
  const said = [
    ...(reason === null ? [] : [reason]),
    ...(saysMore(result) ? [result.error.message] : []),
    // The next step stands at the end, with a box to tick.
    ...(error === null ? [] : failureFacts(error, '').slice(0, -1)),
  ];
  const ids = alike.length === 1 ? ` (${mdCode(id)})` : '';
  return [
    `## ${mdText(namesOf(alike))}${ids}: ${outcome}`,
    ...(said.length === 0 ? [] : ['', ...said.map((line) => `- ${mdText(line)}`)]),
  ];
}

function notesSection(document: Document): string[] {
  const { notes } = runOf(document);
  if (notes.length === 0) return [];
  const lines = notes.map(({ device, message, next }) => {
    const place = device === null ? '' : `${mdCode(device)}: `;
    return `- ${place}${mdText(message)}${next === null ? '' : `; next: ${mdText(next)}`}`;
  });
  return ['## What earlier runs left behind', '', ...lines];
}

function troubleSection({ document }: RunDocument): string[] {
  const trouble = troubleOf(document);
  if (trouble.length === 0) return [];
  const facts = document.error === null ? [] : failureFacts(document.error, '');
  return ['## The command', '', ...[...trouble, ...facts].map((line) => `- ${mdText(line)}`)];
}

/** One box per device to tick, and one for the command. */
function todo(document: Document): string[] {
  const steps = attentions(runOf(document).devices).flatMap((alike) => {
    const [{ error }] = alike;
    return error === null ? [] : [`${mdText(namesOf(alike))}: ${mdText(error.next)}`];
  });
  if (document.error !== null) steps.push(mdText(document.error.next));
  else if (troubleOf(document).length > 0) steps.push(mdText('fix the files, then run: runbook validate'));
  return ['## Left to do', '', ...(steps.length === 0 ? ['Nothing.'] : steps.map((step) => `- [ ] ${step}`))];
}
