import { programText } from '../../base/program-facts.ts';
import { someNames } from '../attention.ts';
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
  return h(
    'section',
    {},
    h('h2', {}, 'What this stands on'),
    h(
      'dl',
      { class: 'facts' },
      rows.flatMap(([label, value]): Child[] => [h('dt', {}, label), h('dd', {}, value)]),
    ),
    imagesTable(data),
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

/** A plan tells them by its plays, with their size; a run for itself. */
function imagesTable({ plays, images }: PageData): Markup | null {
  const row = (play: string, { file, sha256, revision }: PageImage, size: readonly string[]): Child[] => [
    play,
    file,
    ...size,
    revision,
    h('code', {}, sha256),
  ];
  if (plays.length > 0) {
    const rows = plays.map(({ name, image }) => row(name, image, [exactSizeText(image.bytes)]));
    return table('Images', ['Play', 'File', 'Size', 'Revision', 'SHA-256'], rows);
  }
  const rows = images.map((image) => row(image.play, image, []));
  return rows.length === 0 ? null : table('Images', ['Play', 'File', 'Revision', 'SHA-256'], rows);
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
    const alike = new Map<
      string,
      { readonly cdb: string; readonly text: string; readonly devices: string[] }
    >();
    for (const { names: device, error } of units) {
      if (error?.cdb == null) continue;
      const text = error.sense?.text ?? error.message;
      const one = alike.get(`${error.cdb} ${text}`) ?? { cdb: error.cdb, text, devices: [] };
      one.devices.push(where(device));
      alike.set(`${error.cdb} ${text}`, one);
    }
    const failed = [...alike.values()].map(({ cdb, text, devices }) => [
      someNames(devices),
      h('code', {}, cdb),
      text,
    ]);
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
