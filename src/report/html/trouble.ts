import type { Refusal } from '../../base/refusal.ts';
import { saysMore } from '../attention.ts';
import { failureFacts } from '../failure-text.ts';
import { troubleOf } from '../run-record.ts';
import { h, type Markup } from './markup.ts';
import { STATE_ORDER, type PageData } from './page-data.ts';

interface Trouble {
  readonly title: string;
  readonly weight: string;
  readonly said: readonly string[];
  readonly next: string | null;
  readonly rank: number;
}

/** What went wrong and what to do: equal things once, the worst first. */
export function troubleSection(data: PageData): Markup | null {
  const troubles = [
    ...commandTroubles(data),
    ...unitTroubles(data),
    ...warningTroubles(data),
    ...noteTroubles(data),
  ];
  if (troubles.length === 0) return null;
  return h(
    'section',
    {},
    h('h2', {}, 'What went wrong, and what to do'),
    troubles
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ title, weight, said, next }) =>
        h(
          'div',
          { class: `trouble is-${weight}` },
          h('h3', {}, title),
          said.map((line) => h('p', {}, line)),
          next === null ? null : h('p', { class: 'next' }, `Next: ${next}`),
        ),
      ),
  );
}

const factsOf = (error: Refusal): string[] =>
  failureFacts(error, '').filter((line) => !line.startsWith('next: '));

function commandTroubles({ document, hosts }: PageData): Trouble[] {
  const said = troubleOf(document);
  const own: Trouble[] =
    said.length === 0
      ? []
      : [
          {
            title: 'The command',
            weight: 'bad',
            said: [...said, ...(document.error === null ? [] : factsOf(document.error))],
            next: document.error?.next ?? 'Fix the files, then run: runbook validate',
            rank: -1,
          },
        ];
  const refused = grouped(
    hosts.flatMap((host) => host.refusals.map(({ reason, error }) => ({ name: host.name, reason, error }))),
    ({ reason, error }) => JSON.stringify([reason, error.next]),
  );
  return [
    ...own,
    ...refused.map(([{ reason, error }, names]) => ({
      title: `Refused${namesText(names.map(({ name }) => name))}`,
      weight: 'bad',
      said: [reason, ...factsOf(error)],
      next: error.next,
      rank: -1,
    })),
  ];
}

function unitTroubles({ hosts }: PageData): Trouble[] {
  const units = hosts.flatMap((host) => host.units.map((unit) => ({ unit, host: host.name })));
  const wanted = units.filter(
    ({ unit: { weight, state, reason } }) =>
      weight === 'bad' ||
      weight === 'warn' ||
      state === 'skipped' ||
      (state === 'updated' && reason !== null),
  );
  return grouped(wanted, ({ unit: { play, state, reason, error } }) =>
    JSON.stringify([play, state, reason, error]),
  ).map(([{ unit }, alike]) => {
    const { reason, error, state, weight, next } = unit;
    const message = saysMore(unit) ? [unit.error.message] : [];
    const names = alike.map(({ unit: one, host }) =>
      hosts.length > 1 ? `${host ?? '?'} ${one.names}` : one.names,
    );
    return {
      title: `${some(names)}: ${state}`,
      weight,
      said: [...(reason === null ? [] : [reason]), ...message, ...(error === null ? [] : factsOf(error))],
      next,
      rank: STATE_ORDER.indexOf(state),
    };
  });
}

const warningTroubles = ({ hosts }: PageData): Trouble[] =>
  grouped(
    hosts.flatMap((host) =>
      host.units.flatMap(({ names, warnings }) =>
        warnings.map((text) => ({ text, name: hosts.length > 1 ? `${host.name ?? '?'} ${names}` : names })),
      ),
    ),
    ({ text }) => text,
  ).map(([{ text }, alike]) => ({
    title: `${some(alike.map(({ name }) => name))}: a warning`,
    weight: 'warn',
    said: [text],
    next: null,
    rank: 99,
  }));

const noteTroubles = ({ hosts }: PageData): Trouble[] =>
  hosts.flatMap(({ notes }) =>
    notes.map(({ device, message, next }) => ({
      title: `${device ?? 'A journal'}: left by an earlier run`,
      weight: 'warn',
      said: [message],
      next,
      rank: 100,
    })),
  );

const namesText = (names: readonly (string | null)[]): string => {
  const known = names.flatMap((name) => name ?? []);
  return known.length === 0 ? '' : ` on ${some(known)}`;
};

const MOST_NAMED = 8;
const some = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more (${names.length} together)`;

function grouped<Value>(values: readonly Value[], keyOf: (value: Value) => string): [Value, Value[]][] {
  const groups = new Map<string, Value[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return [...groups.values()].map((group) => [group[0]!, group]);
}
