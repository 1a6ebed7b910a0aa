import { programText } from '../../base/program-facts.ts';
import { exactSizeText } from '../quantities.ts';
import { h, type Child, type Markup } from './markup.ts';
import type { PageData, PageImage } from './page-data.ts';
import { table } from './table.ts';

/** Fields of the document and what they are called on the page. What a document does not have is left out. */
const FIELDS: readonly (readonly [path: string, label: string])[] = [
  ['command', 'Command'],
  ['run', 'Run'],
  ['job', 'Job'],
  ['hostName', 'Host'],
  ['machineId', 'Machine id'],
  ['startedAt', 'Started'],
  ['finishedAt', 'Finished'],
  ['sudoUser', 'By (sudo)'],
  ['playbook.name', 'Playbook'],
  ['playbook.file', 'Its file'],
  ['playbook.sha256', 'Its SHA-256'],
  ['playbook.why', 'Why'],
  ['playbook.gitCommit', 'Its commit'],
  ['digest', 'Digest of the plan'],
  ['planFile.file', 'Plan file'],
  ['planFile.digest', 'Its digest'],
  ['work', 'Hash of the work'],
];

/** What the page stands on: hashes, versions, who and where, and the commands that were not answered. */
export function factsSection(data: PageData): Markup {
  const { document, program } = data;
  const rows = FIELDS.flatMap(([path, label]): [string, string][] => {
    const value = valueAt(document, path.split('.'));
    return value === null ? [] : [[label, value]];
  });
  if (program !== null) rows.push(['runbook', programText(program)]);
  const unanswered = unansweredOf(data);
  const images = imageRows(data);
  return h(
    'section',
    {},
    h('h2', {}, 'What this stands on'),
    h(
      'dl',
      { class: 'facts' },
      rows.flatMap(([label, value]): Child[] => [h('dt', {}, label), h('dd', {}, value)]),
    ),
    images.length === 0 ? null : table('Images', ['Play', 'File', 'Size', 'Revision', 'SHA-256'], images),
    unanswered.length === 0
      ? null
      : table(
          'Commands that were not answered, or not as they should',
          ['Device', 'Command', 'What'],
          unanswered,
        ),
    h(
      'p',
      { class: 'dim' },
      'Made by runbook from its JSON report; the report has everything that stands here.',
    ),
  );
}

/** A plan tells them by its plays, a run for itself. */
function imageRows({ plays, images }: PageData): Child[][] {
  const row = (play: string, { file, sha256, revision }: PageImage, size: string): Child[] => [
    play,
    file,
    size,
    revision,
    h('code', {}, sha256),
  ];
  return plays.length > 0
    ? plays.map(({ name, image }) => row(name, image, exactSizeText(image.bytes)))
    : images.map((image) => row(image.play, image, '–'));
}

function valueAt(value: unknown, [name, ...rest]: readonly string[]): string | null {
  if (name === undefined) {
    return typeof value === 'string' ? value : null;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
  return valueAt(Reflect.get(value, name), rest);
}

function unansweredOf({ hosts }: PageData): Child[][] {
  return hosts.flatMap(({ name, units, timeline }) => {
    const names = new Map(units.map((unit) => [unit.id, unit.names]));
    const where = (unit: string): string => (hosts.length > 1 && name !== null ? `${name} ${unit}` : unit);
    const failed = units.flatMap(({ names: unit, error }) =>
      error?.cdb == null ? [] : [[where(unit), h('code', {}, error.cdb), error.sense?.text ?? error.message]],
    );
    const gaps = (timeline?.units ?? []).flatMap(({ id, gaps: silent }) =>
      silent.map(({ startMs, endMs }) => [
        where(names.get(id) ?? id),
        '–',
        `no answer for ${Math.round((endMs - startMs) / 1000)} s, ${Math.round(startMs / 1000)} s after the start`,
      ]),
    );
    return [...failed, ...gaps];
  });
}
