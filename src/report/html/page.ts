import { exitText } from '../exit-text.ts';
import { counted, secondsText, sizeText } from '../quantities.ts';
import type { Document } from '../documents.ts';
import { factsSection } from './facts.ts';
import { h, Markup, shown, markupText, type Child } from './markup.ts';
import {
  countStates,
  pageDataOf,
  STATE_ORDER,
  type PageData,
  type PageHost,
  type PageUnit,
} from './page-data.ts';
import { STYLE } from './style.ts';
import { table } from './table.ts';
import { timelineFigure } from './timeline.ts';
import { topologyFigure } from './topology.ts';
import { troubleSection } from './trouble.ts';
import { verdictSentence, verdictWeight } from './verdict.ts';

/** So many devices stand open; more of them are folded. */
const FEW_UNITS = 40;
/** So many hosts have their picture; of more hosts only those where something is wrong, up to this number. */
const MOST_PICTURES = 12;

/**
 * A report as one file that needs nothing else: no script, no font, no network. It is made of the JSON document alone, so the
 * same document gives the same bytes, wherever and whenever.
 */
export function htmlOf(document: Document): string {
  const data = pageDataOf(document);
  const weight = verdictWeight(data);
  const body = h(
    'main',
    {},
    h('h1', {}, data.title),
    data.simulated ? h('p', { class: 'simulated' }, 'Simulated devices: no real one was touched.') : null,
    h(
      'div',
      { class: `verdict is-${weight}` },
      h('p', { class: weight }, verdictSentence(data)),
      h('p', { class: 'dim' }, exitText(data.exit)),
    ),
    troubleSection(data),
    data.hosts.length > 1 ? hostsSection(data) : hostSections(data.hosts[0]!),
    factsSection(data),
  );
  const page = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      {},
      h('meta', { charset: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', { name: 'generator', content: 'runbook' }),
      h('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'none'; style-src 'unsafe-inline'",
      }),
      h('title', {}, `${data.title}: ${verdictSentence(data)}`),
      h('style', {}, new Markup(STYLE)),
    ),
    h('body', {}, body),
  );
  return `<!DOCTYPE html>\n${markupText(page)}\n`;
}

/** Devices, timeline and topology of the one host. */
function hostSections(host: PageHost): Child {
  const timeline = timelineFigure(host);
  const topology = topologyFigure(host);
  return [
    host.units.length === 0
      ? null
      : h(
          'section',
          {},
          h('h2', {}, 'Devices'),
          host.units.length <= FEW_UNITS
            ? unitsTable(host)
            : h('details', {}, h('summary', {}, countsText(host.units)), unitsTable(host)),
        ),
    timeline === null ? null : h('section', {}, h('h2', {}, 'Timeline'), timeline),
    topology === null ? null : h('section', {}, h('h2', {}, 'Topology'), topology),
  ];
}

const countsText = (units: readonly PageUnit[]): string =>
  `${counted(units.length, 'device')}: ${countStates(units)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')}`;

function unitsTable({ units, name }: PageHost): Markup {
  const isWork = units.some(({ chunks }) => chunks > 0);
  const head = ['Device', 'Id', 'Product', 'Play', 'Before', 'After', 'Outcome', ...(isWork ? ['Sent'] : [])];
  const sorted = units.toSorted((a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state));
  return table(
    `Every device${name === null ? '' : ` of ${shown(name)}`}, the worst first`,
    head,
    sorted.map((unit) => [
      unit.names,
      h('code', {}, unit.id),
      unit.model,
      unit.play,
      unit.before,
      unit.after,
      h('strong', { class: unit.weight }, unit.state),
      ...(isWork ? [workText(unit)] : []),
    ]),
    [0, 4, 5, 6],
  );
}

const workText = ({ chunks, bytes, seconds }: PageUnit): string =>
  chunks === 0 ? '–' : `${sizeText(bytes)} in ${counted(chunks, 'command')}, ${secondsText(seconds)}`;

/** Many hosts: one row with a small bar each, what is wrong first; their devices are folded below. */
function hostsSection({ hosts }: PageData): Child {
  const worst = ({ units }: PageHost): number =>
    Math.min(1000, ...units.map(({ state }) => STATE_ORDER.indexOf(state)));
  const sorted = hosts.toSorted((a, b) => worst(a) - worst(b));
  const pictured = new Set(
    (hosts.length <= MOST_PICTURES
      ? sorted
      : sorted.filter(({ units }) => units.some(({ weight }) => weight === 'bad'))
    ).slice(0, MOST_PICTURES),
  );
  return [
    h(
      'section',
      {},
      h('h2', {}, counted(hosts.length, 'host')),
      table(
        'Every host, those with trouble first',
        ['Host', 'Devices', 'What', 'Exit'],
        sorted.map((host) => [
          host.name ?? '?',
          [bar(host.units), ' ', String(host.units.length)],
          countStates(host.units)
            .map(([state, count]) => `${count} ${state}`)
            .join(', ') || 'nothing selected',
          `${host.exit.code} (${host.exit.name})`,
        ]),
      ),
    ),
    h(
      'section',
      {},
      h('h2', {}, 'Hosts in detail'),
      sorted.map((host) =>
        h(
          'details',
          { open: hosts.length <= MOST_PICTURES && pictured.has(host) },
          h(
            'summary',
            {},
            `${host.name ?? '?'}: ${countsText(host.units)}${host.told === null ? '' : `, ${host.told}`}`,
          ),
          host.units.length === 0 ? null : unitsTable(host),
          pictured.has(host) ? [timelineFigure(host), topologyFigure(host)] : null,
        ),
      ),
    ),
  ];
}

function bar(units: readonly PageUnit[]): Markup {
  const weights = ['bad', 'warn', 'good', 'dim'] as const;
  let x = 0;
  return h(
    'svg',
    { class: 'bar', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    weights.map((weight) => {
      const width = (100 * units.filter((unit) => unit.weight === weight).length) / Math.max(1, units.length);
      const part = h('rect', {
        class: `cell at-${weight}`,
        x: Math.round(x * 10) / 10,
        y: 0,
        width: Math.round(width * 10) / 10,
        height: 10,
      });
      x += width;
      return width === 0 ? null : part;
    }),
  );
}
