import type { Document } from './documents.ts';
import { exitText } from './exit-text.ts';
import { countStates, pageDataOf, type PageHost, type PageUnit } from './html/page-data.ts';
import { verdictSentence } from './html/verdict.ts';
import { mdCode, mdTable, mdText } from './markdown.ts';
import { exactSizeText } from './quantities.ts';
import { troubleOf } from './run-record.ts';
import { darkTexts } from './shelves.ts';

/** A plan for the pull request that changes a playbook: what would be done, what goes dark meanwhile, and what is refused. */
export function planMarkdown(document: Document): string {
  const data = pageDataOf(document);
  const { hosts, plays } = data;
  const trouble = troubleOf(document);
  const sections = [
    [`# ${mdText(data.title)}`],
    [`**${mdText(verdictSentence(data))}**`],
    data.simulated ? ['_Simulated devices: no real one was looked at._'] : [],
    plays.length === 0 ? [] : playsTable(plays),
    ...(hosts.length === 1 ? [hostLines(hosts[0]!)] : [hostsTable(hosts), ...hosts.map(hostDetails)]),
    trouble.length === 0 ? [] : ['## The command', '', ...trouble.map((line) => `- ${mdText(line)}`)],
    [mdText(exitText(document.exit))],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const playsTable = (plays: ReturnType<typeof pageDataOf>['plays']): string[] =>
  mdTable(
    ['Play', 'Image', 'Size', 'Revision', 'SHA-256'],
    plays.map(({ name, image: { file, bytes, sha256, revision } }) => [
      mdText(name),
      mdCode(file),
      mdText(exactSizeText(bytes)),
      mdText(revision),
      mdCode(sha256),
    ]),
  );

function hostLines({ units, topology, refusals }: PageHost): string[] {
  const selected = new Set(units.filter(({ restarts }) => restarts).map(({ id }) => id));
  const restarting = (topology?.units ?? []).filter(({ id }) => selected.has(id));
  const dark = topology === null ? [] : darkTexts(restarting, topology);
  return [
    ...(units.length === 0 ? ['No device is selected.'] : unitsTable(units)),
    ...(dark.length === 0 ? [] : ['', ...dark.map((line) => `- ${mdText(line)}`)]),
    ...units.flatMap(({ names, warnings }) => warnings.map((text) => `- ${mdText(names)}: ${mdText(text)}`)),
    ...refusals.flatMap(({ reason, error }) => [
      '',
      `**Refused:** ${mdText(reason)}. Next: ${mdText(error.next)}`,
    ]),
  ];
}

function unitsTable(units: readonly PageUnit[]): string[] {
  return mdTable(
    ['Device', 'Id', 'Product', 'Before', 'After', 'Decision', 'Why'],
    units.map(({ names, id, model, before, after, state, reason, error }) => [
      mdText(names),
      mdCode(id),
      mdText(model),
      mdText(before),
      mdText(after),
      `**${state}**`,
      mdText(error === null ? (reason ?? '') : `${reason ?? ''} [${error.code}]. Next: ${error.next}`),
    ]),
  );
}

const hostsTable = (hosts: readonly PageHost[]): string[] =>
  mdTable(
    ['Host', 'What', 'Exit'],
    hosts.map(({ name, units, exit }) => [
      mdText(name ?? '?'),
      mdText(
        countStates(units)
          .map(([state, count]) => `${count} ${state}`)
          .join(', ') || 'nothing selected',
      ),
      mdText(`${exit.code} (${exit.name})`),
    ]),
  );

/** Folded: a pull request with three hundred hosts is read by its table. */
const hostDetails = (host: PageHost): string[] => [
  `<details><summary>${mdText(host.name ?? '?')}</summary>`,
  '',
  ...hostLines(host),
  '',
  '</details>',
];
